import { describe, expect, it } from 'vitest';
import type { QueueFilter } from '../src/api/inbox';
import { conversationsOf, withConversation, withPatch } from '../src/queue/pages';
import { conversation, pages } from './samples';

const ME = 'me';
const all: QueueFilter = { view: 'all', sort: 'newest' };
const ids = (queue: Parameters<typeof conversationsOf>[0]) => conversationsOf(queue).map((row) => row.id);

describe('a change of a conversation in a loaded queue', () => {
  const queue = pages([conversation('d', 40), conversation('c', 30)], [conversation('b', 20), conversation('a', 10)]);

  it('moves it to its new place, over the edge of a page', () => {
    const next = withConversation(queue, all, conversation('a', 50, { version: 2 }), ME);
    expect(ids(next)).toEqual(['a', 'd', 'c', 'b']);
    expect(next.pages.map((page) => page.next_cursor)).toEqual(['after 0', null]);
  });

  it('puts a new one in at the top', () => {
    expect(ids(withConversation(queue, all, conversation('e', 60), ME))).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('ignores what is older than what is held', () => {
    const newer = pages([conversation('a', 10, { version: 5 })]);
    expect(withConversation(newer, all, conversation('a', 99, { version: 4 }), ME)).toBe(newer);
  });

  it('takes it out of a view where it no longer belongs', () => {
    const mine: QueueFilter = { view: 'mine', sort: 'newest' };
    const held = pages([conversation('a', 10, { assignee: { type: 'operator', id: ME } })]);
    expect(ids(withConversation(held, mine, conversation('a', 11, { version: 2 }), ME))).toEqual([]);
  });

  it('leaves out what sorts below everything that is loaded while there is more to load', () => {
    const partly = { ...queue, pages: queue.pages.slice(0, 1) };
    expect(withConversation(partly, all, conversation('z', 1), ME)).toBe(partly);
    const oldest: QueueFilter = { view: 'all', sort: 'oldest' };
    const ascending = { ...queue, pages: [{ items: [conversation('a', 10), conversation('b', 20)], next_cursor: 'more' }] };
    expect(ids(withConversation(ascending, oldest, conversation('a', 90, { version: 2 }), ME))).toEqual(['b']);
  });

  it('breaks ties by id, as the server does', () => {
    expect(ids(withConversation(pages([conversation('b', 10)]), all, conversation('a', 10), ME))).toEqual(['b', 'a']);
    expect(ids(withConversation(pages([conversation('a', 10)]), all, conversation('b', 10), ME))).toEqual(['b', 'a']);
  });

  it('respects the filter by assistant', () => {
    expect(withConversation(queue, { ...all, assistant: 'other' }, conversation('e', 60), ME)).toBe(queue);
  });

  it('ends in the same list whatever the order in which changes arrive', () => {
    const changes = [conversation('a', 50, { version: 2 }), conversation('a', 60, { version: 3 }), conversation('c', 70, { version: 2 }), conversation('e', 55)];
    const orders = permutations(changes).map((order) => ids(order.reduce((held, change) => withConversation(held, all, change, ME), queue)));
    for (const order of orders) expect(order).toEqual(['c', 'a', 'e', 'd', 'b']);
  });
});

it('shows a conversation once where two pages hold it, in its newer version', () => {
  const queue = pages([conversation('a', 50, { version: 2 }), conversation('b', 40)], [conversation('a', 10, { version: 1 })]);
  expect(conversationsOf(queue).map((row) => [row.id, row.version])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

it('patches in place and keeps the same object where nothing applies', () => {
  const queue = pages([conversation('a', 10)]);
  expect(withPatch(queue, (row) => row.id === 'x', (row) => row)).toBe(queue);
  expect(conversationsOf(withPatch(queue, (row) => row.id === 'a', (row) => ({ ...row, flagged: true })))[0]?.flagged).toBe(true);
});

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) => permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]));
}
