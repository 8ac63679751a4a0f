/** One conversation: header, timeline, who answers, composer; beside it, or over it where there is no room, the details. */

import { Button } from '@mantine/core';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { MessageSquareOff } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { faultText } from '../api/fault';
import { useMe } from '../app/me';
import { useObserved } from '../app/observable';
import { useWide } from '../app/wide';
import { Composer } from '../composer/Composer';
import { pendingItems, settlePending } from '../composer/outgoing';
import { pendingBelow } from '../composer/pending';
import { DetailsPane } from '../details/DetailsPane';
import { useDetailsShown } from '../details/details-shown';
import { t } from '../i18n/translate';
import { AnswerStrip } from './AnswerStrip';
import { ThreadHeader } from './ThreadHeader';
import classes from './ThreadPane.module.css';
import { threadSession } from './thread-session';
import { Timeline } from './Timeline';
import { useConversation } from './use-conversation';
import { ReadMark } from './ReadMark';

export function ThreadPane() {
  const { view, conversation: id } = useParams({ strict: false }) as { view: string; conversation: string };
  return <Thread id={id} view={view} />;
}

function Thread({ id, view }: { id: string; view: string }) {
  const session = useMemo(() => threadSession(id), [id]);
  const state = useObserved(session.state);
  const conversation = useConversation(id);
  const { panel } = useSearch({ strict: false }) as { panel?: string };
  const detailsShown = useDetailsShown();
  const covered = !useWide() && panel === 'details';
  const me = useMe().operator.id;
  const items = useObserved(pendingItems);
  const pending = useMemo(() => pendingBelow(items, id, state.entries, me), [items, id, state.entries, me]);

  useEffect(() => session.open(), [session]);
  useEffect(() => settlePending(id, state.entries), [id, state.entries]);

  if (state.phase === 'missing' || (state.phase === 'failed' && state.entries.length === 0)) {
    return <Unavailable missing={state.phase === 'missing'} error={state.error} view={view} retry={() => void session.load()} />;
  }
  return (
    <div className={classes.frame} data-panel={panel === 'details' ? 'details' : undefined} data-details={detailsShown || undefined}>
      <ReadMark id={id} unread={(conversation?.unread ?? 0) > 0} last={state.entries.at(-1)?.seq ?? 0} />
      <section className={classes.thread} aria-label={conversation ? t('thread.label', { name: conversation.contact.name }) : t('thread.loading')} aria-busy={state.phase === 'loading'} inert={covered}>
        <ThreadHeader id={id} conversation={conversation} view={view} />
        {/* Another conversation has another place to scroll to; the rest only takes other values, which is quicker. */}
        <Timeline key={id} session={session} state={state} conversation={conversation} pending={pending} />
        {conversation && <AnswerStrip conversation={conversation} />}
        <Composer id={id} conversation={conversation} />
      </section>
      {conversation && <DetailsPane conversation={conversation} view={view} />}
    </div>
  );
}

function Unavailable({ missing, error, view, retry }: { missing: boolean; error: unknown; view: string; retry: () => void }) {
  const navigate = useNavigate();
  return (
    <div className={classes.unavailable} role="alert">
      <MessageSquareOff size={34} strokeWidth={1.4} aria-hidden="true" />
      <p>{missing ? t('thread.missing') : faultText(error)}</p>
      <div className={classes.unavailableActions}>
        {!missing && <Button onClick={retry}>{t('action.try_again')}</Button>}
        <Button variant="default" onClick={() => void navigate({ to: '/$view', params: { view }, search: true })}>
          {t('thread.back_to_list')}
        </Button>
      </div>
    </div>
  );
}
