import { Button, Group, Menu, NumberInput, SegmentedControl, Select, Switch, Textarea, TextInput } from '@mantine/core';
import type { Texts, WorkspaceSettings } from '@helpdesk/shared/wire';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { mayManage, useMe } from '../app/me';
import { t, type TextKey } from '../i18n/translate';
import { ConflictAction } from './ConflictAction';
import { DirtyGuard } from './DirtyGuard';
import { LANGUAGES, languageLabel } from './languages';
import { FormFault, Loading, Page, ReadOnlyHint, SaveBar, Section } from './Page';
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
  { name: 'button_text', label: 'human.button_text', description: 'human.button_text_hint', long: false },
  { name: 'transition_message', label: 'human.transition_message', description: 'human.transition_message_hint', long: true },
  { name: 'waiting_label', label: 'human.waiting_label', description: 'human.waiting_label_hint', long: false },
  { name: 'connected_label', label: 'human.connected_label', description: 'human.connected_label_hint', long: false },
  { name: 'auto_reply', label: 'human.auto_reply', description: 'human.auto_reply_hint', long: true },
] as const satisfies readonly { name: keyof HumanSupport; label: TextKey; description: TextKey; long: boolean }[];

export function HumanSupportPage() {
  const me = useMe();
  const { query, record } = useSettingsForm(FIELDS, { human_support: EMPTY });
  const { form } = record;
  const [chosen, setChosen] = useState<string | null>(null);
  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;

  const locked = !mayManage(me);
  const standard = query.data.default_language;
  const support = form.values.human_support;
  const used = [...new Set([standard, ...TEXTS.flatMap(({ name }) => Object.keys(support[name]))])];
  const language = chosen && used.includes(chosen) ? chosen : standard;
  const setTexts = (change: (texts: Texts) => Texts) => {
    for (const { name } of TEXTS) form.setFieldValue(`human_support.${name}`, change(support[name]) as never);
  };
  const add = (tag: string) => {
    // An empty text would be shown to people as one: the new language starts with what they see today.
    setTexts((texts) => ({ ...texts, [tag]: texts[tag] ?? texts[standard] ?? '' }));
    setChosen(tag);
  };
  const remove = (tag: string) => {
    setTexts((texts) => Object.fromEntries(Object.entries(texts).filter(([other]) => other !== tag)));
    setChosen(null);
  };

  return (
    <Page title={t('settings.human_support')} text={t('human.text')}>
      <ReadOnlyHint />
      <FormFault text={record.fault} action={<ConflictAction conflict={record.conflict} takeNewer={record.takeNewer} />} />
      <form onSubmit={record.submit} noValidate>
        <Section title={t('human.offer')} text={t('human.offer_text')}>
          <Switch size="md" label={t('human.enabled')} description={t('human.enabled_text')} disabled={locked} {...form.getInputProps('human_support.enabled', { type: 'checkbox' })} />
          <Switch label={t('human.button_hidden')} description={t('human.button_hidden_text')} disabled={locked || !support.enabled} {...form.getInputProps('human_support.button_hidden', { type: 'checkbox' })} />
          <Group align="flex-end" gap="sm">
            <NumberInput label={t('human.at_least')} min={0} max={1000} allowDecimal={false} clampBehavior="strict" w={110} disabled={locked || !support.enabled} {...form.getInputProps('human_support.threshold.at_least')} />
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
          <Group align="flex-end" gap="sm">
            <Select
              label={t('human.language')}
              w={220}
              data={used.map((tag) => ({ value: tag, label: tag === standard ? t('human.standard_language', { language: languageLabel(tag) }) : languageLabel(tag) }))}
              value={language}
              onChange={setChosen}
              allowDeselect={false}
            />
            <Menu position="bottom-start" disabled={locked}>
              <Menu.Target>
                <Button variant="default" leftSection={<Plus size={14} />} disabled={locked}>
                  {t('human.add_language')}
                </Button>
              </Menu.Target>
              <Menu.Dropdown mah={300} className="scroll">
                {LANGUAGES.filter((tag) => !used.includes(tag)).map((tag) => (
                  <Menu.Item key={tag} onClick={() => add(tag)}>
                    {languageLabel(tag)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            {language !== standard && (
              <Button variant="subtle" color="red" leftSection={<Trash2 size={14} />} disabled={locked} onClick={() => remove(language)}>
                {t('human.remove_language', { language: languageLabel(language) })}
              </Button>
            )}
          </Group>
          {TEXTS.map(({ name, label, description, long }) => {
            const Field = long ? Textarea : TextInput;
            const path = `human_support.${name}.${language}` as const;
            return (
              <Field
                // Another language is another field: its undo history and its error are its own.
                key={path}
                label={t(label)}
                description={t(description)}
                placeholder={support[name][standard] ?? ''}
                dir="auto"
                disabled={locked}
                {...(long ? { autosize: true, minRows: 2, maxRows: 6 } : {})}
                {...form.getInputProps(path)}
                value={support[name][language] ?? ''}
                // The server names the texts as a whole, or the one language.
                error={form.errors[path] ?? form.errors[`human_support.${name}`]}
              />
            );
          })}
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

