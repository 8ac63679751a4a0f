import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { fetchAudit } from '../api/inbox';
import { keys } from '../api/keys';
import { fullTime, mediumTime } from '../i18n/time';
import { t } from '../i18n/translate';
import { Face } from '../parts/Face';
import classes from './List.module.css';
import { Loading, Page } from './Page';

/** A value in one line. It is text or a small object, whatever the action has to say. */
function inWords(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(inWords).join(', ');
  if (typeof value !== 'object') return String(value);
  return Object.entries(value)
    .map(([name, inner]) => `${name.replaceAll('_', ' ')}: ${inWords(inner)}`)
    .join('; ');
}

/** `settings.changed` as "settings changed". */
const actionInWords = (action: string): string => action.replace(/[._]/gu, ' ');
/** Without ids: they name nothing to people, and the title has them. */
const subjectInWords = (subject: string): string => subject.replace(/:?[0-9a-f]{8}-[0-9a-f-]{27}$/iu, '');

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
                    {name} · {actionInWords(item.action)}
                  </strong>
                  <span title={`${item.subject} ${inWords(item.detail)}`} dir="auto">
                    {inWords(item.detail) || subjectInWords(item.subject)}
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
