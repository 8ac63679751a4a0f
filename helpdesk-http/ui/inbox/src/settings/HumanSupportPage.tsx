import { Group, NumberInput, SegmentedControl, Switch, Textarea } from '@mantine/core';
import type { Texts, WorkspaceSettings } from '@helpdesk/shared/wire';
import { mayManage, useMe } from '../app/me';
import { t } from '../i18n/translate';
import { ConflictAction } from './ConflictAction';
import { DirtyGuard } from './DirtyGuard';
import { FormFault, Loading, Page, ReadOnlyHint, SaveBar, Section } from './Page';
import { TextsFields, type TextsField, type TextsForm } from './TextsFields';
import { useSettingsForm } from './use-settings';

type HumanSupport = WorkspaceSettings['human_support'];
const FIELDS = ['human_support'] as const;
const EMPTY: HumanSupport = {
  enabled: false,
  button_hidden: false,
  threshold: { count: 'assistant_replies', at_least: 3 },
  button_text: {},
  transition_message: {},
  confirmation_prompt: '',
  waiting_label: {},
  connected_label: {},
  auto_reply: {},
};

const TEXTS = [
  { path: 'human_support.button_text', label: 'human.button_text', description: 'human.button_text_hint', long: false },
  { path: 'human_support.transition_message', label: 'human.transition_message', description: 'human.transition_message_hint', long: true },
  { path: 'human_support.waiting_label', label: 'human.waiting_label', description: 'human.waiting_label_hint', long: false },
  { path: 'human_support.connected_label', label: 'human.connected_label', description: 'human.connected_label_hint', long: false },
  { path: 'human_support.auto_reply', label: 'human.auto_reply', description: 'human.auto_reply_hint', long: true },
] as const satisfies readonly TextsField[];

/** The texts at a path of the form. */
function textsOf(support: HumanSupport, path: string): Texts {
  return (support as unknown as Record<string, Texts>)[path.slice('human_support.'.length)] ?? {};
}

export function HumanSupportPage() {
  const me = useMe();
  const { query, record } = useSettingsForm(FIELDS, { human_support: EMPTY });
  const { form } = record;
  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;

  const locked = !mayManage(me);
  const standard = query.data.default_language;
  const support = form.values.human_support;

  return (
    <Page title={t('settings.human_support')} text={t('human.text')}>
      <ReadOnlyHint />
      <FormFault text={record.fault} action={<ConflictAction conflict={record.conflict} takeNewer={record.takeNewer} />} />
      <form onSubmit={record.submit} noValidate>
        <Section title={t('human.offer')} text={t('human.offer_text')}>
          <Switch label={t('human.enabled')} description={t('human.enabled_text')} disabled={locked} {...form.getInputProps('human_support.enabled', { type: 'checkbox' })} />
          <Switch label={t('human.button_hidden')} description={t('human.button_hidden_text')} disabled={locked || !support.enabled} {...form.getInputProps('human_support.button_hidden', { type: 'checkbox' })} />
          <Group align="flex-end" gap="sm">
            <NumberInput label={t('human.at_least')} min={0} max={1000} allowDecimal={false} clampBehavior="strict" w={170} disabled={locked || !support.enabled} {...form.getInputProps('human_support.threshold.at_least')} />
            <SegmentedControl
              aria-label={t('human.count')}
              disabled={locked || !support.enabled}
              data={[
                { value: 'assistant_replies', label: t('human.count_replies') },
                { value: 'messages', label: t('human.count_messages') },
              ]}
              {...form.getInputProps('human_support.threshold.count')}
            />
          </Group>
        </Section>

        <Section title={t('human.texts')} text={t('human.texts_text')}>
          <TextsFields form={form as unknown as TextsForm} fields={TEXTS} textsAt={(path) => textsOf(support, path)} standard={standard} locked={locked} />
        </Section>

        <Section title={t('human.confirmation')} text={t('human.confirmation_text')}>
          <Textarea label={t('human.confirmation_prompt')} description={t('human.confirmation_prompt_hint')} autosize minRows={3} maxRows={12} disabled={locked} {...form.getInputProps('human_support.confirmation_prompt')} />
        </Section>
        <SaveBar dirty={record.dirty} saving={record.saving} discard={record.discard} />
      </form>
      <DirtyGuard dirty={record.dirty} />
    </Page>
  );
}

