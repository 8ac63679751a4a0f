import { Observable } from '../app/observable';

/** The ids of the list as it is shown now, from the top; the keyboard walks along it. */
export const queueOrder = new Observable<readonly string[]>([]);

let last: { conversation: string; place: number } | undefined;

/** Remembers where the open conversation stands: it may leave the list, read or resolved, while it is open. */
export function keepPlace(conversation: string, place: number): void {
  last = { conversation, place };
}

/** The last place of a conversation in the list, if it is the one that was open last. */
export const placeOf = (conversation: string | undefined): number | undefined => (last && last.conversation === conversation ? last.place : undefined);

/**
 * The neighbour to go to: the next or the previous, or the first where nothing is open. What has left the list from a known place has
 * as its next the one that moved up into that place.
 */
export function neighbour(order: readonly string[], open: string | undefined, step: 1 | -1, place?: number): string | undefined {
  const index = open === undefined ? -1 : order.indexOf(open);
  if (index >= 0) return order[index + step];
  if (place === undefined) return order[0];
  return order[step === 1 ? place : place - 1] ?? order[order.length - 1];
}
