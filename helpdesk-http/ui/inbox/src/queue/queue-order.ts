import { Observable } from '../app/observable';

/** The ids of the list as it is shown now, from the top; the keyboard walks along it. */
export const queueOrder = new Observable<readonly string[]>([]);

/** The neighbour to go to: the next or the previous, or the first where nothing (or something that is gone) is open. */
export function neighbour(order: readonly string[], open: string | undefined, step: 1 | -1): string | undefined {
  const index = open === undefined ? -1 : order.indexOf(open);
  if (index < 0) return order[0];
  return order[index + step];
}
