import { Badge, Button, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, FileText, Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { fetchArticles } from '../api/inbox';
import { keys } from '../api/keys';
import { mayManage, useMe } from '../app/me';
import { nameOf } from '../i18n/time';
import { t } from '../i18n/translate';
import classes from './List.module.css';
import { Loading, Page } from './Page';

export function ArticlesPage() {
  const me = useMe();
  const [search, setSearch] = useState('');
  const query = useInfiniteQuery({
    queryKey: keys.articles,
    queryFn: ({ pageParam, signal }) => fetchArticles(pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;
  const articles = query.data.pages.flatMap((page) => page.items);
  const wanted = search.trim().toLocaleLowerCase();
  const found = wanted ? articles.filter((article) => `${article.title} ${article.body}`.toLocaleLowerCase().includes(wanted)) : articles;
  return (
    <Page
      title={t('settings.articles')}
      text={t('articles.text')}
      actions={
        mayManage(me) && (
          <Button renderRoot={(props) => <Link to="/settings/articles/$article" params={{ article: 'new' }} {...props} />} leftSection={<Plus size={15} />}>
            {t('articles.add')}
          </Button>
        )
      }
    >
      {articles.length > 5 && <TextInput mb="sm" placeholder={t('articles.search')} aria-label={t('articles.search')} leftSection={<Search size={15} />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />}
      {found.length === 0 ? (
        <p className={classes.empty}>{articles.length === 0 ? t('articles.none') : t('articles.none_found')}</p>
      ) : (
        <ul className={classes.list}>
          {found.map((article) => (
            <li key={article.id}>
              <Link to="/settings/articles/$article" params={{ article: article.id }} className={classes.row}>
                <FileText size={18} aria-hidden="true" />
                <span className={classes.main}>
                  <strong dir="auto">{article.title}</strong>
                  <span dir="auto">{article.body.replace(/\s+/gu, ' ').slice(0, 160)}</span>
                </span>
                {article.language && <Badge variant="default">{nameOf('language', article.language)}</Badge>}
                <ChevronRight size={17} aria-hidden="true" />
              </Link>
            </li>
          ))}
        </ul>
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
