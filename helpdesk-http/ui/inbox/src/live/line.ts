/** The page's one live connection and what it says about itself. */

import { createTransport, type StopReason, type TransportState } from '@helpdesk/shared/transport';
import type { ServerFrame } from '@helpdesk/shared/wire';
import { apiBase } from '../app/base';
import { Observable } from '../app/observable';

export interface LineState {
  state: TransportState;
  reason?: StopReason | undefined;
  /** Whether the line has been up since the page was loaded: before that nothing is out of date. */
  wasLive: boolean;
}

export const lineState = new Observable<LineState>({ state: 'idle', wasLive: false });

const listeners = new Set<(frame: ServerFrame) => void>();

/** Hears every frame that is no change of a conversation; answers with the function that ends it. */
export function onFrame(listener: (frame: ServerFrame) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const line = createTransport({
  base: apiBase,
  state: (state, reason) => lineState.update((before) => ({ state, reason, wasLive: before.wasLive || state === 'live' })),
  frame: (frame) => {
    for (const listener of [...listeners]) listener(frame);
  },
});
