import { Button, Group, TextInput } from '@mantine/core';
import type { ApiToken } from '@helpdesk/shared/wire';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, Trash2 } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { createToken, deleteToken, fetchTokens } from '../api/inbox';
import { faultText } from '../api/fault';
import { keys } from '../api/keys';
import { queryClient } from '../app/query-client';
import { say, sayFault } from '../app/toast';
import { mediumTime } from '../i18n/time';
import { t } from '../i18n/translate';
import { Confirm } from './Confirm';
import classes from './List.module.css';
import { Loading, Page, Section } from './Page';
import { Secret } from './Secret';

export function TokensPage() {
  const query = useQuery({ queryKey: keys.tokens, queryFn: ({ signal }) => fetchTokens(signal) });
  const [name, setName] = useState('');
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<{ name: string; secret: string }>();
  const [doomed, setDoomed] = useState<ApiToken>();

  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) {
      setFault(t('tokens.name_needed'));
      return;
    }
    setBusy(true);
    setFault(undefined);
    try {
      const { token, secret } = await createToken(name.trim());
      setMade({ name: token.name, secret });
      setName('');
      void queryClient.invalidateQueries({ queryKey: keys.tokens });
    } catch (error) {
      setFault(faultText(error));
    } finally {
      setBusy(false);
    }
  };
  const revoke = async (token: ApiToken) => {
    setDoomed(undefined);
    try {
      await deleteToken(token.id);
      say(t('tokens.revoked', { name: token.name }));
    } catch (error) {
      sayFault(error);
    }
    void queryClient.invalidateQueries({ queryKey: keys.tokens });
  };

  if (!query.data) return <Loading error={query.error} retry={() => void query.refetch()} />;
  return (
    <Page title={t('settings.tokens')} text={t('tokens.text')}>
      <Section title={t('tokens.new')} text={t('tokens.new_text')}>
        <form onSubmit={(event) => void make(event)} noValidate>
          <Group align="flex-start" gap="xs" wrap="nowrap">
            <TextInput style={{ flex: 1 }} aria-label={t('tokens.name')} placeholder={t('tokens.name_placeholder')} maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} error={fault} />
            <Button type="submit" loading={busy}>
              {t('tokens.make')}
            </Button>
          </Group>
        </form>
        {made && <Secret label={made.name} value={made.secret} hide={() => setMade(undefined)} />}
      </Section>
      {query.data.items.length === 0 ? (
        <p className={classes.empty}>{t('tokens.none')}</p>
      ) : (
        <ul className={classes.list}>
          {query.data.items.map((token) => (
            <li key={token.id} className={classes.row}>
              <KeyRound size={18} aria-hidden="true" />
              <span className={classes.main}>
                <strong>{token.name}</strong>
                <span>{t('tokens.ends_with', { last: token.last_four })}</span>
              </span>
              <span className={classes.time}>{mediumTime(token.created_at)}</span>
              <Button size="compact-sm" variant="subtle" color="red" leftSection={<Trash2 size={14} />} onClick={() => setDoomed(token)} aria-label={t('tokens.revoke_named', { name: token.name })}>
                {t('tokens.revoke')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Confirm
        opened={doomed !== undefined}
        title={t('tokens.revoke')}
        text={t('tokens.revoke_text', { name: doomed?.name ?? '' })}
        action={t('tokens.revoke')}
        run={() => doomed && void revoke(doomed)}
        close={() => setDoomed(undefined)}
      />
    </Page>
  );
}
