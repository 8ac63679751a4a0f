/** Short ways to say what the wire says at length. */
import type { ChangedFrame, ContactConversation, Entry } from '../src/wire';

export const AT = '2026-01-02T03:04:05Z';

export const message = (seq: number, rev = seq, text = `text ${seq}`, type: Entry['author']['type'] = 'contact'): Entry => ({
  seq,
  rev,
  at: AT,
  author: { type },
  channel: 'widget',
  body: { type: 'message', text, attachments: [], delivery: 'sent' },
});

export const summary = (version: number, change: Partial<ContactConversation> = {}): ContactConversation => ({
  id: 'k',
  channel: 'widget',
  assistant: { id: 'a', name: 'Guide' },
  assignee: { type: 'assistant', id: 'a', name: 'Guide' },
  status: 'open',
  seq: version,
  version,
  turn: 1,
  answering: false,
  unread: 0,
  human_button: false,
  created_at: AT,
  last_activity_at: AT,
  ...change,
});

export const changed = (prev: number, version: number, entries: Entry[] = [], change: Partial<ContactConversation> = {}): ChangedFrame<ContactConversation> => ({
  type: 'changed',
  conversation: 'k',
  prev,
  version,
  entries,
  summary: summary(version, change),
});
