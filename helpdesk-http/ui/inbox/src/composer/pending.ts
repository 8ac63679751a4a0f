/** What is on its way, and which of it still has to be shown. Pure. */

import type { OutboxItem } from '@helpdesk/shared/outbox';
import type { Entry } from '@helpdesk/shared/wire';

export type Mode = 'reply' | 'note';

export interface Pending extends OutboxItem {
  mode: Mode;
}

/**
 * What to show below the entries. Between an entry's arrival by the line and the answer to its request both are held; what stands
 * in an entry of mine above its base is already shown.
 */
export function pendingBelow(items: readonly Pending[], conversation: string, entries: readonly Entry[], me: string): Pending[] {
  const taken = new Set<number>();
  return items.filter((item) => {
    if (item.conversation !== conversation) return false;
    const wanted = item.mode === 'note' ? 'note' : 'message';
    const twin = entries.find((entry) => {
      if (item.seq !== undefined) return entry.seq === item.seq;
      return entry.seq > item.base && !taken.has(entry.seq) && entry.author.type === 'operator' && entry.author.id === me && entry.body.type === wanted && entry.body.text === item.text;
    });
    if (twin) taken.add(twin.seq);
    return !twin;
  });
}
