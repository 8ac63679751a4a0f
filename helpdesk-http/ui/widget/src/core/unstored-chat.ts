/**
 * The chat of a desk that is switched off: nothing of it is kept on the server. The page holds the transcript, every entry
 * signed by the server, and shows it with each question.
 */
import { scalars } from '@helpdesk/shared/conversation-log';
import { readEvents } from '@helpdesk/shared/event-stream';
import { RequestError, fetched, offline, posted } from '@helpdesk/shared/http';
import type { KeyValue } from '@helpdesk/shared/storage';
import type { ChatDelta, Problem, SignedEntry } from '@helpdesk/shared/wire';
import type { SessionKeeper } from './session';

export interface UnstoredChat {
  transcript: SignedEntry[];
  /** What was asked and has not come back signed. */
  asked?: string;
  /** The answer so far. */
  draft: string;
  busy: boolean;
  /** The last question has no answer; it can be asked again. */
  failed: boolean;
  ask(text: string): Promise<void>;
  retry(): void;
  clear(): void;
}

/** `switchedOn` takes a question over when the desk turns out to be on again. */
export function unstoredChat(
  base: string,
  session: SessionKeeper,
  storage: KeyValue,
  changed: (answer?: SignedEntry) => void,
  switchedOn: (text: string) => void,
): UnstoredChat {
  let running: AbortController | undefined;
  const transcript = storage.get<SignedEntry[]>('transcript') ?? [];

  const keep = (entries: SignedEntry[]): void => {
    chat.transcript = entries;
    storage.set('transcript', entries.length ? entries : undefined);
  };
  const stream = async (text: string, { signal }: AbortController): Promise<void> => {
    const { body } = await fetched(`${base}/api/v1/widget/chat`, posted({ transcript: chat.transcript, text }, { authorization: `Bearer ${session.token}` }, signal));
    let answer: SignedEntry | undefined;
    await readEvents(body!, ({ event, data }) => {
      if (signal.aborted) return;
      const content = JSON.parse(data) as SignedEntry & ChatDelta & Problem;
      if (event === 'entry') {
        keep([...chat.transcript, content]);
        chat.draft = '';
        if (content.author === 'contact') chat.asked = undefined;
        else answer = content;
      } else if (event === 'delta') {
        if (!content.offset) chat.draft = '';
        if (content.offset === scalars(chat.draft)) chat.draft += content.text;
      } else if (event === 'error') throw new RequestError(content.status, content.code, content.detail);
      changed(answer);
    });
    if (!answer) throw offline();
  };
  const chat: UnstoredChat = {
    transcript,
    draft: '',
    busy: false,
    // A reload in the middle of an answer leaves a question without one.
    failed: transcript.at(-1)?.author === 'contact',
    async ask(text) {
      if (running) return;
      const mine = (running = new AbortController());
      Object.assign(chat, { asked: text, draft: '', failed: false, busy: true });
      changed();
      try {
        if ((await session.ensure()).settings.helpdesk) return switchedOn(text);
        try {
          await stream(text, mine);
        } catch (error) {
          // A transcript signed by an earlier key, a token that ran out, a desk that is on again: once more with what is right.
          const { code, status } = error as Partial<RequestError>;
          if (code === 'transcript_invalid') keep([]);
          else if (status !== 401 && status !== 409) throw error;
          else if ((await session.renew()).settings.helpdesk) return switchedOn(text);
          await stream(text, mine);
        }
      } catch {
        chat.failed = true;
      }
      if (running !== mine) return;
      // What is left of a stream that said something wrong is not waited for.
      mine.abort();
      running = undefined;
      chat.busy = false;
      chat.draft = '';
      changed();
    },
    retry() {
      const last = chat.transcript.at(-1);
      const text = chat.asked ?? (last?.author === 'contact' ? last.text : '');
      if (chat.asked === undefined) keep(chat.transcript.slice(0, -1));
      void chat.ask(text);
    },
    clear() {
      running?.abort();
      running = undefined;
      Object.assign(chat, { asked: undefined, draft: '', failed: false, busy: false });
      keep([]);
      changed();
    },
  };
  return chat;
}
