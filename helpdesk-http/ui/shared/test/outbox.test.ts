import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RequestError, offline } from '../src/http';
import { OUTBOX_LIMIT, createOutbox, shownOutbox, type Delivered, type OutboxItem } from '../src/outbox';
import { keyValue } from '../src/storage';
import { message } from './samples';

const storage = () => keyValue('session', 'test.');
const soon = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const states = (items: readonly OutboxItem[]) => items.map((item) => `${item.text} ${item.state}`);

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A server that remembers client ids, and a line that may be down, or lose the answer. */
const server = () => {
  const log: OutboxItem[] = [];
  const line = { up: true, loseAnswers: 0 };
  const deliver = async (item: OutboxItem): Promise<Delivered> => {
    if (!line.up) throw offline();
    let seq = log.findIndex((known) => known.client_id === item.client_id) + 1;
    if (!seq) seq = log.push(item);
    if (line.loseAnswers-- > 0) throw offline();
    return { conversation: item.conversation ?? 'k', seq };
  };
  return { log, line, deliver };
};

describe('delivery', () => {
  test('keeps the order, and the first message names the conversation of the others', async () => {
    const { log, deliver } = server();
    const outbox = createOutbox({ storage: storage(), deliver, changed: () => {} });
    for (const text of ['a', 'b', 'c']) outbox.add(text, null, 0);
    await soon();
    expect(log.map((item) => [item.text, item.conversation])).toEqual([['a', null], ['b', 'k'], ['c', 'k']]);
    expect(states(outbox.items)).toEqual(['a sent', 'b sent', 'c sent']);
    outbox.settle('k', [message(1), message(2)]);
    expect(states(outbox.items)).toEqual(['c sent']);
  });

  test('a message written without a line, then a reload, arrives once', async () => {
    const { log, line, deliver } = server();
    line.up = false;
    const first = createOutbox({ storage: storage(), deliver, changed: () => {} });
    first.add('a', 'k', 0);
    first.add('b', 'k', 0);
    await soon();
    expect(states(first.items)).toEqual(['a queued', 'b queued']);
    line.up = true;
    const second = createOutbox({ storage: storage(), deliver, changed: () => {} });
    expect(states(second.items)).toEqual(['a queued', 'b queued']);
    second.kick();
    first.kick();
    await soon();
    expect(log.map((item) => item.text)).toEqual(['a', 'b']);
    expect(createOutbox({ storage: storage(), deliver, changed: () => {} }).items).toEqual([]);
  });

  test('a lost answer is asked for again under the same id', async () => {
    const { log, line, deliver } = server();
    line.loseAnswers = 3;
    const outbox = createOutbox({ storage: storage(), deliver, changed: () => {} });
    outbox.add('a', 'k', 0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.length).toBe(1);
    expect(states(outbox.items)).toEqual(['a sent']);
  });

  test('waits as long as the server asks', async () => {
    const deliver = vi.fn().mockRejectedValueOnce(new RequestError(429, 'rate_limited', '', undefined, 7_000)).mockResolvedValue({ conversation: 'k', seq: 1 });
    const outbox = createOutbox({ storage: storage(), deliver, changed: () => {} });
    outbox.add('a', 'k', 0);
    await vi.advanceTimersByTimeAsync(6_999);
    expect(deliver).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(states(outbox.items)).toEqual(['a sent']);
  });

  test('a refused message fails, the next goes on; retry and discard', async () => {
    const deliver = vi.fn().mockRejectedValueOnce(new RequestError(422, 'invalid', '')).mockResolvedValue({ conversation: 'k', seq: 1 });
    const outbox = createOutbox({ storage: storage(), deliver, changed: () => {} });
    outbox.add('a', 'k', 0);
    outbox.add('b', 'k', 0);
    await soon();
    expect(states(outbox.items)).toEqual(['a failed', 'b sent']);
    expect(outbox.items[0]!.code).toBe('invalid');
    const reloaded = createOutbox({ storage: storage(), deliver, changed: () => {} });
    expect(states(reloaded.items)).toEqual(['a failed']);
    outbox.retry(outbox.items[0]!.client_id);
    await soon();
    expect(states(outbox.items)).toEqual(['a sent', 'b sent']);
    reloaded.discard(reloaded.items[0]!.client_id);
    expect(reloaded.items).toEqual([]);
  });

  test('refuses more than it can hold', () => {
    const outbox = createOutbox({ storage: storage(), deliver: async () => Promise.reject(offline()), changed: () => {} });
    for (let count = 0; count < OUTBOX_LIMIT; count += 1) expect(outbox.add(`${count}`, 'k', 0)).toBe(true);
    expect(outbox.add('one more', 'k', 0)).toBe(false);
  });

  test('after clear nothing is left, and a late answer changes nothing', async () => {
    let answer: (delivered: Delivered) => void = () => {};
    const outbox = createOutbox({ storage: storage(), deliver: () => new Promise((resolve) => (answer = resolve)), changed: () => {} });
    outbox.add('a', null, 0);
    outbox.clear();
    answer({ conversation: 'k', seq: 1 });
    await soon();
    expect(outbox.items).toEqual([]);
    expect(storage().keys()).toEqual([]);
  });

  test('works where storage throws', async () => {
    vi.stubGlobal('sessionStorage', undefined);
    const { log, deliver } = server();
    const outbox = createOutbox({ storage: storage(), deliver, changed: () => {} });
    outbox.add('a', 'k', 0);
    await soon();
    expect(log.length).toBe(1);
  });
});

describe('what is shown below the log', () => {
  const item = (text: string, change: Partial<OutboxItem> = {}): OutboxItem => ({
    client_id: text, conversation: 'k', text, at: '', order: 1, base: 3, state: 'sending', ...change,
  });
  const mine = () => true;

  test('a message whose entry came before its acknowledgement is not shown twice', () => {
    const entries = [message(3, 3, 'same'), message(4, 4, 'same')];
    expect(shownOutbox([item('same')], 'k', entries, mine)).toEqual([]);
    const twice = [item('same'), item('same', { client_id: 'second' })];
    expect(shownOutbox(twice, 'k', entries, mine).map((left) => left.client_id)).toEqual(['second']);
  });

  test('an acknowledged message is shown until its entry is there', () => {
    const sent = item('x', { state: 'sent', seq: 5 });
    expect(shownOutbox([sent], 'k', [message(4)], mine)).toEqual([sent]);
    expect(shownOutbox([sent], 'k', [message(4), message(5)], mine)).toEqual([]);
  });

  test('messages of other conversations are not shown', () => {
    expect(shownOutbox([item('x', { conversation: null })], 'k', [], mine)).toEqual([]);
  });
});
