/** The pieces of which settings pages are made. */

import { Alert, Button, Loader } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { faultText } from '../api/fault';
import { mayManage, useMe } from '../app/me';
import { t } from '../i18n/translate';
import classes from './Page.module.css';

export function Page({ title, text, actions, children }: { title: string; text?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div>
          <h1>{title}</h1>
          {text && <p>{text}</p>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2>{title}</h2>
        {text && <p>{text}</p>}
      </div>
      <div className={classes.fields}>{children}</div>
    </section>
  );
}

/** What stands in a page while it loads, or when it could not. */
export function Loading({ error, retry }: { error: unknown; retry: () => void }) {
  if (!error) {
    return (
      <div className={classes.loading}>
        <Loader size="sm" />
      </div>
    );
  }
  return (
    <div className={classes.loading} role="alert">
      <p>{faultText(error)}</p>
      <Button variant="default" size="xs" onClick={retry}>
        {t('action.try_again')}
      </Button>
    </div>
  );
}

/** Why the fields are grey. */
export function ReadOnlyHint() {
  const me = useMe();
  if (mayManage(me)) return null;
  return (
    <Alert color="gray" variant="light" className={classes.alert}>
      {t('settings.read_only')}
    </Alert>
  );
}

/** A refusal that belongs to no field of the form. */
export function FormFault({ text, action }: { text: string | undefined; action?: ReactNode }) {
  if (!text) return null;
  return (
    <Alert color="red" variant="light" icon={<TriangleAlert size={17} />} className={classes.alert} role="alert">
      {text} {action}
    </Alert>
  );
}

/** Save and discard, in sight for as long as there is something to save. */
export function SaveBar({ dirty, saving, discard }: { dirty: boolean; saving: boolean; discard: () => void }) {
  return (
    <div className={classes.saveBar} data-dirty={dirty || undefined} inert={!dirty}>
      <span role="status">{dirty ? t('settings.unsaved') : ''}</span>
      <Button variant="default" onClick={discard} disabled={saving}>
        {t('action.discard')}
      </Button>
      <Button type="submit" loading={saving}>
        {t('action.save')}
      </Button>
    </div>
  );
}
