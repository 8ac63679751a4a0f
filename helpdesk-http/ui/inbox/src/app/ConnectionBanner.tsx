/** Says when what stands on the page may be old. A line that is merely slow to come up the first time is not worth a word. */

import { Button, Loader } from '@mantine/core';
import { CloudOff, RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../i18n/translate';
import { line, lineState } from '../live/line';
import classes from './ConnectionBanner.module.css';
import { useObserved } from './observable';

const PATIENCE_MILLISECONDS = 1_500;

export function ConnectionBanner() {
  const { state, reason } = useObserved(lineState);
  if (state === 'stopped') {
    return (
      <div className={classes.banner} data-tone="bad" role="alert">
        <CloudOff size={15} aria-hidden="true" />
        <span>{t(reason === 'outdated' ? 'line.outdated' : reason === 'forbidden' ? 'line.forbidden' : 'line.signed_out')}</span>
        <Button size="compact-xs" variant="white" color="dark" leftSection={<RefreshCw size={12} />} onClick={() => location.reload()}>
          {t('action.reload')}
        </Button>
      </div>
    );
  }
  return state === 'connecting' || state === 'waiting' ? <Reconnecting /> : null;
}

function Reconnecting() {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MILLISECONDS);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <div className={classes.banner} role="status">
      <Loader size={13} color="currentColor" />
      <span>{t('line.reconnecting')}</span>
      <Button size="compact-xs" variant="white" color="dark" onClick={() => line.kick()}>
        {t('line.now')}
      </Button>
    </div>
  );
}
