/**
 * One open conversation: its loaded entries, the draft of the assistant, and the topic that keeps both fresh. A session outlives
 * the screen: whoever comes back finds what was there at once, and the line sends only what was missed.
 */

import { RequestError } from '@helpdesk/shared/http';
import { applyChanged, applyDelta, applyDiscard, expireDraft, mergeEntries, shownDraft, type ConversationLog, type Draft } from '@helpdesk/shared/conversation-log';
import type { ChangedFrame, Entry, ServerFrame, TeamConversation } from '@helpdesk/shared/wire';
import { fetchConversation, fetchTimeline } from '../api/inbox';
import { Observable } from '../app/observable';
import { learnConversation } from '../live/desk';
import { line } from '../live/line';
import { typists } from '../live/typists';

export interface ThreadState {
  phase: 'loading' | 'ready' | 'failed' | 'missing';
  error?: unknown;
  entries: readonly Entry[];
  draft?: Draft | undefined;
  /** Every older entry is loaded. */
  atStart: boolean;
  loadingOlder: boolean;
}

const EMPTY: ThreadState = { phase: 'loading', entries: [], atStart: false, loadingOlder: false };
const DRAFT_CHECK_MILLISECONDS = 5_000;

export class ThreadSession {
  readonly state = new Observable<ThreadState>(EMPTY);
  #log: ConversationLog<TeamConversation> | undefined;
  #loading: Promise<void> | undefined;
  #leave: (() => void) | undefined;
  #draftTimer: ReturnType<typeof setInterval> | undefined;
  #open = false;

  constructor(readonly id: string) {}

  /** Starts following; answers with the function that ends it. */
  open(): () => void {
    this.#open = true;
    if (this.#log) this.#watch();
    else void this.load();
    this.#draftTimer = setInterval(() => this.#apply((log) => expireDraft(log, Date.now())), DRAFT_CHECK_MILLISECONDS);
    return () => {
      this.#open = false;
      clearInterval(this.#draftTimer);
      this.#leave?.();
      this.#leave = undefined;
      // A draft that nobody follows would be a lie when the session is opened again.
      this.#apply((log) => (log.draft ? { ...log, draft: undefined } : log));
    };
  }

  /** Loads the newest page and follows from there. */
  load(): Promise<void> {
    this.#loading ??= this.#fetch().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    if (this.state.get().phase !== 'ready') this.state.set({ ...EMPTY });
    try {
      const [conversation, timeline] = await Promise.all([fetchConversation(this.id), fetchTimeline(this.id, null)]);
      learnConversation(conversation);
      this.#log = { entries: timeline.entries, version: timeline.version, summary: conversation };
      this.state.set({ phase: 'ready', entries: timeline.entries, atStart: reachesStart(timeline.entries), loadingOlder: false });
      if (this.#leave) line.refresh(this.#topic);
      else if (this.#open) this.#watch();
    } catch (error) {
      const missing = error instanceof RequestError && (error.status === 404 || error.status === 422);
      this.state.set({ ...this.state.get(), phase: missing ? 'missing' : 'failed', error });
    }
  }

  /** Loads the page above the oldest entry that is held. */
  async loadOlder(): Promise<void> {
    const { loadingOlder, atStart, phase } = this.state.get();
    const oldest = this.#log?.entries[0];
    if (loadingOlder || atStart || phase !== 'ready' || !oldest) return;
    this.state.update((state) => ({ ...state, loadingOlder: true }));
    try {
      const page = await fetchTimeline(this.id, oldest.seq);
      this.#apply((log) => ({ ...log, entries: mergeEntries(log.entries, page.entries) }));
      this.state.update((state) => ({ ...state, loadingOlder: false, atStart: page.entries.length === 0 || reachesStart(state.entries) }));
    } catch (error) {
      this.state.update((state) => ({ ...state, loadingOlder: false, error }));
    }
  }

  /** An entry that the server answered with: shown at once, before the line brings the change that holds it. */
  learnEntry(entry: Entry): void {
    this.#apply((log) => ({ ...log, entries: mergeEntries(log.entries, [entry]) }));
  }

  /** The highest entry that is held; 0 before the first. */
  get lastSeq(): number {
    return this.#log?.entries.at(-1)?.seq ?? 0;
  }

  get #topic(): string {
    return `conversation:${this.id}`;
  }

  #watch(): void {
    this.#leave = line.watch(this.#topic, {
      cursor: () => this.#log?.version,
      frame: (frame) => this.#receive(frame),
      resync: () => void this.load(),
    });
  }

  #receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'changed': {
        const changed = frame as ChangedFrame<TeamConversation>;
        this.#apply((log) => applyChanged(log, changed));
        learnConversation(changed.summary);
        for (const entry of changed.entries) typists.finished(this.id, entry.author);
        break;
      }
      case 'assistant_delta':
        this.#apply((log) => applyDelta(log, frame, Date.now()));
        break;
      case 'assistant_discard':
        this.#apply((log) => applyDiscard(log, frame));
        break;
      case 'error':
        if (frame.code === 'not_found') this.state.update((state) => ({ ...state, phase: 'missing' }));
        break;
    }
  }

  #apply(change: (log: ConversationLog<TeamConversation>) => ConversationLog<TeamConversation>): void {
    if (!this.#log) return;
    const next = change(this.#log);
    if (next === this.#log) return;
    this.#log = next;
    const draft = shownDraft(next);
    this.state.update((state) => (state.entries === next.entries && state.draft === draft ? state : { ...state, entries: next.entries, draft }));
  }
}

/** Sequence numbers are dense from 1, so the first entry proves that nothing is above it. */
function reachesStart(entries: readonly Entry[]): boolean {
  return entries.length === 0 || entries[0]?.seq === 1;
}

const KEPT_SESSIONS = 24;
const sessions = new Map<string, ThreadSession>();

/** The session of a conversation; the ones that were used longest ago are forgotten. */
export function threadSession(id: string): ThreadSession {
  const session = sessions.get(id) ?? new ThreadSession(id);
  sessions.delete(id);
  sessions.set(id, session);
  for (const key of sessions.keys()) {
    if (sessions.size <= KEPT_SESSIONS) break;
    sessions.delete(key);
  }
  return session;
}

/** The session of a conversation if there is one already. */
export const openedSession = (id: string): ThreadSession | undefined => sessions.get(id);

