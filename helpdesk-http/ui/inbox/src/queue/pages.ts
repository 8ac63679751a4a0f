/**
 * The loaded pages of one queue, and what a live change does to them. Pure: pages in, pages out.
 *
 * A page is what the server sent; a change may move a conversation between pages. Where a conversation sorts below everything
 * that is loaded it is left out: the page that is loaded next brings it.
 */

import type { Paged, Sort, TeamConversation } from '@helpdesk/shared/wire';
import type { QueueFilter } from '../api/inbox';
import { passes } from './filters';
import { belongsIn } from './views';

export interface QueuePages {
  pages: Paged<TeamConversation>[];
  pageParams: unknown[];
}

/** The newest copy of one conversation. Called for every change, so it makes nothing new. */
export function findConversation(queue: QueuePages | undefined, id: string): TeamConversation | undefined {
  let newest: TeamConversation | undefined;
  for (const page of queue?.pages ?? []) {
    for (const conversation of page.items) if (conversation.id === id && (!newest || conversation.version > newest.version)) newest = conversation;
  }
  return newest;
}

/** Every loaded conversation once, in the order of the pages; of two copies the one with the higher version. */
export function conversationsOf(queue: QueuePages | undefined): TeamConversation[] {
  const byId = new Map<string, TeamConversation>();
  for (const page of queue?.pages ?? []) {
    for (const conversation of page.items) {
      const known = byId.get(conversation.id);
      if (!known || known.version < conversation.version) byId.set(conversation.id, conversation);
    }
  }
  return [...byId.values()];
}

/** Negative where `left` stands above `right`. Ties fall to the id, as in the server's keyset. */
export function compare(sort: Sort, left: TeamConversation, right: TeamConversation): number {
  const byTime = Date.parse(left.last_activity_at) - Date.parse(right.last_activity_at) || (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
  return sort === 'oldest' ? byTime : -byTime;
}

function matches(filter: QueueFilter, conversation: TeamConversation, me: string): boolean | undefined {
  if (!passes(filter, conversation, me)) return false;
  return belongsIn(filter.view, conversation, me);
}

/** The pages after `changed` is known. The same object where nothing changes. */
export function withConversation(queue: QueuePages, filter: QueueFilter, changed: TeamConversation, me: string): QueuePages {
  const known = findConversation(queue, changed.id);
  if (known && known.version > changed.version) return queue;
  const belongs = matches(filter, changed, me) ?? known !== undefined;
  if (!known && !belongs) return queue;

  const pages = queue.pages.map((page) => (known && page.items.some((conversation) => conversation.id === changed.id) ? { ...page, items: page.items.filter((conversation) => conversation.id !== changed.id) } : page));
  if (!belongs) return { ...queue, pages };

  for (const [index, page] of pages.entries()) {
    const place = page.items.findIndex((conversation) => compare(filter.sort, changed, conversation) < 0);
    const isLast = index === pages.length - 1;
    if (place < 0 && !isLast) continue;
    if (place < 0 && page.next_cursor !== null) return known ? { ...queue, pages } : queue;
    const items = [...page.items];
    items.splice(place < 0 ? items.length : place, 0, changed);
    pages[index] = { ...page, items };
    break;
  }
  return { ...queue, pages };
}

/** The same pages with another value for one conversation where it stands, whatever its version: presence, the read mark of the chat in front. */
export function withPatch(queue: QueuePages, applies: (conversation: TeamConversation) => boolean, patch: (conversation: TeamConversation) => TeamConversation): QueuePages {
  let touched = false;
  const pages = queue.pages.map((page) => {
    if (!page.items.some(applies)) return page;
    touched = true;
    return { ...page, items: page.items.map((conversation) => (applies(conversation) ? patch(conversation) : conversation)) };
  });
  return touched ? { ...queue, pages } : queue;
}
