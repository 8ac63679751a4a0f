/** The loaded part of one queue, in the order in which it is shown. */

import type { TeamConversation } from '@helpdesk/shared/wire';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { fetchQueue, type QueueFilter } from '../api/inbox';
import { keys } from '../api/keys';
import { holdOrder } from './held-order';
import { conversationsOf } from './pages';

export function useQueue(filter: QueueFilter) {
  const query = useInfiniteQuery({
    queryKey: keys.queue(filter),
    queryFn: ({ pageParam, signal }) => fetchQueue(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // Live frames keep the list fresh; asking again would only repeat them.
    staleTime: Infinity,
  });
  const conversations = useMemo(() => conversationsOf(query.data), [query.data]);
  return { query, conversations };
}

/**
 * The conversations in the order to show. While `held` (somebody points at the list) no row moves; `waiting` says how many would.
 * A row whose conversation has left the queue stays until the hold ends, with the last that is known of it.
 */
export function useShownOrder(conversations: TeamConversation[], held: boolean, queueKey: string): { shown: TeamConversation[]; waiting: number } {
  const anchor = useRef<{ key: string; order: string[] }>({ key: queueKey, order: [] });
  const gone = useRef(new Map<string, TeamConversation>());
  const result = useMemo(() => {
    const fresh = conversations.map((conversation) => conversation.id);
    if (!held || anchor.current.key !== queueKey || anchor.current.order.length === 0) {
      anchor.current = { key: queueKey, order: fresh };
      gone.current = new Map(conversations.map((conversation) => [conversation.id, conversation]));
      return { shown: conversations, waiting: 0 };
    }
    const { order, waiting } = holdOrder(anchor.current.order, fresh);
    anchor.current = { key: queueKey, order };
    const byId = gone.current;
    for (const conversation of conversations) byId.set(conversation.id, conversation);
    return { shown: order.flatMap((id) => byId.get(id) ?? []), waiting };
  }, [conversations, held, queueKey]);
  return result;
}

/** Whether a mouse points into an element right now. Touch does not point: a finger that scrolls must not hold the list. */
export function usePointing(): { pointing: boolean; handlers: { onPointerEnter: React.PointerEventHandler; onPointerLeave: React.PointerEventHandler }; release: () => void } {
  const [pointing, setPointing] = useState(false);
  useEffect(() => {
    const release = () => setPointing(false);
    window.addEventListener('blur', release);
    return () => window.removeEventListener('blur', release);
  }, []);
  return {
    pointing,
    handlers: {
      onPointerEnter: (event) => event.pointerType === 'mouse' && setPointing(true),
      onPointerLeave: () => setPointing(false),
    },
    release: () => setPointing(false),
  };
}
