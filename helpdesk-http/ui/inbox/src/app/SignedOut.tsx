import { Button } from '@mantine/core';
import { LogIn } from 'lucide-react';
import type { ReactNode } from 'react';
import { faultText } from '../api/fault';
import { t } from '../i18n/translate';
import classes from './SignedOut.module.css';

/** A whole page with one thing to do. */
function Card({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card} role="alert">
        <h1>{title}</h1>
        <p>{text}</p>
        {children}
      </div>
    </main>
  );
}

/** The host no longer knows who this is. It may say where its sign-in is; else loading the page again leads there. */
export function SignedOut({ loginUrl }: { loginUrl: string | undefined }) {
  return (
    <Card title={t('signed_out.title')} text={t('signed_out.text')}>
      <Button
        component="a"
        href={loginUrl ?? location.href}
        leftSection={<LogIn size={16} />}
        onClick={(event) => {
          if (loginUrl) return;
          // The same address with a fragment would not load anything.
          event.preventDefault();
          location.reload();
        }}
      >
        {t('signed_out.again')}
      </Button>
    </Card>
  );
}

/** The first request failed, so there is nothing to show yet. */
export function CannotStart({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <Card title={t('app.cannot_start')} text={faultText(error)}>
      <Button onClick={retry}>{t('action.try_again')}</Button>
    </Card>
  );
}
