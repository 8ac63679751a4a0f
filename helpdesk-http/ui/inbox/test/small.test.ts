import { describe, expect, it, vi } from 'vitest';
import { rememberNote, stemsFromNote } from '../src/composer/note-guard';
import { neighbour } from '../src/queue/queue-order';
import { Typists } from '../src/live/typists';
import { find } from '../src/palette/find';
import { changedPart } from '../src/settings/changed-part';
import { nameOfKey } from '../src/app/key-names';

describe('what is saved', () => {
  it('is only what differs, one level into objects', () => {
    const before = { helpdesk: true, brand: { name: 'A', color: '#fff' }, human: { enabled: true, texts: { en: 'x', de: 'y' } }, origins: ['a'] };
    expect(changedPart(before, structuredClone(before))).toEqual({});
    expect(changedPart(before, { ...before, brand: { name: 'B', color: '#fff' } })).toEqual({ brand: { name: 'B' } });
    expect(changedPart(before, { ...before, human: { enabled: true, texts: { en: 'x', de: '' } } })).toEqual({ human: { texts: { en: 'x', de: '' } } });
    expect(changedPart(before, { ...before, origins: [] })).toEqual({ origins: [] });
  });
});

it('asks before a note is pasted into a reply, but not for small words', () => {
  rememberNote('They owe us 300 euros, be careful.');
  expect(stemsFromNote('owe us 300 euros')).toBe(true);
  expect(stemsFromNote('careful')).toBe(false);
  expect(stemsFromNote('Something else entirely')).toBe(false);
});

it('walks to the neighbour, or to the first where nothing is open', () => {
  expect(neighbour(['a', 'b', 'c'], 'b', 1)).toBe('c');
  expect(neighbour(['a', 'b', 'c'], 'a', -1)).toBeUndefined();
  expect(neighbour(['a', 'b'], undefined, 1)).toBe('a');
  expect(neighbour(['a', 'b'], 'gone', 1)).toBe('a');
  // Read in the list of unread ones, say: what stood below has moved up.
  expect(neighbour(['a', 'c'], 'b', 1, 1)).toBe('c');
  expect(neighbour(['a', 'c'], 'b', -1, 1)).toBe('a');
  expect(neighbour(['a', 'b'], 'c', 1, 2)).toBe('b');
});

it('names keys as they are registered', () => {
  const key = (name: string, more: object = {}) => nameOfKey({ key: name, code: '', altKey: false, ctrlKey: false, metaKey: false, ...more });
  expect(key('J')).toBe('j');
  expect(key('¬', { altKey: true, code: 'KeyL' })).toBe('alt+l');
  expect(key('k', { ctrlKey: true })).toBe('mod+k');
  expect(key('?')).toBe('?');
});

it('forgets who types after five seconds, and at once when the message is there', () => {
  vi.useFakeTimers();
  const typists = new Typists();
  const author = { type: 'contact', id: 'c' } as const;
  typists.heard({ type: 'typing', conversation: 'x', author, note: false });
  expect(typists.contacts.get().has('x')).toBe(true);
  vi.advanceTimersByTime(4_000);
  typists.heard({ type: 'typing', conversation: 'x', author, note: false });
  vi.advanceTimersByTime(4_000);
  expect(typists.everyone.get().get('x')).toHaveLength(1);
  vi.advanceTimersByTime(2_000);
  expect(typists.everyone.get().size).toBe(0);
  typists.heard({ type: 'typing', conversation: 'x', author, note: false });
  typists.finished('x', author);
  expect(typists.contacts.get().size).toBe(0);
  vi.useRealTimers();
});

it('finds by every word, starts of words first', () => {
  const choice = (label: string, words = '') => ({ group: 'g', label, words: `${label} ${words}`.toLocaleLowerCase() });
  const choices = [choice('Visitor Twelve', 'anchor chain #10042'), choice('Take over'), choice('Chain Store')];
  expect(find(choices, 'chain').map((hit) => hit.label)).toEqual(['Chain Store', 'Visitor Twelve']);
  expect(find(choices, '10042 anchor').map((hit) => hit.label)).toEqual(['Visitor Twelve']);
  expect(find(choices, 'nothing')).toEqual([]);
});
