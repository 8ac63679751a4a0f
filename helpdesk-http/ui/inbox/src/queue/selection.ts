/**
 * The conversation that the list marks. The address says which one is open; a key or a click marks the next one at once, and the
 * address, with the whole thread behind it, follows when that has been drawn.
 */

import { Observable } from '../app/observable';

export const selected = new Observable<string | undefined>(undefined);

/** The conversation that was walked to with a single key: whoever walks does not yet write. */
let walkedTo: string | undefined;
export const wasWalkedTo = (conversation: string): boolean => walkedTo === conversation;

/** While a key is held down the thread waits until it is let go; each step only marks. */
const HELD_MILLISECONDS = 120;
let cancel: (() => void) | undefined;

/** Runs when the frame that comes next is on the screen. */
function afterFrame(task: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(task);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

function later(task: () => void): () => void {
  const timer = setTimeout(task, HELD_MILLISECONDS);
  return () => clearTimeout(timer);
}

/** Marks a conversation now and opens it once that is to be seen, unless another was marked meanwhile. */
export function markThenOpen(conversation: string, open: () => void, { held = false, walking = false } = {}): void {
  cancel?.();
  walkedTo = walking ? conversation : undefined;
  selected.set(conversation);
  // A page that nobody sees draws no frames.
  cancel = (held || document.hidden ? later : afterFrame)(() => {
    cancel = undefined;
    if (selected.get() === conversation) open();
  });
}

/** The address has changed: what it says is marked, and what was about to be opened is not. */
export function followAddress(conversation: string | undefined): void {
  if (selected.get() === conversation) return;
  cancel?.();
  cancel = undefined;
  walkedTo = undefined;
  selected.set(conversation);
}

/** Whether a thread is still the marked one. Keys must not act on one that the reader has just left. */
export const isLeft = (conversation: string): boolean => selected.get() !== conversation;
