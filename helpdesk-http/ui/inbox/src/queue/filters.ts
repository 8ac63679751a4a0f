/** What narrows a list beside its view: how it stands in the address, and whether a conversation passes. Pure. */

import type { TeamConversation } from '@helpdesk/shared/wire';
import type { QueueFilter } from '../api/inbox';

/** The part of an address that says how a list is narrowed and sorted; what is usual is left out. */
export type QueueSearch = Partial<Omit<QueueFilter, 'view'>>;

export const STATUSES = ['open', 'pending', 'resolved'] as const;

const words = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Reads an address; what nobody understands is dropped. */
export function readSearch(search: Record<string, unknown>): QueueSearch {
  const status = STATUSES.find((known) => known === search['status']);
  const assignee = words(search['assignee']);
  const assistant = words(search['assistant']);
  return {
    ...(search['sort'] === 'oldest' && { sort: 'oldest' as const }),
    ...(status && { status }),
    ...(assignee && { assignee }),
    ...(assistant && { assistant }),
    ...(search['flagged'] === true && { flagged: true as const }),
    ...(search['unread'] === true && { unread: true as const }),
  };
}

/** The same for the address of a link, with its question mark. */
export function searchText(search: QueueSearch): string {
  const parameters = new URLSearchParams(Object.entries(readSearch(search)).map(([name, value]) => [name, String(value)]));
  return parameters.size > 0 ? `?${parameters}` : '';
}

/** A text that two filters share only if they hold the same. */
export const filterKey = ({ view, ...search }: QueueFilter): string => `${view}${searchText(search)}`;

/** How many filters narrow the list. */
export const narrowing = ({ status, assignee, assistant, flagged, unread }: QueueSearch): number => [status, assignee, assistant, flagged, unread].filter(Boolean).length;

/** The search that takes every filter away and leaves the rest. */
export const NO_FILTERS = { status: undefined, assignee: undefined, assistant: undefined, flagged: undefined, unread: undefined } satisfies QueueSearch;

/** Whether a conversation passes all filters but the view, as the server judges it. */
export function passes(filter: QueueFilter, conversation: TeamConversation, me: string): boolean {
  const { status, assignee, assistant, flagged, unread } = filter;
  if (status && conversation.status !== status) return false;
  if (assistant && conversation.assistant.id !== assistant) return false;
  if (flagged && !conversation.flagged) return false;
  if (unread && conversation.unread === 0) return false;
  const { type, id } = conversation.assignee;
  if (assignee === 'assistant' || assignee === 'nobody') return type === assignee;
  if (assignee) return type === 'operator' && id === (assignee === 'me' ? me : assignee);
  return true;
}
