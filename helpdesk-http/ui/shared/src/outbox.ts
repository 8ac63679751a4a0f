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
  /** It opens a conversation even where one is open. */
  fresh?: boolean;
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
  add(text: string, conversation: string | null, base: number, fresh?: boolean): boolean;
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

/** Where the waiting messages are stored, each under its own key: other tabs have theirs beside them. */
const STORED = 'out.';

/** 128 random bits. `crypto.randomUUID` exists on secure pages only; this works on all. */
export const newClientId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');

export function createOutbox({ storage, deliver, changed }: OutboxOptions): Outbox {
  let items: OutboxItem[] = storage
    .keys()
    .filter((name) => name.startsWith(STORED))
    .flatMap((name) => storage.get<OutboxItem>(name) ?? [])
    .map((item): OutboxItem => ({ ...item, state: item.state === 'failed' ? item.state : 'queued' }))
    .sort((a, b) => a.order - b.order);
  const busy = new Set<string>();
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Rises with `clear`: answers to what was sent before mean nothing any more. */
  let era = 0;

  const forget = ({ client_id }: OutboxItem): void => storage.set(STORED + client_id, undefined);
  const put = (item: OutboxItem, change?: Partial<OutboxItem>): OutboxItem => {
    const next = { ...item, ...change };
    items = items.includes(item) ? items.map((other) => (other === item ? next : other)) : [...items, next];
    if (next.state === 'sent') forget(next);
    else storage.set(STORED + next.client_id, next);
    changed();
    return next;
  };
  const failed = (clientId: string): OutboxItem | undefined => items.find((item) => item.client_id === clientId && item.state === 'failed');
  /** One message of a conversation is under way at a time: that keeps the order over any failure. */
  const pump = async (lane: string | null): Promise<void> => {
    const name = `${lane}`;
    if (busy.has(name)) return;
    busy.add(name);
    const mine = era;
    for (let waiting; (waiting = items.find((item) => item.state === 'queued' && item.conversation === lane)); ) {
      const item = put(waiting, { state: 'sending' });
      try {
        const { conversation, seq } = await deliver(item);
        if (mine !== era) return;
        attempt = 0;
        put(item, { state: 'sent', conversation, seq });
        if (lane === null) {
          // The first message of a conversation names it: what waited behind it waits there now.
          items.filter((other) => other.conversation === null).forEach((other) => put(other, { conversation }));
          void pump(conversation);
        }
      } catch (error) {
        if (mine !== era) return;
        if (error instanceof RequestError && !error.retryable) put(item, { state: 'failed', code: error.code });
        else {
          put(item, { state: 'queued' });
          clearTimeout(timer);
          timer = setTimeout(kick, (error as Partial<RequestError>).retryAfter ?? 500 + backoff(attempt++));
          break;
        }
      }
    }
    busy.delete(name);
  };
  const kick = (): void => {
    clearTimeout(timer);
    items.forEach(({ state, conversation }) => state === 'queued' && void pump(conversation));
  };

  return {
    get items() {
      return items;
    },
    add(text, conversation, base, fresh) {
      if (items.filter(({ state }) => state !== 'sent').length >= OUTBOX_LIMIT) return false;
      const order = Math.max(Date.now(), (items.at(-1)?.order ?? 0) + 1);
      put({ client_id: newClientId(), conversation, text, fresh, at: new Date().toISOString(), order, base, state: 'queued' });
      void pump(conversation);
      return true;
    },
    kick,
    retry(clientId) {
      const item = failed(clientId);
      if (item) put(item, { state: 'queued', code: undefined });
      kick();
    },
    discard(clientId) {
      const item = failed(clientId);
      if (!item) return;
      forget(item);
      items = items.filter((other) => other !== item);
      changed();
    },
    settle(conversation, entries) {
      const left = items.filter((item) => item.conversation !== conversation || !entries.some(({ seq }) => seq === item.seq));
      if (left.length === items.length) return;
      items = left;
      changed();
    },
    clear() {
      era += 1;
      clearTimeout(timer);
      busy.clear();
      items.forEach(forget);
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
