/** Only what differs is sent, so that two people who change different things do not undo each other, and the audit log names what changed. */

type Plain = Record<string, unknown>;

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
const isPlain = (value: unknown): value is Plain => value !== null && typeof value === 'object' && !Array.isArray(value);

/** The fields of `after` that differ from `before`, one level into objects: texts deeper than that are replaced whole. */
export function changedPart<Values extends object>(before: Values, after: Values): Partial<Values> {
  const part: Plain = {};
  for (const [name, value] of Object.entries(after)) {
    const old = (before as Plain)[name];
    if (same(old, value)) continue;
    if (!isPlain(value) || !isPlain(old)) part[name] = value;
    else part[name] = Object.fromEntries(Object.entries(value).filter(([inner, innerValue]) => !same(old[inner], innerValue)));
  }
  return part as Partial<Values>;
}
