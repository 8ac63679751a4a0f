/** Times as the visitor's language writes them. */

const DAY_MS = 86_400_000;
const made = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a hundred times what using it does. */
function format(at: string, tag: string, options: Intl.DateTimeFormatOptions): string {
  const key = tag + Object.keys(options);
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat(tag, options));
  return made.get(key)!.format(new Date(at));
}

export const clockTime = (at: string, tag: string): string => format(at, tag, { hour: 'numeric', minute: '2-digit' });

/** The local day of a time: equal for times of the same day. */
export const dayOf = (at: string | number): string => new Date(at).toDateString();

/** "Today", "Yesterday", or the date. */
export function dayName(at: string, tag: string): string {
  const ago = [0, 1].find((days) => dayOf(Date.now() - days * DAY_MS) === dayOf(at));
  const name =
    ago === undefined
      ? format(at, tag, { day: 'numeric', month: 'long', ...(Date.now() - Date.parse(at) > 180 * DAY_MS && { year: 'numeric' }) })
      : new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }).format(-ago, 'day');
  return name[0]!.toUpperCase() + name.slice(1);
}
