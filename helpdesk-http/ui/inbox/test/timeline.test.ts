import { expect, it } from 'vitest';
import { pendingBelow, type Pending } from '../src/composer/pending';
import { timelineItems } from '../src/thread/timeline';
import { message } from './samples';

const contact = { type: 'contact', id: 'c' } as const;
const me = { type: 'operator', id: 'me' } as const;

it('groups what one author writes within five minutes, and heads each day', () => {
  const items = timelineItems([message(1, contact, 'a', 0), message(2, contact, 'b', 1), message(3, me, 'c', 2), message(4, me, 'd', 20), message(5, me, 'e', 60 * 24)]);
  expect(items.map((item) => (item.kind === 'day' ? 'day' : [item.entry.seq, item.first, item.last]))).toEqual(['day', [1, true, false], [2, false, true], [3, true, true], [4, true, true], 'day', [5, true, true]]);
});

it('never groups a note with a reply', () => {
  const note = { ...message(2, me, 'b', 1), body: { type: 'note' as const, text: 'b', mentions: [] } };
  const items = timelineItems([message(1, me, 'a', 0), note]);
  expect(items.flatMap((item) => (item.kind === 'entry' ? [item.first] : []))).toEqual([true, true]);
});

const pending = (text: string, more: Partial<Pending> = {}): Pending => ({ client_id: text, conversation: 'x', text, at: '', order: 1, base: 0, state: 'sending', mode: 'reply', ...more });

it('hides a message on its way as soon as its entry stands in the timeline', () => {
  const items = [pending('hello'), pending('hello', { client_id: 'second' })];
  expect(pendingBelow(items, 'x', [], 'me')).toHaveLength(2);
  expect(pendingBelow(items, 'x', [message(1, me, 'hello')], 'me').map((item) => item.client_id)).toEqual(['second']);
  expect(pendingBelow(items, 'x', [message(1, { type: 'operator', id: 'other' }, 'hello')], 'me')).toHaveLength(2);
  expect(pendingBelow([pending('hello', { base: 1 })], 'x', [message(1, me, 'hello')], 'me')).toHaveLength(1);
  expect(pendingBelow([pending('hello', { mode: 'note' })], 'x', [message(1, me, 'hello')], 'me')).toHaveLength(1);
  expect(pendingBelow([pending('other text', { seq: 1, state: 'sent' })], 'x', [message(1, me, 'hello')], 'me')).toHaveLength(0);
  expect(pendingBelow(items, 'y', [], 'me')).toHaveLength(0);
});
