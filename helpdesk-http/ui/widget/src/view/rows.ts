/** What stands in the thread: entries, what is on its way and what is being written, all in the shape of entries. */
import { shownDraft } from '@helpdesk/shared/conversation-log';
import { shownOutbox, type OutboxItem } from '@helpdesk/shared/outbox';
import type { Author, AuthorType, Body, MessageBody } from '@helpdesk/shared/wire';
import type { Desk } from '../core/desk';

export interface Row {
  key: string;
  author: Author;
  at?: string;
  body: Pick<MessageBody, 'type' | 'text' | 'citations'> | Body;
  /** How far a message of the visitor has come. */
  state?: OutboxItem['state'] | MessageBody['delivery'];
  /** Still growing. */
  streaming?: boolean;
}

const say = (key: string, type: AuthorType, text: string, more?: Partial<Row>): Row => ({ key, author: { type }, body: { type: 'message', text }, ...more });

export function rowsOf({ log, settings, unstored, outbox, current }: Desk): Row[] {
  const entries = log?.entries ?? [];
  const draft = settings.helpdesk ? log && shownDraft(log)?.text : unstored.draft;
  const rows = settings.greeting ? [say('greeting', 'assistant', settings.greeting)] : [];
  if (settings.helpdesk) {
    for (const { seq, author, at, body } of entries) {
      if (body.type !== 'note') rows.push({ key: `${seq}`, author, at, body, state: body.type === 'message' ? body.delivery : undefined });
    }
    for (const { client_id, text, at, state } of shownOutbox(outbox.items, current, entries, ({ author }) => author.type === 'contact')) {
      rows.push(say(client_id, 'contact', text, { at, state }));
    }
  } else {
    unstored.transcript.forEach(({ author, text, at }, index) => rows.push(say(`${index + 1}`, author, text, { at })));
    if (unstored.asked) rows.push(say('asked', 'contact', unstored.asked));
  }
  // Under the place that its entry will have: the words stay where they are when it comes.
  if (draft) rows.push(say(`${(settings.helpdesk ? (entries.at(-1)?.seq ?? 0) : unstored.transcript.length) + 1}`, 'assistant', draft, { streaming: true }));
  return rows;
}

/** Who is about to say something, if anybody is. */
export function writer({ log, settings, unstored, typing }: Desk): string | undefined {
  const owed = settings.helpdesk ? log?.summary?.answering && !shownDraft(log) : unstored.busy && !unstored.draft;
  return typing ?? (owed ? settings.assistant.name : undefined);
}
