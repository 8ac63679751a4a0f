import { describe, expect, it } from 'vitest';
import { holdOrder, showList, type ShownList } from '../src/queue/held-order';

describe('a held order', () => {
  it('keeps every row where it is and counts what waits', () => {
    expect(holdOrder(['a', 'b', 'c'], ['new', 'a', 'b', 'c'])).toEqual({ order: ['a', 'b', 'c'], waiting: 1 });
    expect(holdOrder(['a', 'b', 'c'], ['c', 'a', 'b'])).toEqual({ order: ['a', 'b', 'c'], waiting: 1 });
  });

  it('appends what is loaded below', () => {
    expect(holdOrder(['a', 'b'], ['a', 'b', 'c', 'd'])).toEqual({ order: ['a', 'b', 'c', 'd'], waiting: 0 });
  });

  it('keeps a row that has left the queue', () => {
    expect(holdOrder(['a', 'b', 'c'], ['a', 'c'])).toEqual({ order: ['a', 'b', 'c'], waiting: 0 });
  });
});

describe('a list while somebody points at it', () => {
  const row = (id: string, text = id) => ({ id, text });
  const start = showList(undefined, [row('a'), row('b')], false, 'all');

  it('takes new content in place', () => {
    const held = showList(start, [row('b', 'newer'), row('a')], true, 'all');
    expect(held.shown).toEqual([row('a'), row('b', 'newer')]);
    expect(held.waiting).toBe(1);
  });

  it('shows the new order when the pointer leaves', () => {
    const held = showList(start, [row('n'), row('a'), row('b')], true, 'all');
    const released = showList(held, held.source as ReturnType<typeof row>[], false, 'all');
    expect(released.shown.map(({ id }) => id)).toEqual(['n', 'a', 'b']);
    expect(released.waiting).toBe(0);
  });

  it('holds nothing of another list', () => {
    expect(showList(start, [row('x')], true, 'mine').shown.map(({ id }) => id)).toEqual(['x']);
  });

  it('never moves a row under a held pointer, whatever happens', () => {
    let seed = 42;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    let rows = Array.from({ length: 20 }, (_, index) => row(`r${index}`));
    let list: ShownList<ReturnType<typeof row>> = showList(undefined, rows, false, 'all');
    for (let step = 0; step < 500; step += 1) {
      const before = list.shown.map(({ id }) => id);
      const index = random(rows.length);
      const kind = random(3);
      rows = kind === 0 ? [row(`n${step}`), ...rows] : kind === 1 ? [rows[index]!, ...rows.filter((_, place) => place !== index)] : rows.filter((_, place) => place !== index || rows.length < 5);
      list = showList(list, rows, true, 'all');
      expect(list.shown.slice(0, before.length).map(({ id }) => id)).toEqual(before);
    }
  });
});
