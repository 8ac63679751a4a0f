/**
 * Messages on their way. Each is stored before it is sent, keeps its `client_id` over every attempt and every reload, and
 * leaves in the order in which it was written; the server's memory of the id makes any number of attempts one delivery.
 */
import { backoff } from './backoff';
import { RequestError } from './http';
import type { KeyValue } from './storage';
import type { Entry } from './wire';

export interface OutboxItem {
  client_id: string;
  /** None yet: the message opens one. */
  conversation: string | null;
  text: string;
  /** RFC 3339. */
  at: string;
  /** Place among the waiting messages. */
  order: number;
  /** The last entry seen when it was written: its own comes after. */
  base: number;
  state: 'queued' | 'sending' | 'sent' | 'failed';
  /** Why it failed. */
  code?: string;
  /** Its entry, once acknowledged. */
  seq?: number;
}

export interface Delivered {
  conversation: string;
  seq: number;
}

export interface OutboxOptions {
  storage: KeyValue;
  /** Sends one message; throws `RequestError`. */
  deliver(item: OutboxItem): Promise<Delivered>;
  /** Called after every change of `items`. */
  changed(): void;
}

export interface Outbox {
  readonly items: readonly OutboxItem[];
  /** Answers false when too many are waiting. */
  add(text: string, conversation: string | null, base: number): boolean;
  /** Sends what waits: the line is up again. */
  kick(): void;
  /** A failed message is tried again. */
  retry(clientId: string): void;
  /** A failed message is given up. */
  discard(clientId: string): void;
  /** The log now shows these entries: acknowledged messages among them leave. */
  settle(conversation: string, entries: readonly Entry[]): void;
  /** Forgets everything, stored or not. */
  clear(): void;
}

/** More waiting messages than this are refused: somebody is writing into a line that is down. */
export const OUTBOX_LIMIT = 50;

/** `crypto.randomUUID` exists on secure pages only; this works on all. */
export function newClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function createOutbox({ storage, deliver, changed }: OutboxOptions): Outbox {
  const key = (item: OutboxItem): string => `out.${item.client_id}`;
  let items: OutboxItem[] = storage
    .keys()
    .filter((name) => name.startsWith('out.'))
    .map((name) => storage.get<OutboxItem>(name))
    .filter((item) => item !== undefined)
    .map((item): OutboxItem => ({ ...item, state: item.state === 'failed' ? 'failed' : 'queued' }))
    .sort((a, b) => a.order - b.order);
  const busy = new Set<string>();
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Rises with `clear`: answers to what was sent before mean nothing any more. */
  let era = 0;

  const update = (item: OutboxItem, change: Partial<OutboxItem>): OutboxItem => {
    const next = { ...item, ...change };
    items = items.map((other) => (other.client_id === item.client_id ? next : other));
    return next;
  };
  const store = (item: OutboxItem): void => storage.set(key(item), item);
  const remove = (clientId: string): void => {
    storage.set(`out.${clientId}`, undefined);
    items = items.filter((item) => item.client_id !== clientId);
  };
  /** One message of a conversation is under way at a time: that keeps the order over any failure. */
  const pump = async (lane: string): Promise<void> => {
    if (busy.has(lane)) return;
    busy.add(lane);
    const mine = era;
    for (;;) {
      const waiting = items.find((item) => item.state === 'queued' && (item.conversation ?? '') === lane);
      if (!waiting) break;
      const item = update(waiting, { state: 'sending' });
      changed();
      try {
        const { conversation, seq } = await deliver(item);
        if (mine !== era) return;
        attempt = 0;
        storage.set(key(item), undefined);
        update(item, { state: 'sent', conversation, seq, code: undefined });
        if (item.conversation === null) {
          // The first message of a conversation names it: what waited behind it waits there now.
          items.filter((other) => other.conversation === null).forEach((other) => store(update(other, { conversation })));
          void pump(conversation);
        }
        changed();
      } catch (error) {
        if (mine !== era) return;
        if (!(error instanceof RequestError) || error.retryable) {
          update(item, { state: 'queued' });
          clearTimeout(timer);
          const wait = error instanceof RequestError ? error.retryAfter : undefined;
          timer = setTimeout(kick, wait ?? 500 + backoff(attempt++));
          changed();
          break;
        }
        store(update(item, { state: 'failed', code: error.code }));
        changed();
      }
    }
    busy.delete(lane);
  };
  const kick = (): void => {
    clearTimeout(timer);
    for (const lane of new Set(items.filter((item) => item.state === 'queued').map((item) => item.conversation ?? ''))) void pump(lane);
  };

  return {
    get items() {
      return items;
    },
    add(text, conversation, base) {
      if (items.filter((item) => item.state !== 'sent').length >= OUTBOX_LIMIT) return false;
      const order = Math.max(Date.now(), (items.at(-1)?.order ?? 0) + 1);
      const item: OutboxItem = { client_id: newClientId(), conversation, text, at: new Date().toISOString(), order, base, state: 'queued' };
      store(item);
      items = [...items, item];
      changed();
      void pump(conversation ?? '');
      return true;
    },
    kick,
    retry(clientId) {
      const item = items.find((other) => other.client_id === clientId && other.state === 'failed');
      if (!item) return;
      store(update(item, { state: 'queued', code: undefined }));
      changed();
      kick();
    },
    discard(clientId) {
      remove(clientId);
      changed();
    },
    settle(conversation, entries) {
      const seqs = new Set(entries.map((entry) => entry.seq));
      const left = items.filter((item) => item.state !== 'sent' || item.conversation !== conversation || !seqs.has(item.seq!));
      if (left.length === items.length) return;
      items = left;
      changed();
    },
    clear() {
      era += 1;
      clearTimeout(timer);
      busy.clear();
      items.forEach((item) => storage.set(key(item), undefined));
      items = [];
      changed();
    },
  };
}

/**
 * The messages to show below the log. Between the entry and its acknowledgement both are held: a message whose text stands
 * in an entry of this author above its base is already shown.
 */
export function shownOutbox(items: readonly OutboxItem[], conversation: string | null, entries: readonly Entry[], mine: (entry: Entry) => boolean): OutboxItem[] {
  const taken = new Set<number>();
  return items.filter((item) => {
    if (item.conversation !== conversation) return false;
    const twin = entries.find((entry) =>
      item.seq === undefined
        ? entry.seq > item.base && !taken.has(entry.seq) && mine(entry) && entry.body.type === 'message' && entry.body.text === item.text
        : entry.seq === item.seq,
    );
    if (twin) taken.add(twin.seq);
    return !twin;
  });
}
