import { Alert, Button, CopyButton, Group } from '@mantine/core';
import { Check, Copy, KeyRound } from 'lucide-react';
import { t } from '../i18n/translate';
import classes from './Secret.module.css';

/** A secret that is shown this once. */
export function Secret({ label, value, hide }: { label: string; value: string; hide: () => void }) {
  return (
    <Alert className={classes.secret} color="gray" variant="light" icon={<KeyRound size={17} />} title={label}>
      <p>{t('secret.once')}</p>
      <code className={classes.value} data-secret="">
        {value}
      </code>
      <Group gap="xs" mt="sm">
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button size="xs" onClick={copy} leftSection={copied ? <Check size={14} /> : <Copy size={14} />}>
              {copied ? t('secret.copied') : t('secret.copy')}
            </Button>
          )}
        </CopyButton>
        <Button size="xs" variant="default" onClick={hide}>
          {t('secret.hide')}
        </Button>
      </Group>
    </Alert>
  );
}
