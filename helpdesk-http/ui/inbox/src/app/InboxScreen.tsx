/** List and thread side by side; on narrow screens one after the other. */

import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { MessagesSquare } from 'lucide-react';
import { useLayoutEffect, useMemo } from 'react';
import { Kbd } from '@mantine/core';
import type { QueueFilter } from '../api/inbox';
import { t } from '../i18n/translate';
import { neighbour, placeOf, queueOrder } from '../queue/queue-order';
import { QueuePane } from '../queue/QueuePane';
import { followAddress, markThenOpen, selected } from '../queue/selection';
import type { ShownView } from '../queue/views';
import classes from './InboxScreen.module.css';
import type { InboxSearch } from './router';
import { useShortcuts } from './shortcuts';

export function InboxScreen() {
  const navigate = useNavigate();
  const { view, conversation } = useParams({ strict: false }) as { view: ShownView; conversation?: string };
  const { panel, sort = 'newest', status, assignee, assistant, flagged, unread } = useSearch({ strict: false }) as InboxSearch;
  const filter = useMemo<QueueFilter>(() => ({ view, sort, status, assignee, assistant, flagged, unread }), [view, sort, status, assignee, assistant, flagged, unread]);

  useLayoutEffect(() => followAddress(conversation), [conversation]);

  const go = (step: 1 | -1, event: KeyboardEvent) => {
    const from = selected.get();
    const next = neighbour(queueOrder.get(), from, step, placeOf(from));
    if (!next) return;
    const open = () => void navigate({ to: '/$view/$conversation', params: { view, conversation: next }, search: (previous: Record<string, unknown>) => ({ ...previous, panel: undefined }), replace: conversation !== undefined });
    markThenOpen(next, open, { held: event.repeat, walking: !event.altKey });
  };
  useShortcuts({
    j: (event) => go(1, event),
    k: (event) => go(-1, event),
    'alt+j': (event) => go(1, event),
    'alt+k': (event) => go(-1, event),
    escape: () => {
      if (!conversation) return false;
      if (panel) {
        void navigate({ to: '.', search: (previous: Record<string, unknown>) => ({ ...previous, panel: undefined }) });
        return true;
      }
      void navigate({ to: '/$view', params: { view }, search: true }).then(() => {
        // Whoever came from a row goes back to it.
        document.querySelector<HTMLElement>(`[data-conversation="${CSS.escape(conversation)}"]`)?.focus({ preventScroll: true });
      });
      return true;
    },
  });

  return (
    <div className={classes.screen} data-open={conversation ? 'thread' : 'list'}>
      <QueuePane filter={filter} open={conversation !== undefined} />
      <div className={classes.thread}>
        <Outlet />
      </div>
    </div>
  );
}

export function NothingOpen() {
  return (
    <div className={classes.nothing}>
      <MessagesSquare size={40} strokeWidth={1.2} aria-hidden="true" />
      <p>{t('thread.nothing_open')}</p>
      <p className={classes.keys}>
        <span>
          <Kbd size="xs">J</Kbd> <Kbd size="xs">K</Kbd> {t('thread.hint_walk')}
        </span>
        <span>
          <Kbd size="xs">Ctrl</Kbd> <Kbd size="xs">K</Kbd> {t('thread.hint_palette')}
        </span>
        <span>
          <Kbd size="xs">?</Kbd> {t('thread.hint_shortcuts')}
        </span>
      </p>
    </div>
  );
}
