/** The conversation that the operator has in front: open, on a visible page, in a focused window. It can have nothing unread. */

import { useEffect } from 'react';
import { Observable } from '../app/observable';

export const inFront = new Observable<string | undefined>(undefined);

/** Says for as long as a thread is drawn that its conversation is in front whenever the window is. */
export function useInFront(conversation: string): void {
  useEffect(() => {
    const look = () => inFront.set(document.visibilityState === 'visible' && document.hasFocus() ? conversation : undefined);
    look();
    window.addEventListener('focus', look);
    window.addEventListener('blur', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      window.removeEventListener('focus', look);
      window.removeEventListener('blur', look);
      document.removeEventListener('visibilitychange', look);
      inFront.set(undefined);
    };
  }, [conversation]);
}
