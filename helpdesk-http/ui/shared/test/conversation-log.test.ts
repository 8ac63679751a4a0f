import { describe, expect, test } from 'vitest';
import { applyChanged, applyDelta, applyDiscard, expireDraft, mergeEntries, scalars, shownDraft, type ConversationLog } from '../src/conversation-log';
import type { ContactConversation, DeltaFrame } from '../src/wire';
import { changed, message, summary } from './samples';

type Log = ConversationLog<ContactConversation>;
const empty: Log = { entries: [], version: 0 };
const delta = (offset: number, text: string, turn = 1): DeltaFrame => ({ type: 'assistant_delta', conversation: 'k', turn, offset, text });
const answering: Log = { entries: [], version: 1, summary: summary(1, { answering: true }) };

describe('entries', () => {
  test('keep the order of seq whatever order they come in, and the highest rev of each', () => {
    const held = mergeEntries([], [message(3), message(1), message(2, 9, 'edited'), message(2, 2, 'first')]);
    expect(held.map((entry) => [entry.seq, entry.rev])).toEqual([[1, 1], [2, 9], [3, 3]]);
  });

  test('nothing new answers with the same array', () => {
    const held = mergeEntries([], [message(1)]);
    expect(mergeEntries(held, [message(1)])).toBe(held);
    expect(mergeEntries(held, [])).toBe(held);
  });

  test('a change of an older version is dropped, one of the same version brings its summary only', () => {
    const log = applyChanged(empty, changed(0, 5, [message(1)]));
    expect(applyChanged(log, changed(3, 4))).toBe(log);
    const same = applyChanged(log, changed(5, 5, [], { unread: 7 }));
    expect(same.summary?.unread).toBe(7);
    expect(same.entries).toBe(log.entries);
  });
});

describe('the draft', () => {
  test('grows by pieces that fit and ignores those that do not', () => {
    let log = applyDelta(answering, delta(0, 'Hello'), 1);
    log = applyDelta(log, delta(5, ' you'), 2);
    log = applyDelta(log, delta(5, ' you'), 3);
    log = applyDelta(log, delta(20, 'far'), 4);
    expect(shownDraft(log)).toMatchObject({ text: 'Hello you', length: 9, at: 2 });
    expect(applyDelta(answering, delta(4, 'x'), 1).draft).toBeUndefined();
  });

  test('counts characters as the wire does, not UTF-16 units', () => {
    expect(scalars('a👩‍🚀é')).toBe(5);
    let log = applyDelta(answering, delta(0, '👋 '), 1);
    log = applyDelta(log, delta(2, 'hi'), 2);
    expect(log.draft?.text).toBe('👋 hi');
  });

  test('starts over at offset 0: the text so far, told to whoever joins late', () => {
    let log = applyDelta(answering, delta(0, 'Hel'), 1);
    log = applyDelta(log, delta(0, 'Hello y'), 2);
    log = applyDelta(log, delta(7, 'ou'), 3);
    expect(log.draft?.text).toBe('Hello you');
  });

  test('is replaced by the entry of the assistant', () => {
    const log = applyDelta(answering, delta(0, 'Hel'), 1);
    const after = applyChanged(log, changed(1, 2, [message(1, 2, 'Hello', 'assistant')]));
    expect(after.draft).toBeUndefined();
  });

  test('stays when an older answer changes or somebody else writes', () => {
    let log = applyChanged(empty, changed(0, 1, [message(1, 1, 'a', 'assistant')], { answering: true }));
    log = applyDelta(log, delta(0, 'Hel'), 1);
    log = applyChanged(log, changed(1, 2, [message(1, 2, 'a', 'assistant'), message(2)], { answering: true }));
    expect(shownDraft(log)?.text).toBe('Hel');
  });

  test('goes with a higher turn, and a lower one never comes back', () => {
    let log = applyDelta(answering, delta(0, 'Hel'), 1);
    log = applyChanged(log, changed(1, 2, [], { turn: 2, answering: true }));
    expect(log.draft).toBeUndefined();
    expect(applyDelta(log, delta(0, 'late', 1), 1).draft).toBeUndefined();
    log = applyDelta(applyDelta(log, delta(0, 'new', 2), 1), delta(9, 'x', 3), 2);
    expect(log.draft).toBeUndefined();
  });

  test('goes with a discard of its turn, not with one of an earlier', () => {
    const log = applyDelta(answering, delta(0, 'Hel', 3), 1);
    expect(applyDiscard(log, { type: 'assistant_discard', conversation: 'k', turn: 2 }).draft).toBeDefined();
    expect(applyDiscard(log, { type: 'assistant_discard', conversation: 'k', turn: 3 }).draft).toBeUndefined();
  });

  test('goes after fifteen seconds of silence', () => {
    const log = applyDelta(answering, delta(0, 'Hel'), 1_000);
    expect(expireDraft(log, 15_999).draft).toBeDefined();
    expect(expireDraft(log, 16_000).draft).toBeUndefined();
  });

  test('is shown only while an answer is owed: a first piece before the question, a last one after the entry', () => {
    const early = applyDelta(empty, delta(0, 'Hel'), 1);
    expect(shownDraft(early)).toBeUndefined();
    expect(shownDraft(applyChanged(early, changed(0, 1, [message(1)], { answering: true })))?.text).toBe('Hel');
    const answered = applyChanged(early, changed(0, 2, [message(1), message(2, 2, 'Hello', 'assistant')]));
    expect(shownDraft(applyDelta(answered, delta(0, 'Hello'), 2))).toBeUndefined();
  });
});
