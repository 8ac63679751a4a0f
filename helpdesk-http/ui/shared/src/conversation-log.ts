/**
 * What a page holds of one conversation, and the pure rules by which frames change it: entries are keyed by `seq`, a higher
 * `rev` replaces a lower, the draft of the assistant grows only where it fits. Nothing here knows a clock or a socket.
 */
import type { ChangedFrame, ConversationBase, DeltaFrame, DiscardFrame, Entry } from './wire';

/** The part of an answer that the assistant has produced so far. */
export interface Draft {
  turn: number;
  text: string;
  /** Unicode scalar values of `text`: what offsets count. */
  length: number;
  /** When its last piece came, in milliseconds. */
  at: number;
}

export interface ConversationLog<C extends ConversationBase = ConversationBase> {
  /** By rising `seq`. */
  entries: Entry[];
  /** The last version applied: the cursor. 0 before the first. */
  version: number;
  summary?: C;
  draft?: Draft;
}

/** A draft of which nothing is heard for longer is dropped. */
export const DRAFT_SILENCE_MS = 15_000;

/** Unicode scalar values of a text; a lone surrogate counts as one, as any replacement of it would. */
export const scalars = (text: string): number => {
  let count = 0;
  for (const _scalar of text) count += 1;
  return count;
};

/** Puts entries into their places. Answers with the same array where nothing changes. */
export function mergeEntries(held: Entry[], incoming: readonly Entry[]): Entry[] {
  let merged = held;
  for (const entry of incoming) {
    let index = merged.length;
    while (index > 0 && merged[index - 1]!.seq > entry.seq) index -= 1;
    const same = merged[index - 1]?.seq === entry.seq;
    if (same && merged[index - 1]!.rev >= entry.rev) continue;
    if (merged === held) merged = held.slice();
    merged.splice(same ? index - 1 : index, same ? 1 : 0, entry);
  }
  return merged;
}

/** Applies a change that the transport found to fit; a version that is already held refreshes the summary only. */
export function applyChanged<C extends ConversationBase>(log: ConversationLog<C>, frame: ChangedFrame<C>): ConversationLog<C> {
  if (frame.version < log.version) return log;
  const entries = mergeEntries(log.entries, frame.entries);
  const last = log.entries.at(-1)?.seq ?? 0;
  const answered = frame.entries.some((entry) => entry.seq > last && entry.author.type === 'assistant' && entry.body.type === 'message');
  const superseded = log.draft && frame.summary.turn > log.draft.turn;
  return { entries, version: frame.version, summary: frame.summary, draft: answered || superseded ? undefined : log.draft };
}

/** Appends a piece of the draft where it fits; offset 0 starts one. `now` in milliseconds. */
export function applyDelta<C extends ConversationBase>(log: ConversationLog<C>, frame: DeltaFrame, now: number): ConversationLog<C> {
  const { draft } = log;
  const turn = Math.max(draft?.turn ?? 0, log.summary?.turn ?? 0);
  if (frame.turn < turn) return log;
  const fits = frame.offset === 0 || (draft && draft.turn === frame.turn && draft.length === frame.offset);
  if (!fits) return draft && frame.turn > draft.turn ? { ...log, draft: undefined } : log;
  const head = frame.offset ? draft : undefined;
  const text = (head?.text ?? '') + frame.text;
  return { ...log, draft: { turn: frame.turn, text, length: (head?.length ?? 0) + scalars(frame.text), at: now } };
}

/** Withdraws the draft of this turn, or of an earlier one. */
export function applyDiscard<C extends ConversationBase>(log: ConversationLog<C>, frame: DiscardFrame): ConversationLog<C> {
  return log.draft && log.draft.turn <= frame.turn ? { ...log, draft: undefined } : log;
}

/** Drops a draft that fell silent. */
export function expireDraft<C extends ConversationBase>(log: ConversationLog<C>, now: number): ConversationLog<C> {
  return log.draft && now - log.draft.at >= DRAFT_SILENCE_MS ? { ...log, draft: undefined } : log;
}

/**
 * The draft to show: none once the assistant owes nothing. Pieces travel beside the log, so the first may come before the
 * message that it answers and the last after the entry that replaces it; this keeps the one and hides the other.
 */
export function shownDraft(log: ConversationLog): Draft | undefined {
  return log.summary?.answering ? log.draft : undefined;
}
