import type { Entry, TeamConversation } from '@helpdesk/shared/wire';
import { useEffect, useRef } from 'react';
import { markRead } from '../api/inbox';
import { useObserved } from '../app/observable';
import { learnConversation } from '../live/desk';
import { inFront } from '../live/in-front';

/** Tells the server what has been read: what is loaded in a thread that is in front. */
export function useReadMark(id: string, conversation: TeamConversation | undefined, entries: readonly Entry[]): void {
  const front = useObserved(inFront, (value) => value === id);
  const unread = (conversation?.unread ?? 0) > 0;
  const last = entries.at(-1)?.seq ?? 0;
  const told = useRef({ id, seq: 0 });
  useEffect(() => {
    if (!front || !unread || last === 0 || (told.current.id === id && told.current.seq >= last)) return;
    told.current = { id, seq: last };
    markRead(id, last).then(
      (answer) => learnConversation(answer.conversation),
      () => {
        // The next entry, or the next look at the thread, tells it again.
        told.current = { id, seq: 0 };
      },
    );
  }, [front, unread, id, last]);
}
