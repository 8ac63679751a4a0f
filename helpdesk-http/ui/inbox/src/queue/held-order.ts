/**
 * Keeps rows where they are while somebody points at them.
 *
 * While the pointer is over the list its order is held: rows take their new content in place, rows that are new or would move up wait,
 * and the list says how many wait. What is loaded at the end (scrolling down) is still appended, because nothing above it moves.
 */

export interface HeldOrder {
  /** The ids in the order in which they are shown. */
  order: string[];
  /** How many ids wait for the pointer to leave: new ones above the end, and shown ones that sort higher now. */
  waiting: number;
}

/** The order to show, where `shown` is what was shown when the pointer came and `fresh` what would be shown without it. */
export function holdOrder(shown: readonly string[], fresh: readonly string[]): HeldOrder {
  const freshPlace = new Map(fresh.map((id, index) => [id, index]));
  const shownSet = new Set(shown);
  let end = -1;
  for (const id of shown) end = Math.max(end, freshPlace.get(id) ?? -1);
  const appended = fresh.filter((id, index) => index > end && !shownSet.has(id));
  const arrived = fresh.filter((id, index) => index < end && !shownSet.has(id)).length;
  return { order: [...shown, ...appended], waiting: arrived + risen(shown.filter((id) => freshPlace.has(id)), freshPlace) };
}

/** How many of the shown rows stand higher in the fresh order than a row shown above them. */
function risen(shown: readonly string[], freshPlace: ReadonlyMap<string, number>): number {
  let highest = -1;
  let count = 0;
  for (const id of shown) {
    const place = freshPlace.get(id) ?? 0;
    if (place < highest) count += 1;
    else highest = place;
  }
  return count;
}

/** A list as it is shown, with what is needed to show it the same while it is held. */
export interface ShownList<Row> {
  readonly key: string;
  readonly source: readonly Row[];
  readonly held: boolean;
  readonly shown: readonly Row[];
  readonly waiting: number;
}

/** The list to show after `before`; the same object where nothing has changed. Another `key` is another list, and holds nothing. */
export function showList<Row extends { id: string }>(before: ShownList<Row> | undefined, source: readonly Row[], held: boolean, key: string): ShownList<Row> {
  if (before && before.source === source && before.held === held && before.key === key) return before;
  if (!before || !held || before.key !== key || before.shown.length === 0) return { key, source, held, shown: source, waiting: 0 };
  const rows = new Map(before.shown.map((row) => [row.id, row]));
  for (const row of source) rows.set(row.id, row);
  const { order, waiting } = holdOrder(
    before.shown.map((row) => row.id),
    source.map((row) => row.id),
  );
  return { key, source, held, shown: order.flatMap((id) => rows.get(id) ?? []), waiting };
}
