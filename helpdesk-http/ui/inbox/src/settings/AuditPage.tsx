import { Button } from '@mantine/core';
import type { AuditItem } from '@helpdesk/shared/wire';
import { useInfiniteQuery } from '@tanstack/react-query';
import { fetchAudit } from '../api/inbox';
import { keys } from '../api/keys';
import { fullTime, mediumTime } from '../i18n/time';
import { t } from '../i18n/translate';
import { Face } from '../parts/Face';
import classes from './List.module.css';
import { Loading, Page } from './Page';

/** The detail in one line. It is text or a small object, whatever the action has to say. */
function detailText(item: AuditItem): string {
  const { detail } = item;
  if (detail === null || detail === undefined) return '';
  return typeof detail === 'string' ? detail : JSON.stringify(detail);
}

export function AuditPage() {
  const query = useInfiniteQuery({
    queryKey: keys.audit,
    queryFn: ({ pageParam, signal }) => fetchAudit(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 0,
  });
  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;
  const items = query.data.pages.flatMap((page) => page.items);
  return (
    <Page title={t('settings.audit')} text={t('audit.text')}>
      {items.length === 0 ? (
        <p className={classes.empty}>{t('audit.none')}</p>
      ) : (
        <ol className={classes.list}>
          {items.map((item, index) => {
            const name = item.actor.name ?? t(`author.${item.actor.type}`);
            return (
              <li key={index} className={classes.row}>
                <Face name={name} id={item.actor.id} kind={item.actor.type} size={30} />
                <span className={classes.main}>
                  <strong>
                    {name} · {item.action} {item.subject && <>· {item.subject}</>}
                  </strong>
                  <span title={detailText(item)} dir="auto">
                    {detailText(item)}
                  </span>
                </span>
                <time className={classes.time} dateTime={item.at} title={fullTime(item.at)}>
                  {mediumTime(item.at)}
                </time>
              </li>
            );
          })}
        </ol>
      )}
      {query.hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('action.load_more')}
          </Button>
        </div>
      )}
    </Page>
  );
}
