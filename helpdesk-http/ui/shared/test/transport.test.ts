import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RequestError } from '../src/http';
import { createTransport, type Transport, type TransportOptions } from '../src/transport';
import type { ChangedFrame, Cursor, ServerFrame } from '../src/wire';
import { FakeSocket } from './fake-socket';
import { changed, message } from './samples';

let transport: Transport;
let states: string[];

const start = (options: Partial<TransportOptions> = {}): Transport => {
  transport = createTransport({ base: 'http://desk.test/nest', state: (state, reason) => states.push(reason ? `${state} ${reason}` : state), ...options });
  transport.start();
  return transport;
};
/** Lets promises run; no time passes. */
const soon = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const topic = (cursor: Cursor | undefined = 0) => {
  const seen: ServerFrame[] = [];
  const handler = {
    at: cursor as Cursor | undefined,
    seen,
    resyncs: 0,
    cursor: () => handler.at,
    frame(frame: ServerFrame) {
      seen.push(frame);
      if (frame.type === 'changed') handler.at = frame.version;
    },
    resync() {
      handler.resyncs += 1;
    },
    versions: () => seen.filter((frame): frame is ChangedFrame => frame.type === 'changed').map((frame) => frame.version),
  };
  return handler;
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(1);
  vi.stubGlobal('WebSocket', FakeSocket);
  FakeSocket.all = [];
  FakeSocket.heard = () => {};
  FakeSocket.created = () => {};
  states = [];
});
afterEach(() => {
  transport?.stop();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('connecting', () => {
  test('says hello with the token and subscribes with each cursor before anything else', async () => {
    start({ token: async () => 'secret' });
    transport.watch('conversation:k', topic(41));
    transport.watch('queue', topic('q-7'));
    await soon();
    expect(FakeSocket.last.url).toBe('ws://desk.test/nest/api/v1/ws');
    FakeSocket.last.welcome();
    expect(FakeSocket.last.sent).toEqual([
      { type: 'hello', protocol: 1, token: 'secret' },
      { type: 'subscribe', topic: 'conversation:k', after: 41 },
      { type: 'subscribe', topic: 'queue', after: 'q-7' },
    ]);
    expect(states).toEqual(['connecting', 'live']);
  });

  test('waits longer after each failure, half a minute at most, and starts over only after ten stable seconds', async () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    start();
    await soon();
    for (const wait of [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]) {
      const before = FakeSocket.all.length;
      FakeSocket.last.break();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(FakeSocket.all.length).toBe(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.all.length).toBe(before + 1);
    }
    FakeSocket.last.welcome();
    await vi.advanceTimersByTimeAsync(9_000);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(states.at(-1)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    FakeSocket.last.welcome();
    await vi.advanceTimersByTimeAsync(10_000);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(500);
    expect(states.at(-1)).toBe('connecting');
  });

  test.each(['online', 'pageshow'])('%s connects at once instead of waiting', async (event) => {
    start();
    await soon();
    FakeSocket.last.break();
    window.dispatchEvent(new Event(event));
    await soon();
    expect(FakeSocket.all.length).toBe(2);
  });

  test('a socket that opens and never greets is given up after ten seconds', async () => {
    start();
    await soon();
    FakeSocket.last.open();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(states.at(-1)).toBe('waiting');
  });

  test('two missed pongs close the line, one does not', async () => {
    start();
    await soon();
    FakeSocket.last.welcome();
    await vi.advanceTimersByTimeAsync(50_000);
    expect(FakeSocket.last.asked('ping').length).toBe(2);
    FakeSocket.last.say({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(50_000);
    expect(states.at(-1)).toBe('live');
    await vi.advanceTimersByTimeAsync(25_000);
    expect(states.at(-1)).toBe('waiting');
  });

  test('a page that wakes up asks for a sign of life and gives up a dead line in five seconds', async () => {
    start();
    await soon();
    FakeSocket.last.welcome();
    window.dispatchEvent(new Event('pageshow'));
    expect(FakeSocket.last.asked('ping').length).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.say({ type: 'pong' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states.at(-1)).toBe('live');
    window.dispatchEvent(new Event('pageshow'));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states.at(-1)).toBe('waiting');
  });

  test('4401 fetches one new token, a second refusal stops', async () => {
    const token = vi.fn(async (fresh: boolean) => (fresh ? 'new' : 'old'));
    start({ token });
    await soon();
    FakeSocket.last.open();
    FakeSocket.last.break(4401);
    await soon();
    FakeSocket.last.open();
    expect(FakeSocket.last.asked('hello')[0]).toMatchObject({ token: 'new' });
    FakeSocket.last.break(4401);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(FakeSocket.all.length).toBe(2);
    expect(states.at(-1)).toBe('stopped token');
  });

  test.each([
    [4403, 'stopped forbidden'],
    [4410, 'stopped outdated'],
  ])('%i stops for good', async (code, state) => {
    start();
    await soon();
    FakeSocket.last.open();
    FakeSocket.last.break(code);
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(100_000);
    expect(FakeSocket.all.length).toBe(1);
    expect(states.at(-1)).toBe(state);
  });

  test('a refused token request stops, a failed one is repeated', async () => {
    const token = vi.fn().mockRejectedValueOnce(new RequestError(503, 'busy', '')).mockRejectedValueOnce(new RequestError(401, 'unauthorized', ''));
    start({ token });
    await soon();
    expect(states.at(-1)).toBe('waiting');
    await vi.advanceTimersByTimeAsync(500);
    expect(states.at(-1)).toBe('stopped token');
  });

  test('what a stopped line still says is not heard', async () => {
    const handler = topic();
    start();
    transport.watch('conversation:k', handler);
    await soon();
    const socket = FakeSocket.last;
    socket.welcome();
    const { onmessage } = socket;
    transport.stop();
    onmessage?.({ data: JSON.stringify(changed(0, 1)) });
    expect(handler.seen).toEqual([]);
    expect(states.at(-1)).toBe('idle');
  });
});

describe('topics', () => {
  const live = async (cursor: Cursor | undefined = 0) => {
    const handler = topic(cursor);
    start();
    transport.watch('conversation:k', handler);
    await soon();
    FakeSocket.last.welcome();
    return handler;
  };

  test('drops what is held, applies what fits, asks again for a gap once', async () => {
    const handler = await live();
    const socket = FakeSocket.last;
    socket.say(changed(0, 1, [message(1)]));
    socket.say(changed(1, 3, [message(2)]));
    socket.say(changed(0, 1, [message(1)]));
    socket.say(changed(5, 6, [message(4)]));
    socket.say(changed(6, 7, [message(5)]));
    expect(handler.versions()).toEqual([1, 3]);
    expect(socket.asked('subscribe').slice(1)).toEqual([{ type: 'subscribe', topic: 'conversation:k', after: 3 }]);
    socket.say(changed(3, 7, [message(3), message(4), message(5)]));
    expect(handler.versions()).toEqual([1, 3, 7]);
  });

  test('after two subscriptions that do not fit the page loads afresh, and goes on with its new cursor', async () => {
    const handler = await live(4);
    const socket = FakeSocket.last;
    socket.say(changed(4, 5));
    for (let round = 0; round < 3; round += 1) {
      socket.say(changed(8, 9));
      await vi.advanceTimersByTimeAsync(10_000);
      if (handler.resyncs) break;
    }
    expect(handler.resyncs).toBe(1);
    socket.say(changed(5, 6));
    expect(handler.versions()).toEqual([5]);
    handler.at = 9;
    transport.refresh('conversation:k');
    expect(socket.sent.at(-1)).toEqual({ type: 'subscribe', topic: 'conversation:k', after: 9 });
    socket.say(changed(9, 10));
    expect(handler.versions()).toEqual([5, 10]);
  });

  test('a resync frame makes the page load afresh', async () => {
    const handler = await live(4);
    FakeSocket.last.say({ type: 'resync', topic: 'conversation:k' });
    expect(handler.resyncs).toBe(1);
  });

  test('a subscription that is never answered is repeated', async () => {
    await live(4);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(FakeSocket.last.asked('subscribe').length).toBe(2);
  });

  test('without a cursor the first change sets it', async () => {
    const handler = topic();
    handler.at = undefined;
    start();
    transport.watch('conversation:k', handler);
    await soon();
    FakeSocket.last.welcome();
    expect(FakeSocket.last.asked('subscribe')[0]).toEqual({ type: 'subscribe', topic: 'conversation:k' });
    FakeSocket.last.say(changed(31, 31));
    FakeSocket.last.say(changed(31, 32));
    expect(handler.versions()).toEqual([31, 32]);
  });

  test('an ended topic is unsubscribed and not asked for again', async () => {
    const handler = topic();
    start();
    const end = transport.watch('conversation:k', handler);
    await soon();
    FakeSocket.last.welcome();
    end();
    expect(FakeSocket.last.sent.at(-1)).toEqual({ type: 'unsubscribe', topic: 'conversation:k' });
    FakeSocket.last.say(changed(0, 1));
    expect(handler.seen).toEqual([]);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(500);
    FakeSocket.last.welcome();
    expect(FakeSocket.last.asked('subscribe')).toEqual([]);
  });

  test('drafts and typing go to their conversation, presence to the page', async () => {
    const heard: string[] = [];
    const handler = topic();
    start({ frame: (frame) => heard.push(frame.type) });
    transport.watch('conversation:k', handler);
    await soon();
    FakeSocket.last.welcome();
    FakeSocket.last.say({ type: 'assistant_delta', conversation: 'k', turn: 1, offset: 0, text: 'x' });
    FakeSocket.last.say({ type: 'assistant_delta', conversation: 'other', turn: 1, offset: 0, text: 'x' });
    FakeSocket.last.say({ type: 'presence', actor: { type: 'contact', id: 'c' }, online: true });
    expect(handler.seen.map((frame) => frame.type)).toEqual(['assistant_delta']);
    expect(heard).toEqual(['welcome', 'assistant_delta', 'assistant_delta', 'presence']);
  });
});

describe('sending', () => {
  const frame = { type: 'send', client_id: 'one', conversation: 'k', text: 'hi' } as const;

  test('resolves by the acknowledgement of its client_id', async () => {
    start();
    await soon();
    FakeSocket.last.welcome();
    const answer = transport.request(frame);
    FakeSocket.last.say({ type: 'ack', client_id: 'other', conversation: 'k', seq: 1 });
    FakeSocket.last.say({ type: 'ack', client_id: 'one', conversation: 'k', seq: 2 });
    expect((await answer).seq).toBe(2);
  });

  test.each([
    ['busy', true],
    ['rate_limited', true],
    ['conversation_resolved', false],
    ['invalid', false],
  ])('an error %s rejects; worth repeating: %s', async (code, retryable) => {
    start();
    await soon();
    FakeSocket.last.welcome();
    const answer = transport.request(frame);
    FakeSocket.last.say({ type: 'error', client_id: 'one', code, detail: '' });
    await expect(answer).rejects.toMatchObject({ code, retryable });
  });

  test('a broken line rejects what waits for an answer, and so does a line that is down', async () => {
    start();
    await expect(transport.request(frame)).rejects.toMatchObject({ code: 'offline', retryable: true });
    await soon();
    FakeSocket.last.welcome();
    const answer = transport.request(frame);
    FakeSocket.last.break();
    await expect(answer).rejects.toMatchObject({ code: 'offline' });
    expect(transport.notify({ type: 'ping' })).toBe(false);
  });
});

describe('where sockets are blocked', () => {
  const alive: ReturnType<typeof setInterval>[] = [];
  const streamed = (frames: ServerFrame[], keep = true): Response =>
    new Response(
      new ReadableStream({
        start(controller) {
          for (const frame of frames) controller.enqueue(new TextEncoder().encode(`: alive\ndata: ${JSON.stringify(frame)}\n\n`));
          if (keep) alive.push(setInterval(() => controller.enqueue(new TextEncoder().encode(': alive\n\n')), 15_000));
          else controller.close();
        },
        cancel: () => alive.splice(0).forEach(clearInterval),
      }),
      { headers: { 'content-type': 'text/event-stream' } },
    );
  const blocked = async (): Promise<void> => {
    FakeSocket.created = (socket) => queueMicrotask(() => socket.break());
    for (let attempt = 0; attempt < 3; attempt += 1) await vi.advanceTimersByTimeAsync(4_000);
  };

  test('three failed upgrades turn to streams with the same cursor, posting to frames', async () => {
    const fetched: [string, RequestInit | undefined][] = [];
    vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
      fetched.push([url, init]);
      return init?.method === 'POST'
        ? Response.json({ frames: [{ type: 'ack', client_id: 'one', conversation: 'k', seq: 9 }] })
        : streamed([changed(4, 5, [message(5)])]);
    });
    const handler = topic(4);
    start({ token: async () => 'secret' });
    transport.watch('conversation:k', handler);
    await blocked();
    expect(FakeSocket.all.length).toBe(3);
    expect(states.at(-1)).toBe('live');
    expect(fetched[0]![0]).toBe('http://desk.test/nest/api/v1/events?topic=conversation:k&after=4');
    expect(new Headers(fetched[0]![1]?.headers).get('authorization')).toBe('Bearer secret');
    expect(handler.versions()).toEqual([5]);
    const ack = await transport.request({ type: 'send', client_id: 'one', conversation: 'k', text: 'hi' });
    expect(ack.seq).toBe(9);
  });

  test('a server that asks for time is no reason to leave sockets', async () => {
    const fetches = vi.fn();
    vi.stubGlobal('fetch', fetches);
    start();
    transport.watch('conversation:k', topic(0));
    for (let refused = 0; refused < 6; refused += 1) {
      while (FakeSocket.all.length === refused) await vi.advanceTimersByTimeAsync(500);
      FakeSocket.last.open();
      FakeSocket.last.break(1013);
    }
    expect(FakeSocket.all.length).toBe(6);
    expect(fetches).not.toHaveBeenCalled();
  });

  test('a socket is tried again every five minutes', async () => {
    vi.stubGlobal('fetch', async () => streamed([changed(0, 1)]));
    start();
    transport.watch('conversation:k', topic(0));
    await blocked();
    expect(FakeSocket.all.length).toBe(3);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(FakeSocket.all.length).toBe(4);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(states.at(-1)).toBe('live');
    FakeSocket.created = (socket) => queueMicrotask(() => socket.welcome());
    await vi.advanceTimersByTimeAsync(300_000);
    expect(FakeSocket.all.length).toBe(5);
    expect(states.at(-1)).toBe('live');
    expect(FakeSocket.last.asked('subscribe')[0]).toMatchObject({ after: 1 });
  });

  test('a topic that may not be read is told to its handler and does not break the line', async () => {
    vi.stubGlobal('fetch', async (url: string) =>
      url.includes('gone') ? Response.json({ code: 'not_found', detail: 'No such conversation' }, { status: 404 }) : streamed([changed(0, 1)]),
    );
    const gone = topic();
    const there = topic();
    start();
    transport.watch('conversation:gone', gone);
    transport.watch('conversation:k', there);
    await blocked();
    expect(states.at(-1)).toBe('live');
    expect(gone.seen).toEqual([{ type: 'error', topic: 'conversation:gone', code: 'not_found', detail: 'No such conversation' }]);
    expect(there.versions()).toEqual([1]);
  });

  test('a stream that ends is a lost line; 401 asks for a new token', async () => {
    let refuse = false;
    const tokens: boolean[] = [];
    vi.stubGlobal('fetch', async () => (refuse ? Response.json({ code: 'unauthorized', detail: '' }, { status: 401 }) : streamed([changed(0, 1)], false)));
    start({
      token: async (fresh) => {
        tokens.push(fresh);
        return 'x';
      },
    });
    transport.watch('conversation:k', topic());
    await blocked();
    expect(states).toContain('live');
    expect(states.at(-1)).not.toBe('live');
    refuse = true;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(tokens).toContain(true);
    expect(states.at(-1)).toBe('stopped token');
  });
});
