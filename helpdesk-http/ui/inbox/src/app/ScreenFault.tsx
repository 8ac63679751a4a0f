import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { t } from '../i18n/translate';
import classes from './InboxScreen.module.css';

/** A screen that could not be drawn. After an update of the server the parts of the old page are gone: loading it again helps. */
export function ScreenFault({ error }: ErrorComponentProps) {
  return (
    <div className={classes.nothing} role="alert">
      <p>{t('app.screen_fault')}</p>
      <p className={classes.keys}>{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={() => location.reload()}>{t('action.reload')}</Button>
    </div>
  );
}
