import { Button, Group, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { rotateIdentitySecret } from '../api/inbox';
import { keys } from '../api/keys';
import { mayManage, useMe } from '../app/me';
import { queryClient } from '../app/query-client';
import { sayFault } from '../app/toast';
import { t } from '../i18n/translate';
import { Confirm } from './Confirm';
import { ConflictAction } from './ConflictAction';
import { DirtyGuard } from './DirtyGuard';
import { LANGUAGES, languageLabel } from './languages';
import { FormFault, Loading, Page, ReadOnlyHint, SaveBar, Section } from './Page';
import { Secret } from './Secret';
import classes from './GeneralPage.module.css';
import { useAssistants } from './use-assistants';
import { useSettingsForm } from './use-settings';

const FIELDS = ['helpdesk', 'brand', 'default_language', 'default_assistant', 'assign_to', 'contact_message_after_resolve', 'allowed_origins', 'identity'] as const;

export function GeneralPage() {
  const me = useMe();
  const assistants = useAssistants();
  const { query, record } = useSettingsForm(FIELDS, {
    helpdesk: false,
    brand: { name: '', color: '' },
    default_language: 'en',
    default_assistant: '',
    assign_to: 'anyone',
    contact_message_after_resolve: 'new',
    allowed_origins: [],
    identity: { mode: 'open', secret_set: false },
  });
  const { form } = record;
  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;
  const locked = !mayManage(me);
  const languages = [...new Set([form.values.default_language, ...LANGUAGES])];
  return (
    <Page title={t('settings.general')} text={t('general.text')}>
      <ReadOnlyHint />
      <FormFault text={record.fault} action={<ConflictAction conflict={record.conflict} takeNewer={record.takeNewer} />} />
      <form onSubmit={record.submit} noValidate>
        <fieldset disabled={locked} className={classes.fieldset}>
          <Section title={t('general.helpdesk')} text={t('general.helpdesk_text')}>
            <Switch
              label={form.values.helpdesk ? t('general.helpdesk_on') : t('general.helpdesk_off')}
              description={form.values.helpdesk ? t('general.helpdesk_on_text') : t('general.helpdesk_off_text')}
              disabled={locked}
              {...form.getInputProps('helpdesk', { type: 'checkbox' })}
            />
          </Section>
          <Section title={t('general.brand')} text={t('general.brand_text')}>
            <TextInput label={t('general.brand_name')} maxLength={80} {...form.getInputProps('brand.name')} />
            <TextInput
              label={t('general.brand_color')}
              maxLength={7}
              placeholder="#4a59d9"
              leftSection={
                <input
                  type="color"
                  className={classes.color}
                  aria-label={t('general.brand_color_pick')}
                  value={/^#[0-9a-f]{6}$/iu.test(form.values.brand.color) ? form.values.brand.color : '#4a59d9'}
                  onChange={(event) => form.setFieldValue('brand.color', event.currentTarget.value)}
                />
              }
              {...form.getInputProps('brand.color')}
            />
            <Select label={t('general.language')} description={t('general.language_text')} data={languages.map((tag) => ({ value: tag, label: languageLabel(tag) }))} allowDeselect={false} searchable disabled={locked} {...form.getInputProps('default_language')} />
          </Section>
          <Section title={t('general.conversations')}>
            <Select label={t('general.assistant')} description={t('general.assistant_text')} data={assistants.map((assistant) => ({ value: assistant.id, label: assistant.name }))} allowDeselect={false} disabled={locked} {...form.getInputProps('default_assistant')} />
            <Select
              label={t('general.after_resolve')}
              data={[
                { value: 'new', label: t('general.after_resolve_new') },
                { value: 'reopen', label: t('general.after_resolve_reopen') },
              ]}
              allowDeselect={false}
              disabled={locked}
              {...form.getInputProps('contact_message_after_resolve')}
            />
            <Select
              label={t('general.assign_to')}
              data={[
                { value: 'anyone', label: t('general.assign_to_anyone') },
                { value: 'participants', label: t('general.assign_to_participants') },
              ]}
              allowDeselect={false}
              disabled={locked}
              {...form.getInputProps('assign_to')}
            />
          </Section>
          <Section title={t('general.security')} text={t('general.security_text')}>
            <Textarea
              label={t('general.origins')}
              description={t('general.origins_text')}
              placeholder="https://shop.example"
              autosize
              minRows={2}
              maxRows={8}
              {...form.getInputProps('allowed_origins')}
              value={form.values.allowed_origins.join('\n')}
              onChange={(event) => form.setFieldValue('allowed_origins', event.currentTarget.value.split('\n').map((line) => line.trim()))}
              onBlur={() => form.setFieldValue('allowed_origins', form.values.allowed_origins.filter(Boolean))}
            />
            <Select
              label={t('general.identity')}
              data={[
                { value: 'open', label: t('general.identity_open') },
                { value: 'verified_only', label: t('general.identity_verified') },
              ]}
              allowDeselect={false}
              disabled={locked}
              {...form.getInputProps('identity.mode')}
            />
            <IdentitySecret set={query.data.identity.secret_set} locked={locked} />
          </Section>
        </fieldset>
        <SaveBar dirty={record.dirty} saving={record.saving} discard={record.discard} />
      </form>
      <DirtyGuard dirty={record.dirty} />
    </Page>
  );
}

/** The secret with which the host signs who its users are. Shown once, replaced at will. */
function IdentitySecret({ set, locked }: { set: boolean; locked: boolean }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [secret, setSecret] = useState<string>();
  const make = async () => {
    setAsking(false);
    setBusy(true);
    try {
      setSecret((await rotateIdentitySecret()).secret);
      void queryClient.invalidateQueries({ queryKey: keys.settings });
    } catch (error) {
      sayFault(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <Group gap="sm">
        <span>{set ? t('general.secret_set') : t('general.secret_unset')}</span>
        <Button variant="default" size="xs" loading={busy} disabled={locked} onClick={() => (set ? setAsking(true) : void make())}>
          {set ? t('general.secret_rotate') : t('general.secret_make')}
        </Button>
      </Group>
      {secret && <Secret label={t('general.secret_label')} value={secret} hide={() => setSecret(undefined)} />}
      <Confirm opened={asking} title={t('general.secret_rotate')} text={t('general.secret_rotate_text')} action={t('general.secret_rotate')} run={() => void make()} close={() => setAsking(false)} />
    </div>
  );
}
