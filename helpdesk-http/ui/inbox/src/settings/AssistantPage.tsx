import { Anchor, Select, Switch, Textarea, TextInput } from '@mantine/core';
import type { Assistant, Priority, Texts } from '@helpdesk/shared/wire';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { changeAssistant, fetchAssistant } from '../api/inbox';
import { keys } from '../api/keys';
import { mayManage, useMe } from '../app/me';
import { queryClient } from '../app/query-client';
import { t } from '../i18n/translate';
import { ConflictAction } from './ConflictAction';
import { DirtyGuard } from './DirtyGuard';
import { FormFault, Loading, Page, ReadOnlyHint, SaveBar, Section } from './Page';
import { TextsFields, type TextsField, type TextsForm } from './TextsFields';
import { useRecordForm } from './use-record-form';
import { useSettingsRecord } from './use-settings-record';

type Fields = Pick<Assistant, 'name' | 'prompt' | 'guidance' | 'handover' | 'default_priority' | 'greeting' | 'unknown_text' | 'confirmation_text'>;
const EMPTY: Fields = { name: '', prompt: '', guidance: '', handover: true, default_priority: 'normal', greeting: {}, unknown_text: {}, confirmation_text: {} };

const TEXTS = [
  { path: 'greeting', label: 'assistants.greeting', description: 'assistants.greeting_hint', long: true },
  { path: 'unknown_text', label: 'assistants.unknown', description: 'assistants.unknown_hint', long: true },
  { path: 'confirmation_text', label: 'assistants.confirmation', description: 'assistants.confirmation_hint', long: true },
] as const satisfies readonly TextsField[];
const PRIORITIES: readonly Priority[] = ['low', 'normal', 'high', 'urgent'];

const fieldsOf = (assistant: Assistant) => {
  const { name, prompt, guidance, handover, default_priority, greeting, unknown_text, confirmation_text, version } = assistant;
  return { values: { name, prompt, guidance, handover, default_priority, greeting, unknown_text, confirmation_text }, version };
};

export function AssistantPage() {
  const me = useMe();
  const { assistant: id } = useParams({ strict: false }) as { assistant: string };
  const query = useQuery({ queryKey: keys.assistant(id), queryFn: ({ signal }) => fetchAssistant(id, signal) });
  const stored = useMemo(() => (query.data ? fieldsOf(query.data) : undefined), [query.data]);
  const record = useRecordForm<Fields>({
    stored,
    empty: EMPTY,
    save: async (part, version) => {
      const assistant = await changeAssistant(id, { version, ...part });
      queryClient.setQueryData(keys.assistant(id), assistant);
      void queryClient.invalidateQueries({ queryKey: keys.assistants });
      return fieldsOf(assistant);
    },
    reload: () => void query.refetch(),
  });
  const { form } = record;
  const standard = useSettingsRecord().data?.default_language ?? 'en';
  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;
  const locked = !mayManage(me);
  return (
    <Page title={query.data.name} text={t('assistants.driver', { driver: query.data.driver })} actions={<Anchor component={Link} to="/settings/assistants" size="sm">{t('assistants.all')}</Anchor>}>
      <ReadOnlyHint />
      <FormFault text={record.fault} action={<ConflictAction conflict={record.conflict} takeNewer={record.takeNewer} />} />
      <form onSubmit={record.submit} noValidate>
        <Section title={t('assistants.identity')}>
          <TextInput label={t('assistants.name')} description={t('assistants.name_hint')} maxLength={80} disabled={locked} {...form.getInputProps('name')} />
        </Section>
        <Section title={t('assistants.behaviour')} text={t('assistants.behaviour_text')}>
          <Textarea label={t('assistants.prompt')} description={t('assistants.prompt_hint')} autosize minRows={5} maxRows={20} disabled={locked} {...form.getInputProps('prompt')} />
        </Section>
        <Section title={t('assistants.texts')} text={t('assistants.texts_text')}>
          <TextsFields form={form as unknown as TextsForm} fields={TEXTS} textsAt={(path) => (form.values as unknown as Record<string, Texts>)[path] ?? {}} standard={standard} locked={locked} />
        </Section>
        <Section title={t('assistants.escalation')} text={t('assistants.escalation_text')}>
          <Switch label={t('assistants.handover')} description={t('assistants.handover_hint')} disabled={locked} {...form.getInputProps('handover', { type: 'checkbox' })} />
          <Textarea label={t('assistants.guidance')} description={t('assistants.guidance_hint')} autosize minRows={3} maxRows={12} disabled={locked || !form.values.handover} {...form.getInputProps('guidance')} />
          <Select label={t('assistants.priority')} data={PRIORITIES.map((priority) => ({ value: priority, label: t(`priority.${priority}`) }))} allowDeselect={false} w={200} disabled={locked || !form.values.handover} {...form.getInputProps('default_priority')} />
        </Section>
        <SaveBar dirty={record.dirty} saving={record.saving} discard={record.discard} />
      </form>
      <DirtyGuard dirty={record.dirty} />
    </Page>
  );
}
