import { Button } from '@mantine/core';
import { t } from '../i18n/translate';
import classes from './Notice.module.css';

/** The inside of a toast that leads to a conversation. */
export function Notice({ text, open }: { text: string; open: () => void }) {
  return (
    <span className={classes.notice}>
      {text && (
        <span className={classes.text} dir="auto">
          {text}
        </span>
      )}
      <Button className={classes.open} size="compact-xs" variant="light" onClick={open}>
        {t('action.open')}
      </Button>
    </span>
  );
}
