import { useEffect, useRef } from 'react';
import { markRead } from '../api/inbox';
import { useObserved } from '../app/observable';
import { learnConversation } from '../live/desk';
import { inFront, useInFront } from '../live/in-front';

interface ReadMarkProps {
  id: string;
  /** The team has unread messages in it. */
  unread: boolean;
  /** The last entry that is loaded. */
  last: number;
}

/**
 * Tells the server what has been read: what is loaded in a thread that is in front. Draws nothing; a component of its own, so that the
 * window's focus, which it watches, draws no thread again.
 */
export function ReadMark({ id, unread, last }: ReadMarkProps): null {
  useInFront(id);
  const front = useObserved(inFront, (value) => value === id);
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
  return null;
}
