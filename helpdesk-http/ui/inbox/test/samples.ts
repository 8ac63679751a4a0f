import type { Contact, Entry, TeamConversation } from '@helpdesk/shared/wire';
import type { QueuePages } from '../src/queue/pages';

const contact: Contact = { id: 'contact', name: 'Visitor', pseudonym: true, email_verified: false, online: false, identified: false, created_at: '2026-01-01T00:00:00Z', conversations: 1 };

/** A conversation whose last activity lies `minute` minutes after the start of 2026. */
export function conversation(id: string, minute: number, more: Partial<TeamConversation> = {}): TeamConversation {
  const at = new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  return {
    id,
    contact,
    channel: 'web',
    assistant: { id: 'assistant', name: 'Beacon' },
    assignee: { type: 'assistant', id: 'assistant', name: 'Beacon' },
    status: 'open',
    seq: 1,
    version: 1,
    turn: 1,
    answering: false,
    unread: 0,
    messages: 1,
    assistant_replies: 0,
    flagged: false,
    priority: 'normal',
    labels: [],
    created_at: at,
    last_activity_at: at,
    ...more,
  };
}

export const pages = (...items: TeamConversation[][]): QueuePages => ({
  pages: items.map((page, index) => ({ items: page, next_cursor: index === items.length - 1 ? null : `after ${index}` })),
  pageParams: items.map((_, index) => (index === 0 ? null : `after ${index - 1}`)),
});

export function message(seq: number, author: Entry['author'], text: string, minute = seq): Entry {
  return { seq, rev: seq, at: new Date(2026, 0, 1, 12, minute).toISOString(), author, channel: 'web', body: { type: 'message', text, attachments: [], delivery: 'sent' } };
}
