import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { fetchAssistants } from '../api/inbox';
import { keys } from '../api/keys';
import { t } from '../i18n/translate';
import { Face } from '../parts/Face';
import classes from './List.module.css';
import { Loading, Page } from './Page';
import { useSettingsRecord } from './use-settings-record';

export function AssistantsPage() {
  const query = useQuery({ queryKey: keys.assistants, queryFn: ({ signal }) => fetchAssistants(signal) });
  const standard = useSettingsRecord().data?.default_assistant;
  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;
  return (
    <Page title={t('settings.assistants')} text={t('assistants.text')}>
      <ul className={classes.list}>
        {query.data.items.map((assistant) => (
          <li key={assistant.id}>
            <Link to="/settings/assistants/$assistant" params={{ assistant: assistant.id }} className={classes.row}>
              <Face name={assistant.name} kind="assistant" size={34} />
              <span className={classes.main}>
                <strong>{assistant.name}</strong>
                <span>{t('assistants.driver', { driver: assistant.driver })}</span>
              </span>
              {assistant.id === standard && <Badge variant="light">{t('human.standard')}</Badge>}
              {!assistant.handover && <Badge variant="default">{t('assistants.no_handover')}</Badge>}
              <ChevronRight size={17} aria-hidden="true" />
            </Link>
          </li>
        ))}
      </ul>
    </Page>
  );
}
