/** The operator's own display name: what contacts read beside the messages. */

import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { changeMe } from '../api/inbox';
import { faultText } from '../api/fault';
import { t } from '../i18n/translate';
import { learnMe, useMe } from './me';
import classes from './NameDialog.module.css';
import { say } from './toast';

export default function NameDialog({ close }: { close: () => void }) {
  const { operator } = useMe();
  const [name, setName] = useState(operator.name);
  const [fault, setFault] = useState<string>();
  const [saving, setSaving] = useState(false);
  const wanted = name.trim();

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (wanted === operator.name) return close();
    setSaving(true);
    try {
      const me = await changeMe({ name: wanted });
      learnMe(me);
      say(t('user.name_saved', { name: me.operator.name }));
      close();
    } catch (error) {
      setFault(faultText(error));
      setSaving(false);
    }
  };
  return (
    <Modal opened onClose={close} title={t('user.name')} size="sm">
      <form onSubmit={(event) => void save(event)} noValidate>
        <TextInput
          aria-label={t('user.name')}
          description={t('user.name_hint')}
          inputWrapperOrder={['input', 'description', 'error']}
          value={name}
          maxLength={80}
          error={fault}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setFault(undefined);
          }}
          dir="auto"
          data-autofocus
        />
        <div className={classes.actions}>
          <Button variant="default" onClick={close}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" loading={saving} disabled={wanted === ''}>
            {t('action.save')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
