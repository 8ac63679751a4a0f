/** The loaded part of one queue, in the order in which it is shown. */

import type { TeamConversation } from '@helpdesk/shared/wire';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { fetchQueue, type QueueFilter } from '../api/inbox';
import { keys } from '../api/keys';
import { showList, type ShownList } from './held-order';
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
export function useShownOrder(conversations: TeamConversation[], held: boolean, queueKey: string): { shown: readonly TeamConversation[]; waiting: number } {
  const [list, setList] = useState<ShownList<TeamConversation>>(() => showList(undefined, conversations, held, queueKey));
  const next = showList(list, conversations, held, queueKey);
  if (next !== list) setList(next);
  return next;
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
