/**
 * Web storage that never throws: private windows, sandboxed frames and full disks make every call of the real one fail.
 * Then nothing is kept: whoever stores here must be able to live without it.
 */
export interface KeyValue {
  get<T>(key: string): T | undefined;
  /** `undefined` removes the key. */
  set(key: string, value: unknown): void;
  keys(): string[];
  /** Removes every key of this prefix and of no other. */
  clear(): void;
}

/** `prefix` separates this page's keys from those of its host. */
export function keyValue(kind: 'local' | 'session', prefix: string): KeyValue {
  const attempt = <T>(action: (storage: Storage) => T): T | undefined => {
    try {
      return action(kind === 'local' ? localStorage : sessionStorage);
    } catch {
      return undefined;
    }
  };
  const kept: KeyValue = {
    get: <T>(key: string): T | undefined => attempt((storage) => JSON.parse(storage.getItem(prefix + key)!) as T) ?? undefined,
    set: (key, value) =>
      attempt((storage) => (value === undefined ? storage.removeItem(prefix + key) : storage.setItem(prefix + key, JSON.stringify(value)))),
    keys: () =>
      (attempt(Object.keys) ?? []).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)),
    clear: () => kept.keys().forEach((key) => kept.set(key, undefined)),
  };
  return kept;
}
