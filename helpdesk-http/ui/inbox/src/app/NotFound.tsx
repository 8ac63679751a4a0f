import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { t } from '../i18n/translate';
import classes from './InboxScreen.module.css';

export function NotFound() {
  const navigate = useNavigate();
  return (
    <div className={classes.nothing}>
      <p>{t('app.not_found')}</p>
      <Button variant="default" onClick={() => void navigate({ to: '/$view', params: { view: 'all' } })}>
        {t('app.to_inbox')}
      </Button>
    </div>
  );
}
