/**
 * The live line of a page: one connection, any number of topics, each with its cursor. It reconnects for ever, asks again
 * for what a gap swallowed, and hands every change on exactly once and in order. Both pages use it; it knows neither of them.
 */
import { backoff } from './backoff';
import { RequestError, frameError, offline } from './http';
import type { Link } from './link';
import { socketLink } from './socket-link';
import { streamLink } from './stream-link';
import { CLOSE, type AckFrame, type ChangedFrame, type ClientFrame, type Cursor, type ServerFrame } from './wire';

/** `stopped` is for good: the reason says whether the token, the rights or this page's age are at fault. */
export type TransportState = 'idle' | 'connecting' | 'live' | 'waiting' | 'stopped';
export type StopReason = 'token' | 'forbidden' | 'outdated';

/** What a page does with one topic. The page holds the cursor together with the entries that it proves. */
export interface TopicHandler {
  cursor(): Cursor | undefined;
  /** A change that fits the cursor, a typing sign, a piece of a draft, an error of this topic, or a frame of the queue. */
  frame(frame: ServerFrame): void;
  /** What is held is too old or does not fit: load afresh, then call `refresh`. */
  resync(): void;
}

export interface TransportOptions {
  /** Where `/api/v1` begins, without a slash at the end; absolute or a path. */
  base: string;
  /** The token for `hello`; `fresh` when the last one was refused. Absent where a cookie speaks for the user. */
  token?: (fresh: boolean) => Promise<string | undefined>;
  /** Header fields of the fallback's requests, beside the bearer token. */
  headers?: () => Record<string, string>;
  state?: (state: TransportState, reason?: StopReason) => void;
  /** Every frame that is no `changed`: presence, notifications, acknowledgements, typing. */
  frame?: (frame: ServerFrame) => void;
}

export interface Transport {
  readonly state: TransportState;
  start(): void;
  /** Closes the line. Topics are kept for the next `start`. */
  stop(): void;
  /** Connects now instead of at the end of the waiting time; asks a live line for a sign of life. */
  kick(): void;
  /** Follows a topic; answers with the function that ends it. */
  watch(topic: string, handler: TopicHandler): () => void;
  /** Subscribes again with the handler's present cursor. */
  refresh(topic: string): void;
  /** Sends what needs no answer (`typing`, `read`); false if the line is down. */
  notify(frame: ClientFrame): boolean;
  /** Sends a message and waits for its acknowledgement. */
  request(frame: Extract<ClientFrame, { type: 'send' }>): Promise<AckFrame>;
}

interface Topic {
  handler: TopicHandler;
  /** Times in a row that a subscription did not fit the cursor. */
  misfits: number;
  /** Set while an answer to a subscription is awaited. */
  asked?: ReturnType<typeof setTimeout>;
  /** The page is loading afresh. */
  paused?: boolean;
}

interface Pending {
  resolve(ack: AckFrame): void;
  reject(error: RequestError): void;
}

/** What may have changed the line while nobody was looking; all of them reach the window. */
const KICKS = ['online', 'offline', 'pageshow', 'visibilitychange'];
const STABLE_MS = 10_000;
const ANSWER_MS = 10_000;
const UPGRADES_BEFORE_FALLBACK = 3;
/** How long a stay on streams lasts before a socket is tried again. */
const STAY_MS = 300_000;
const MISFITS_BEFORE_RESYNC = 2;

export function createTransport(options: TransportOptions): Transport {
  const topics = new Map<string, Topic>();
  const pending = new Map<string, Pending>();
  let state: TransportState = 'idle';
  let link: Link | undefined;
  let attempt = 0;
  let failedUpgrades = 0;
  let tokenRefused = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let stableTimer: ReturnType<typeof setTimeout> | undefined;
  let stayTimer: ReturnType<typeof setTimeout> | undefined;
  let kicks: AbortController | undefined;
  /** Rises with every attempt, so that what belonged to an earlier one is recognised. */
  let era = 0;

  const enter = (next: TransportState, reason?: StopReason): void => {
    if (state === next) return;
    state = next;
    options.state?.(next, reason);
  };
  const settled = (topic: Topic): void => {
    clearTimeout(topic.asked);
    topic.asked = undefined;
  };
  const subscribe = (name: string, topic: Topic): void => {
    settled(topic);
    if (!link || topic.paused) return;
    topic.asked = setTimeout(() => misfit(name, topic), ANSWER_MS);
    link.subscribe(name, topic.handler.cursor());
  };
  /** A change does not follow what is held: ask once more, and after some tries have the page load afresh. */
  const misfit = (name: string, topic: Topic): void => {
    topic.misfits += 1;
    if (topic.misfits > MISFITS_BEFORE_RESYNC) resync(topic);
    else subscribe(name, topic);
  };
  const resync = (topic: Topic): void => {
    settled(topic);
    topic.misfits = 0;
    topic.paused = true;
    topic.handler.resync();
  };
  const changed = (frame: ChangedFrame): void => {
    const name = `conversation:${frame.conversation}`;
    const topic = topics.get(name);
    if (!topic || topic.paused) return;
    const cursor = topic.handler.cursor();
    if (cursor === undefined || frame.prev === cursor || frame.version === cursor) {
      settled(topic);
      topic.misfits = 0;
      topic.handler.frame(frame);
    } else if (frame.version > Number(cursor) && !topic.asked) misfit(name, topic);
  };
  const receive = (frame: ServerFrame): void => {
    switch (frame.type) {
      case 'changed':
        changed(frame);
        return;
      case 'resync': {
        const topic = topics.get(frame.topic);
        if (topic) resync(topic);
        break;
      }
      case 'ack':
        pending.get(frame.client_id)?.resolve(frame);
        break;
      case 'error': {
        if (frame.client_id) pending.get(frame.client_id)?.reject(frameError(frame.code, frame.detail));
        const topic = frame.topic ? topics.get(frame.topic) : undefined;
        if (topic) {
          settled(topic);
          topic.handler.frame(frame);
        }
        break;
      }
      case 'queue': {
        const topic = topics.get('queue');
        if (topic && !topic.paused) {
          settled(topic);
          topic.handler.frame(frame);
        }
        break;
      }
      case 'typing':
      case 'assistant_delta':
      case 'assistant_discard':
        topics.get(`conversation:${frame.conversation}`)?.handler.frame(frame);
        break;
    }
    options.frame?.(frame);
  };
  const drop = (): void => {
    era += 1;
    link?.end();
    link = undefined;
    clearTimeout(retryTimer);
    clearTimeout(stableTimer);
    clearTimeout(stayTimer);
    topics.forEach(settled);
    pending.forEach(({ reject }) => reject(offline()));
    pending.clear();
  };
  const halt = (reason?: StopReason): void => {
    drop();
    kicks?.abort();
    enter(reason ? 'stopped' : 'idle', reason);
  };
  const retry = (): void => {
    drop();
    enter('waiting');
    retryTimer = setTimeout(connect, backoff(attempt));
    attempt += 1;
  };
  const again = (): void => {
    drop();
    void connect();
  };
  const closed = (code: number, wasLive: boolean): void => {
    if (code === CLOSE.forbidden) halt('forbidden');
    else if (code === CLOSE.tooOld) halt('outdated');
    else if (code === CLOSE.token) {
      if (tokenRefused || !options.token) halt('token');
      else {
        tokenRefused = true;
        again();
      }
    } else {
      // Without a network every upgrade fails, and a server that asks for time answers: neither says anything about sockets.
      if (!wasLive && code !== CLOSE.tryLater && navigator.onLine !== false) failedUpgrades += 1;
      retry();
    }
  };
  const connect = async (): Promise<void> => {
    clearTimeout(retryTimer);
    const mine = ++era;
    enter('connecting');
    let token: string | undefined;
    try {
      token = await options.token?.(tokenRefused);
    } catch (error) {
      if (mine !== era) return;
      if (error instanceof RequestError && !error.retryable) halt('token');
      else retry();
      return;
    }
    if (mine !== era) return;
    const streams = failedUpgrades >= UPGRADES_BEFORE_FALLBACK;
    let wasLive = false;
    const events = {
      live: () => {
        if (mine !== era) return;
        wasLive = true;
        // On streams sockets stay under suspicion: the next attempt tries one, once.
        failedUpgrades = streams ? UPGRADES_BEFORE_FALLBACK - 1 : 0;
        if (streams) stayTimer = setTimeout(again, STAY_MS);
        stableTimer = setTimeout(() => {
          attempt = 0;
          tokenRefused = false;
        }, STABLE_MS);
        enter('live');
      },
      frame: (frame: ServerFrame) => mine === era && receive(frame),
      closed: (code: number) => {
        if (mine !== era) return;
        if (streams && !wasLive) failedUpgrades = UPGRADES_BEFORE_FALLBACK - 2;
        closed(code, wasLive);
      },
    };
    const resubscribe = (opened: Link): void => {
      link = opened;
      topics.forEach((topic, name) => subscribe(name, topic));
    };
    if (streams) {
      link = streamLink(options.base, { ...options.headers?.(), ...(token && { authorization: `Bearer ${token}` }) }, resubscribe, events);
    } else {
      const url = new URL(`${options.base}/api/v1/ws`, location.href);
      url.protocol = url.protocol.replace('http', 'ws');
      try {
        link = socketLink(url.href, token, resubscribe, events);
      } catch {
        // A host's security policy may forbid the address: that is a failed upgrade too.
        events.closed(0);
      }
    }
  };
  const kick = (): void => {
    if (document.visibilityState === 'hidden') return;
    if (state === 'waiting') void connect();
    else if (state === 'live') link?.probe();
  };

  return {
    get state() {
      return state;
    },
    start() {
      if (state !== 'idle' && state !== 'stopped') return;
      attempt = failedUpgrades = 0;
      tokenRefused = false;
      kicks = new AbortController();
      for (const event of KICKS) addEventListener(event, kick, kicks);
      void connect();
    },
    stop: () => halt(),
    kick,
    watch(name, handler) {
      const topic: Topic = { handler, misfits: 0 };
      topics.set(name, topic);
      subscribe(name, topic);
      return () => {
        if (topics.get(name) !== topic) return;
        settled(topic);
        topics.delete(name);
        link?.unsubscribe(name);
      };
    },
    refresh(name) {
      const topic = topics.get(name);
      if (!topic) return;
      topic.paused = false;
      subscribe(name, topic);
    },
    notify(frame) {
      if (state !== 'live') return false;
      link?.write(frame);
      return true;
    },
    request(frame) {
      if (state !== 'live') return Promise.reject(offline());
      return new Promise<AckFrame>((resolve, reject) => {
        const timer = setTimeout(() => finish(() => reject(offline())), ANSWER_MS * 2);
        const finish = (outcome: () => void): void => {
          clearTimeout(timer);
          pending.delete(frame.client_id);
          outcome();
        };
        pending.set(frame.client_id, {
          resolve: (ack) => finish(() => resolve(ack)),
          reject: (error) => finish(() => reject(error)),
        });
        link?.write(frame);
      });
    },
  };
}
