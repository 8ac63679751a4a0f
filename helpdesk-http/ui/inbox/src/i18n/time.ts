/** Times as people read them, by Intl in the page's language and the reader's own time zone. */

import { currentLocale, t } from './translate';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();
function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${currentLocale()} ${name}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(currentLocale(), options)));
  return found;
}

const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0);

/** As short as a list needs: "now", "5m", "14:02", "Tue", "3 Nov", "3 Nov 2025". */
export function shortTime(at: string, now: number): string {
  const time = Date.parse(at);
  const age = now - time;
  if (age < MINUTE) return t('time.now');
  if (age < HOUR) return t('time.minutes', { count: Math.floor(age / MINUTE) });
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY);
  if (days <= 0) return clock(at);
  if (days < 7) return format('weekday', { weekday: 'short' }).format(time);
  if (new Date(time).getFullYear() === new Date(now).getFullYear()) return format('day', { day: 'numeric', month: 'short' }).format(time);
  return format('date', { day: 'numeric', month: 'short', year: 'numeric' }).format(time);
}

/** "14:02" */
export const clock = (at: string): string => format('clock', { hour: '2-digit', minute: '2-digit' }).format(Date.parse(at));

/** "Tuesday, 3 November 2026 at 14:02:11", for titles. */
export const fullTime = (at: string): string => format('full', { dateStyle: 'full', timeStyle: 'medium' }).format(Date.parse(at));

/** "3 Nov 2026, 14:02" */
export const mediumTime = (at: string): string => format('medium', { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(at));

/** The heading above the entries of one day: "Today", "Yesterday", "Tuesday, 3 November". */
export function dayHeading(at: string, now: number): string {
  const time = Date.parse(at);
  const days = Math.round((startOfDay(now) - startOfDay(time)) / DAY);
  if (days === 0) return t('time.today');
  if (days === 1) return t('time.yesterday');
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return format(sameYear ? 'heading' : 'heading-year', { weekday: 'long', day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) }).format(time);
}

/** The clock in another time zone, "15:02"; nothing where the zone is not known to the browser. */
export function clockIn(zone: string, now: number): string | undefined {
  try {
    return new Intl.DateTimeFormat(currentLocale(), { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(now);
  } catch {
    return undefined;
  }
}

/** A name for a country code or a language tag; the code itself where there is none. */
export function nameOf(kind: 'region' | 'language', code: string): string {
  try {
    return new Intl.DisplayNames(currentLocale(), { type: kind }).of(code) ?? code;
  } catch {
    return code;
  }
}
