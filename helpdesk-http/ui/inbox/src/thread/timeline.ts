/** What a thread shows, one line after the other: day headings, entries and the groups that they form. Pure. */

import type { Entry } from '@helpdesk/shared/wire';

export type TimelineItem = { kind: 'day'; key: string; at: string } | { kind: 'entry'; key: string; entry: Entry; first: boolean; last: boolean };

/** Messages of one author closer together than this stand as one group under one name. */
const GROUP_MILLISECONDS = 5 * 60_000;

const day = (at: string): number => new Date(at).setHours(0, 0, 0, 0);

function isSpeech(entry: Entry): boolean {
  return entry.body.type === 'message' || entry.body.type === 'note' || entry.body.type === 'erased';
}

function together(above: Entry | undefined, below: Entry): boolean {
  return (
    above !== undefined &&
    isSpeech(above) &&
    isSpeech(below) &&
    (above.body.type === 'note') === (below.body.type === 'note') &&
    above.author.type === below.author.type &&
    (above.author.id ?? null) === (below.author.id ?? null) &&
    above.channel === below.channel &&
    day(above.at) === day(below.at) &&
    Date.parse(below.at) - Date.parse(above.at) < GROUP_MILLISECONDS
  );
}

export function timelineItems(entries: readonly Entry[]): TimelineItem[] {
  const items: TimelineItem[] = [];
  entries.forEach((entry, index) => {
    const above = entries[index - 1];
    const below = entries[index + 1];
    if (!above || day(above.at) !== day(entry.at)) items.push({ kind: 'day', key: `day-${day(entry.at)}`, at: entry.at });
    items.push({ kind: 'entry', key: `entry-${entry.seq}`, entry, first: !together(above, entry), last: below === undefined || !together(entry, below) });
  });
  return items;
}
