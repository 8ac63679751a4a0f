/** Which conversations belong to which view. The server decides; this repeats its rule so that a live change can be placed without asking again. */

import type { Counts, TeamConversation, View } from '@helpdesk/shared/wire';

/** The views of the rail, in their order. `tagged` comes with mentions. */
export const VIEWS = ['all', 'mine', 'unassigned', 'waiting', 'claimed', 'pending', 'resolved'] as const satisfies readonly View[];
export type ShownView = (typeof VIEWS)[number];

export function isView(value: unknown): value is ShownView {
  return VIEWS.includes(value as ShownView);
}

/** A human was asked for and none answers yet, or nobody answers at all. */
export function isWaiting(conversation: TeamConversation): boolean {
  if (conversation.status === 'resolved') return false;
  if (conversation.assignee.type === 'nobody') return true;
  return Boolean(conversation.takeover_requested_at) && conversation.assignee.type !== 'operator';
}

function hasOpenTicket(conversation: TeamConversation): boolean {
  return conversation.ticket?.status === 'unassigned' || conversation.ticket?.status === 'assigned';
}

/** Whether a conversation belongs in a view; `undefined` where only the server can tell. */
export function belongsIn(view: View, conversation: TeamConversation, me: string): boolean | undefined {
  if (view === 'all') return true;
  if (view === 'resolved') return conversation.status === 'resolved';
  if (conversation.status === 'resolved') return false;
  switch (view) {
    case 'mine':
      return (conversation.assignee.type === 'operator' && conversation.assignee.id === me) || (hasOpenTicket(conversation) && conversation.ticket?.assignee.id === me);
    case 'unassigned':
      return conversation.assignee.type === 'nobody' || (hasOpenTicket(conversation) && conversation.ticket?.assignee.type === 'nobody');
    case 'waiting':
      return isWaiting(conversation);
    case 'claimed':
      return conversation.assignee.type === 'operator';
    case 'pending':
      return conversation.status === 'pending';
    case 'tagged':
      return undefined;
  }
}

/** The label of a row: what the team has to do about it. */
export type RowStatus = 'active' | 'waiting' | 'resolved';
export function rowStatus(conversation: TeamConversation): RowStatus {
  if (conversation.status === 'resolved') return 'resolved';
  return isWaiting(conversation) ? 'waiting' : 'active';
}

/** The label of the details panel. */
export type DetailStatus = 'open' | 'takeover_request' | 'resolved' | 'pending';
export function detailStatus(conversation: TeamConversation): DetailStatus {
  if (conversation.status === 'resolved') return 'resolved';
  if (isWaiting(conversation) && conversation.takeover_requested_at) return 'takeover_request';
  return conversation.status === 'pending' ? 'pending' : 'open';
}

/**
 * What a change of one conversation does to the counts, for the moment until the server's own counts arrive.
 * Only possible where the conversation was known before.
 */
export function countsAfter(counts: Counts, before: TeamConversation, after: TeamConversation, me: string): Counts {
  const next = { ...counts };
  for (const view of VIEWS) {
    const was = belongsIn(view, before, me);
    const is = belongsIn(view, after, me);
    if (was !== is) next[view] = Math.max(0, next[view] + (is ? 1 : -1));
  }
  return next;
}
