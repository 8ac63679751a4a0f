/** The conversations that the widget follows live: a log each, cached for the next page with the cursor that it proves. */
import { DRAFT_SILENCE_MS, applyChanged, applyDelta, applyDiscard, expireDraft, type ConversationLog } from '@helpdesk/shared/conversation-log';
import type { KeyValue } from '@helpdesk/shared/storage';
import type { Transport } from '@helpdesk/shared/transport';
import type { ChangedFrame, ContactConversation, Entry } from '@helpdesk/shared/wire';

export type Log = ConversationLog<ContactConversation>;

export interface LogEvents {
  /** A log changed; `fresh` are the entries that came about while this page was looking. */
  changed(id: string, log: Log, fresh: Entry[]): void;
  typing(id: string, name: string): void;
  /** The conversation may not be read any more. */
  gone(id: string): void;
}

export interface Logs {
  get(id: string): Log | undefined;
  follow(id: string): void;
  /** Starts a log with what the answer to its first message said. */
  begin(conversation: ContactConversation, entry: Entry): void;
  /** Changes the summary ahead of the server, which has the last word. */
  patch(id: string, change: Partial<ContactConversation>): void;
  clear(): void;
}

/** Longer logs are not cached: session storage is small, and a replay brings them back. */
const LONGEST_CACHED = 300;

export function followLogs(transport: Transport, storage: KeyValue, events: LogEvents): Logs {
  const logs = new Map<string, Log>();
  const ends = new Map<string, () => void>();
  /** Entries up to this are no news. */
  const floors = new Map<string, number>();
  let silence: ReturnType<typeof setTimeout> | undefined;

  const put = (id: string, log: Log, fresh: Entry[] = []): void => {
    if (logs.get(id) === log) return;
    logs.set(id, log);
    events.changed(id, log, fresh);
  };
  const watchSilence = (id: string): void => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      const log = logs.get(id);
      if (log) put(id, expireDraft(log, Date.now()));
    }, DRAFT_SILENCE_MS);
  };
  addEventListener('pagehide', () => {
    logs.forEach((log, id) => storage.set(`log.${id}`, log.entries.length > LONGEST_CACHED ? undefined : { ...log, draft: undefined }));
  });

  return {
    get: (id) => logs.get(id),
    follow(id) {
      if (ends.has(id)) return;
      const cached = logs.get(id) ?? storage.get<Log>(`log.${id}`) ?? { entries: [], version: 0 };
      logs.set(id, cached);
      if (cached.version) floors.set(id, cached.entries.at(-1)?.seq ?? 0);
      const topic = `conversation:${id}`;
      const end = transport.watch(topic, {
        cursor: () => logs.get(id)!.version,
        frame(frame) {
          const log = logs.get(id)!;
          if (frame.type === 'changed') {
            const next = applyChanged(log, frame as ChangedFrame<ContactConversation>);
            const floor = floors.get(id) ?? frame.summary.seq;
            floors.set(id, Math.max(floor, next.entries.at(-1)?.seq ?? 0));
            put(id, next, frame.entries.filter((entry) => entry.seq > floor));
          } else if (frame.type === 'assistant_delta') {
            put(id, applyDelta(log, frame, Date.now()));
            watchSilence(id);
          } else if (frame.type === 'assistant_discard') put(id, applyDiscard(log, frame));
          else if (frame.type === 'typing') events.typing(id, frame.author.name ?? '');
          else if (frame.type === 'error') {
            ends.get(id)?.();
            ends.delete(id);
            logs.delete(id);
            events.gone(id);
          }
        },
        resync() {
          logs.set(id, { entries: [], version: 0 });
          transport.refresh(topic);
        },
      });
      ends.set(id, end);
    },
    begin(conversation, entry) {
      const { id } = conversation;
      if (ends.has(id)) return;
      // Only where this is the first entry does the version prove that nothing is missing.
      const whole = entry.seq === 1 && conversation.seq === 1;
      logs.set(id, { entries: [entry], version: whole ? conversation.version : 0, summary: conversation });
      floors.set(id, entry.seq);
      this.follow(id);
    },
    patch(id, change) {
      const log = logs.get(id);
      if (log?.summary) put(id, { ...log, summary: { ...log.summary, ...change } });
    },
    clear() {
      clearTimeout(silence);
      ends.forEach((end) => end());
      [ends, logs, floors].forEach((kept) => kept.clear());
    },
  };
}
