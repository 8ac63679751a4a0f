/**
 * What the page knows of conversations, operators and counts, and the one way in which news reaches it. Frames, answers to
 * actions and optimistic changes all come through here, so that list, thread, details and rail can never disagree.
 */

import type { Contact, Counts, Me, Operator, Paged, PresenceFrame, TeamConversation } from '@helpdesk/shared/wire';
import { fetchCounts, type QueueFilter } from '../api/inbox';
import { keys } from '../api/keys';
import { queryClient } from '../app/query-client';
import { findConversation, withConversation, withPatch, type QueuePages } from '../queue/pages';
import { countsAfter } from '../queue/views';

const myId = (): string => queryClient.getQueryData<Me>(keys.me)?.operator.id ?? '';

function queues(): { filter: QueueFilter; pages: QueuePages | undefined }[] {
  return queryClient.getQueriesData<QueuePages>({ queryKey: keys.queues }).map(([key, pages]) => ({ filter: key[1] as QueueFilter, pages }));
}

/** What is held of a conversation anywhere on the page, the newest of it. */
export function knownConversation(id: string): TeamConversation | undefined {
  let newest = queryClient.getQueryData<TeamConversation>(keys.conversation(id));
  for (const { pages } of queues()) {
    const found = findConversation(pages, id);
    if (found && (!newest || found.version > newest.version)) newest = found;
  }
  return newest;
}

/** A conversation as the server has just said it: replaces whatever is older, everywhere. */
export function learnConversation(conversation: TeamConversation): void {
  const before = knownConversation(conversation.id);
  const me = myId();
  for (const { filter, pages } of queues()) {
    if (pages) queryClient.setQueryData<QueuePages>(keys.queue(filter), withConversation(pages, filter, conversation, me));
  }
  // Only of those that were opened a copy of their own is kept: a busy workspace would else fill the memory.
  if (queryClient.getQueryCache().find({ queryKey: keys.conversation(conversation.id), exact: true })) {
    queryClient.setQueryData<TeamConversation>(keys.conversation(conversation.id), (held) => (held && held.version > conversation.version ? held : conversation));
  }
  learnElsewhere(conversation);
  const counts = queryClient.getQueryData<Counts>(keys.counts);
  if (counts && before && before.version < conversation.version) queryClient.setQueryData<Counts>(keys.counts, countsAfter(counts, before, conversation, me));
}

/** What a conversation tells beyond itself: who its contact is now, which the contact's other conversations say as well, and their list. */
function learnElsewhere(conversation: TeamConversation): void {
  const { id, contact, version } = conversation;
  patchConversations(
    (other) => other.id !== id && other.contact.id === contact.id && !sameContact(other.contact, contact),
    (other) => ({ ...other, contact }),
  );
  const queryKey = keys.contactConversations(contact.id);
  const listed = queryClient.getQueryData<QueuePages>(queryKey);
  if (!listed) return;
  if (!findConversation(listed, id)) void queryClient.invalidateQueries({ queryKey, exact: true });
  else queryClient.setQueryData<QueuePages>(queryKey, withPatch(listed, (other) => other.id === id && other.version <= version, () => conversation));
}

const sameContact = (left: Contact, right: Contact): boolean => {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]) as Set<keyof Contact>;
  for (const name of names) if ((left[name] ?? null) !== (right[name] ?? null) && name !== 'page') return false;
  return left.page?.url === right.page?.url && left.page?.title === right.page?.title;
};

/** Changes a conversation where it stands, without a new version: presence, and what an action is about to do. */
export function patchConversations(applies: (conversation: TeamConversation) => boolean, patch: (conversation: TeamConversation) => TeamConversation): void {
  for (const { filter, pages } of queues()) {
    if (pages) queryClient.setQueryData<QueuePages>(keys.queue(filter), withPatch(pages, applies, patch));
  }
  for (const [key, conversation] of queryClient.getQueriesData<TeamConversation>({ queryKey: keys.conversations })) {
    if (conversation && applies(conversation)) queryClient.setQueryData(key, patch(conversation));
  }
}

export function learnPresence(frame: PresenceFrame): void {
  const { actor, online, page } = frame;
  if (actor.type === 'contact') {
    const patch = (contact: Contact): Contact => ({ ...contact, online, page: page ?? contact.page });
    patchConversations(
      (conversation) => conversation.contact.id === actor.id,
      (conversation) => ({ ...conversation, contact: patch(conversation.contact) }),
    );
  } else {
    queryClient.setQueryData<Paged<Operator>>(keys.operators, (held) => held && { ...held, items: held.items.map((operator) => (operator.id === actor.id ? { ...operator, online } : operator)) });
  }
}

export function learnOperator(operator: Operator): void {
  queryClient.setQueryData<Paged<Operator>>(keys.operators, (held) => {
    if (!held) return held;
    const known = held.items.some((other) => other.id === operator.id);
    return { ...held, items: known ? held.items.map((other) => (other.id === operator.id ? operator : other)) : [...held.items, operator] };
  });
  queryClient.setQueryData<Me>(keys.me, (held) => (held && held.operator.id === operator.id ? { ...held, operator } : held));
}

export function learnCounts(counts: Counts): void {
  queryClient.setQueryData<Counts>(keys.counts, counts);
}

const COUNT_PAUSE_MILLISECONDS = 1_000;
let lastCount = 0;
let countTimer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the counts: at once after a quiet second, else when the second is over. */
export function countAgain(): void {
  if (countTimer !== undefined) return;
  countTimer = setTimeout(
    () => {
      countTimer = undefined;
      lastCount = Date.now();
      void fetchCounts().then(learnCounts, () => {});
    },
    Math.max(0, lastCount + COUNT_PAUSE_MILLISECONDS - Date.now()),
  );
}

/** Loads the queues afresh, of each only its first page: a long list that nobody looks at must not be fetched page by page. */
export function reloadQueues(): void {
  for (const { filter, pages } of queues()) {
    if (pages && pages.pages.length > 1) {
      queryClient.setQueryData<QueuePages>(keys.queue(filter), { pages: pages.pages.slice(0, 1), pageParams: pages.pageParams.slice(0, 1) });
    }
  }
  void queryClient.invalidateQueries({ queryKey: keys.queues });
  countAgain();
}
