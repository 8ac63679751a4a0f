import { useCallback, useEffect, useMemo, useRef } from 'react';
import { sayTyping } from '../api/inbox';
import { line } from '../live/line';

const REPEAT_MILLISECONDS = 3_000;

/** Tells the others that somebody types here: at the first key, then every three seconds while keys are pressed. */
export function useTypingSign(conversation: string, note: boolean): { sign: () => void; stop: () => void } {
  const last = useRef(0);
  const stop = useCallback(() => {
    last.current = 0;
  }, []);
  useEffect(() => stop, [stop, conversation, note]);
  const sign = useCallback(() => {
    const now = Date.now();
    if (now - last.current < REPEAT_MILLISECONDS) return;
    last.current = now;
    // A lost sign of typing is not worth a word.
    if (!line.notify({ type: 'typing', conversation, note })) sayTyping(conversation, note).catch(() => {});
  }, [conversation, note]);
  return useMemo(() => ({ sign, stop }), [sign, stop]);
}
