/** The list of one view: its header, and rows that exist only while they can be seen. */

import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp, Inbox } from 'lucide-react';
import { memo, useCallback, useEffect, useEffectEvent, useRef } from 'react';
import type { QueueFilter } from '../api/inbox';
import { faultText } from '../api/fault';
import { pagePath } from '../app/base';
import { useMe } from '../app/me';
import { useNow } from '../app/clock';
import { plural, t } from '../i18n/translate';
import { useSettingsRecord } from '../settings/use-settings-record';
import classes from './QueuePane.module.css';
import { FilterChips } from './FilterChips';
import { filterKey, narrowing, NO_FILTERS, searchText, type QueueSearch } from './filters';
import { QueueHeader } from './QueueHeader';
import { keepPlace, queueOrder } from './queue-order';
import { QueueRow, QueueRowGhost } from './QueueRow';
import { markThenOpen, selected } from './selection';
import { usePointing, useQueue, useShownOrder } from './use-queue';

const ROW_HEIGHT = 90;

export const QueuePane = memo(function QueuePane({ filter, open: anyOpen }: { filter: QueueFilter; open: boolean }) {
  const { query, conversations } = useQueue(filter);
  const { pointing, handlers, release } = usePointing();
  const queueKey = filterKey(filter);
  const { shown, waiting } = useShownOrder(conversations, pointing, queueKey);
  const { data: settings } = useSettingsRecord();
  const me = useMe().operator.id;
  const now = useNow();
  const scroller = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const open = useCallback(
    (conversation: string) =>
      markThenOpen(conversation, () => void navigate({ to: '/$view/$conversation', params: { view: filter.view, conversation }, search: (previous: Record<string, unknown>) => ({ ...previous, panel: undefined }) })),
    [navigate, filter.view],
  );
  const change = useCallback((search: QueueSearch) => void navigate({ to: '.', search: (previous: Record<string, unknown>) => ({ ...previous, ...search }), replace: true }), [navigate]);
  const narrowed = narrowing(filter) > 0;
  const suffix = searchText(filter);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;

  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 8,
  });
  const rows = virtualizer.getVirtualItems();
  const lastRow = rows[rows.length - 1]?.index ?? 0;

  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastRow >= shown.length - 15) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastRow, shown.length]);

  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [queueKey]);

  // The keyboard walks through what is shown here, and the walked-to row has to be in sight.
  useEffect(() => {
    queueOrder.set(shown.map((conversation) => conversation.id));
  }, [shown]);
  // Only a new selection moves the list; rows that shift under a selection do not.
  const bring = useEffectEvent((conversation: string | undefined) => {
    const place = shown.findIndex(({ id }) => id === conversation);
    if (conversation === undefined || place < 0) return;
    keepPlace(conversation, place);
    virtualizer.scrollToIndex(place, { align: 'auto' });
  });
  useEffect(() => {
    bring(selected.get());
    return selected.subscribe(() => bring(selected.get()));
  }, []);
  useEffect(() => {
    const conversation = selected.get();
    const place = shown.findIndex(({ id }) => id === conversation);
    if (conversation !== undefined && place >= 0) keepPlace(conversation, place);
  });

  return (
    <section className={classes.pane} aria-label={t('queue.label', { view: t(`view.${filter.view}`) })}>
      {settings && !settings.helpdesk && (
        <p className={classes.off} role="status">
          {t('queue.helpdesk_off')} <Link to="/settings/general">{t('rail.settings')}</Link>
        </p>
      )}
      <QueueHeader filter={filter} open={anyOpen} change={change} />
      {narrowed && <FilterChips filter={filter} change={change} />}
      {waiting > 0 && (
        <div className={classes.waiting}>
          <Button size="compact-xs" variant="filled" radius="xl" leftSection={<ArrowUp size={13} />} onClick={release}>
            {plural('queue.waiting', waiting)}
          </Button>
        </div>
      )}
      <div ref={scroller} className={`scroll ${classes.scroller}`} {...handlers} tabIndex={-1}>
        {query.isPending && Array.from({ length: 8 }, (_, index) => <QueueRowGhost key={index} />)}
        {query.isError && shown.length === 0 && (
          <div className={classes.empty} role="alert">
            <p>{faultText(query.error)}</p>
            <Button variant="default" size="xs" onClick={() => void query.refetch()}>
              {t('action.try_again')}
            </Button>
          </div>
        )}
        {query.isSuccess && shown.length === 0 && (
          <div className={classes.empty}>
            <Inbox size={30} strokeWidth={1.4} aria-hidden="true" />
            <p>{narrowed ? t('queue.nothing_filtered') : t(`queue.nothing.${filter.view}`)}</p>
            {narrowed && (
              <Button variant="default" size="xs" onClick={() => change(NO_FILTERS)}>
                {t('filter.clear')}
              </Button>
            )}
          </div>
        )}
        {shown.length > 0 && (
          <ul className={classes.list} style={{ height: virtualizer.getTotalSize() }}>
            {rows.map((row) => {
              const conversation = shown[row.index];
              if (!conversation) return null;
              return (
                <li key={row.key} className={classes.item} style={{ transform: `translateY(${row.start}px)` }} aria-setsize={hasNextPage ? -1 : shown.length} aria-posinset={row.index + 1}>
                  <QueueRow
                    conversation={conversation}
                    href={`${pagePath}/${filter.view}/${conversation.id}${suffix}`}
                    open={open}
                    now={now}
                    me={me}
                  />
                </li>
              );
            })}
          </ul>
        )}
        {query.isFetchNextPageError && (
          <div className={classes.more} role="alert">
            {faultText(query.error)}{' '}
            <Button variant="subtle" size="compact-xs" onClick={() => void fetchNextPage()}>
              {t('action.try_again')}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
});
