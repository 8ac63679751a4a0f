/** Follows the `queue` topic: every change of any conversation of the workspace, of operators and of settings. */

import type { Cursor, ServerFrame } from '@helpdesk/shared/wire';
import { keys } from '../api/keys';
import { queryClient } from '../app/query-client';
import { countAgain, learnConversation, learnCounts, learnOperator, reloadQueues } from './desk';
import { line } from './line';

/** What else the topic keeps fresh, beside the queues. */
const BESIDE = [keys.operators, keys.settings, keys.assistants, keys.articles, keys.contactsConversations];

export function followQueue(): () => void {
  let cursor: Cursor | undefined;
  /** The server no longer knows what was missed since. */
  let behind = false;
  const receive = (frame: ServerFrame): void => {
    if (frame.type !== 'queue') return;
    const first = cursor === undefined;
    cursor = frame.cursor;
    for (const change of frame.changes) {
      if (change.kind === 'conversation') learnConversation(change.conversation);
      else if (change.kind === 'operator') learnOperator(change.operator);
      else for (const key of [keys.settings, keys.assistants, keys.articles]) void queryClient.invalidateQueries({ queryKey: key });
    }
    if (frame.counts) learnCounts(frame.counts);
    else if (frame.changes.length > 0) countAgain();
    // Between what the page loaded and this first frame changes may have been missed.
    if (first) {
      reloadQueues();
      if (behind) for (const key of BESIDE) void queryClient.invalidateQueries({ queryKey: key });
      behind = false;
    }
  };
  return line.watch('queue', {
    cursor: () => cursor,
    frame: receive,
    resync: () => {
      cursor = undefined;
      behind = true;
      line.refresh('queue');
    },
  });
}
