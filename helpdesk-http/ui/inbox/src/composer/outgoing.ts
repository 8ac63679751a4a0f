/** Replies and notes on their way to the server: stored before they are sent, kept over a reload, sent in order, retried by themselves. */

import { createOutbox, type Outbox } from '@helpdesk/shared/outbox';
import { keyValue } from '@helpdesk/shared/storage';
import type { Entry } from '@helpdesk/shared/wire';
import { sendMessage, sendNote } from '../api/inbox';
import { Observable } from '../app/observable';
import { openedSession } from '../thread/thread-session';
import type { Mode, Pending } from './pending';

function outbox(mode: Mode, changed: () => void): Outbox {
  const send = mode === 'note' ? sendNote : sendMessage;
  return createOutbox({
    // Of this tab: two tabs must not both send what one of them was told to.
    storage: keyValue('session', `helpdesk.inbox.${mode}.`),
    async deliver(item) {
      const conversation = item.conversation ?? '';
      const { entry } = await send(conversation, { client_id: item.client_id, text: item.text });
      openedSession(conversation)?.learnEntry(entry);
      return { conversation, seq: entry.seq };
    },
    changed,
  });
}

export const pendingItems = new Observable<readonly Pending[]>([]);

const boxes: Record<Mode, Outbox> = {
  reply: outbox('reply', publish),
  note: outbox('note', publish),
};

function publish(): void {
  const all = [...boxes.reply.items.map((item): Pending => ({ ...item, mode: 'reply' })), ...boxes.note.items.map((item): Pending => ({ ...item, mode: 'note' }))];
  pendingItems.set(all.sort((left, right) => left.order - right.order));
}

/** Sends what an earlier life of this page left behind. */
export function resumeOutgoing(): void {
  publish();
  boxes.reply.kick();
  boxes.note.kick();
}

export const sendFrom = (mode: Mode, conversation: string, text: string): boolean => boxes[mode].add(text, conversation, openedSession(conversation)?.lastSeq ?? 0);
export const retryPending = (item: Pending): void => boxes[item.mode].retry(item.client_id);
export const discardPending = (item: Pending): void => boxes[item.mode].discard(item.client_id);

/** The timeline shows these entries now: what was acknowledged as one of them is no longer on its way. */
export function settlePending(conversation: string, entries: readonly Entry[]): void {
  boxes.reply.settle(conversation, entries);
  boxes.note.settle(conversation, entries);
}
