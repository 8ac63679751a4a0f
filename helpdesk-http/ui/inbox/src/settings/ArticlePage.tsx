import { Anchor, Button, Select, Textarea, TextInput } from '@mantine/core';
import type { Article, NewArticle } from '@helpdesk/shared/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { changeArticle, createArticle, deleteArticle, fetchArticle } from '../api/inbox';
import { keys } from '../api/keys';
import { mayManage, useMe } from '../app/me';
import { queryClient } from '../app/query-client';
import { say, sayFault } from '../app/toast';
import { t } from '../i18n/translate';
import { Confirm } from './Confirm';
import { ConflictAction } from './ConflictAction';
import { DirtyGuard } from './DirtyGuard';
import { LANGUAGES, languageLabel } from './languages';
import { FormFault, Loading, Page, ReadOnlyHint, SaveBar, Section } from './Page';
import { useRecordForm } from './use-record-form';

const EMPTY: NewArticle = { title: '', body: '', url: null, language: null };
const fieldsOf = ({ title, body, url, language, version }: Article) => ({ values: { title, body, url: url ?? null, language: language ?? null }, version });

export function ArticlePage() {
  const { article: id } = useParams({ strict: false }) as { article: string };
  return <ArticleForm key={id} id={id === 'new' ? undefined : id} />;
}

function ArticleForm({ id }: { id: string | undefined }) {
  const me = useMe();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [gone, setGone] = useState<string>();
  const query = useQuery({ queryKey: keys.article(id ?? 'new'), queryFn: ({ signal }) => fetchArticle(id ?? '', signal), enabled: id !== undefined });
  const stored = useMemo(() => (id === undefined ? { values: EMPTY, version: 0 } : query.data ? fieldsOf(query.data) : undefined), [id, query.data]);
  const record = useRecordForm<NewArticle>({
    stored,
    empty: EMPTY,
    save: async (part, version) => {
      const article = id === undefined ? await createArticle({ title: '', body: '', ...part }) : await changeArticle(id, { ...part, version });
      queryClient.setQueryData(keys.article(article.id), article);
      void queryClient.invalidateQueries({ queryKey: keys.articles });
      if (id === undefined) setGone(article.id);
      return fieldsOf(article);
    },
    reload: () => void query.refetch(),
  });
  const { form } = record;

  // Only once nothing is unsaved any more: the guard would ask otherwise.
  if (gone !== undefined && !record.dirty && !record.saving) void navigate({ to: '/settings/articles/$article', params: { article: gone }, replace: true });
  if (!stored) return <Loading error={query.error} retry={() => void query.refetch()} />;

  const locked = !mayManage(me);
  const remove = async () => {
    setAsking(false);
    if (id === undefined) return;
    try {
      await deleteArticle(id);
      record.discard();
      void queryClient.invalidateQueries({ queryKey: keys.articles });
      say(t('articles.deleted'));
      void navigate({ to: '/settings/articles' });
    } catch (error) {
      sayFault(error);
    }
  };
  const languages = [...new Set([...(form.values.language ? [form.values.language] : []), ...LANGUAGES])];
  return (
    <Page title={id === undefined ? t('articles.new') : (query.data?.title ?? '')} actions={<Anchor component={Link} to="/settings/articles" size="sm">{t('articles.all')}</Anchor>}>
      <ReadOnlyHint />
      <FormFault text={record.fault} action={<ConflictAction conflict={record.conflict} takeNewer={record.takeNewer} />} />
      <form onSubmit={record.submit} noValidate>
        <Section title={t('articles.content')} text={t('articles.content_text')}>
          <TextInput label={t('articles.title')} dir="auto" maxLength={200} disabled={locked} {...form.getInputProps('title')} />
          <Textarea label={t('articles.body')} dir="auto" autosize minRows={10} maxRows={28} disabled={locked} {...form.getInputProps('body')} />
        </Section>
        <Section title={t('articles.about')}>
          <TextInput
            label={t('articles.url')}
            description={t('articles.url_hint')}
            type="url"
            disabled={locked}
            {...form.getInputProps('url')}
            value={form.values.url ?? ''}
            onChange={(event) => form.setFieldValue('url', event.currentTarget.value || null)}
          />
          <Select label={t('articles.language')} clearable searchable data={languages.map((tag) => ({ value: tag, label: languageLabel(tag) }))} disabled={locked} {...form.getInputProps('language')} />
          {id !== undefined && !locked && (
            <Button style={{ alignSelf: 'flex-start' }} size="xs" variant="subtle" color="red" leftSection={<Trash2 size={14} />} onClick={() => setAsking(true)}>
              {t('articles.delete')}
            </Button>
          )}
        </Section>
        <SaveBar dirty={record.dirty} saving={record.saving} discard={record.discard} />
      </form>
      <DirtyGuard dirty={record.dirty} />
      <Confirm opened={asking} title={t('articles.delete')} text={t('articles.delete_text')} action={t('articles.delete')} run={() => void remove()} close={() => setAsking(false)} />
    </Page>
  );
}
