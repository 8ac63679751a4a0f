/**
 * Web storage that never throws: private windows, sandboxed frames and full disks make every call of the real one fail.
 * What cannot be kept is kept in memory for as long as the page lives.
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
  const memory = new Map<string, string>();
  const attempt = <T>(action: (storage: Storage) => T): T | undefined => {
    try {
      return action(kind === 'local' ? localStorage : sessionStorage);
    } catch {
      return undefined;
    }
  };
  const set = (key: string, value: unknown): void => {
    memory.delete(key);
    if (value === undefined) {
      attempt((storage) => storage.removeItem(prefix + key));
      return;
    }
    const text = JSON.stringify(value);
    const kept = attempt((storage) => {
      storage.setItem(prefix + key, text);
      return true;
    });
    if (!kept) memory.set(key, text);
  };
  const keys = (): string[] => {
    const found = new Set(memory.keys());
    for (const key of attempt((storage) => Object.keys(storage)) ?? []) {
      if (key.startsWith(prefix)) found.add(key.slice(prefix.length));
    }
    return [...found];
  };
  return {
    get<T>(key: string): T | undefined {
      const text = memory.get(key) ?? attempt((storage) => storage.getItem(prefix + key));
      if (text == null) return undefined;
      try {
        return JSON.parse(text) as T;
      } catch {
        return undefined;
      }
    },
    set,
    keys,
    clear: () => keys().forEach((key) => set(key, undefined)),
  };
}
