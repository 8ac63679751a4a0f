/** Says who answers the contact now, and what that means for the others. */

import { Button } from '@mantine/core';
import type { TeamConversation } from '@helpdesk/shared/wire';
import { CircleCheck, Hand, Sparkles, UserRound, UserX } from 'lucide-react';
import { memo } from 'react';
import { useNow } from '../app/clock';
import { useMe } from '../app/me';
import { shortTime } from '../i18n/time';
import { t } from '../i18n/translate';
import classes from './AnswerStrip.module.css';
import { useActions } from './use-actions';

export const AnswerStrip = memo(function AnswerStrip({ conversation }: { conversation: TeamConversation }) {
  const me = useMe().operator.id;
  const now = useNow();
  const actions = useActions(conversation.id);
  const { assignee, assistant, status, takeover_requested_at: requested } = conversation;
  const claim = (
    <Button size="compact-sm" onClick={actions.claim}>
      {t('action.take_over')}
    </Button>
  );
  const handBack = (
    <Button size="compact-sm" variant="default" leftSection={<Sparkles size={13} />} onClick={() => actions.assign({ type: 'assistant', id: assistant.id, name: assistant.name })}>
      {t('action.hand_to_ai')}
    </Button>
  );
  if (status === 'resolved') {
    return (
      <Strip tone="quiet" icon={<CircleCheck size={15} aria-hidden="true" />} text={t('answering.resolved')}>
        <Button size="compact-sm" variant="default" onClick={actions.reopen}>
          {t('action.reopen')}
        </Button>
      </Strip>
    );
  }
  if (assignee.type === 'operator') {
    const mine = assignee.id === me;
    return (
      <Strip tone={mine ? 'mine' : 'quiet'} icon={<UserRound size={15} aria-hidden="true" />} text={mine ? t('answering.you') : t('answering.operator', { name: assignee.name ?? t('author.operator') })} more={t('answering.ai_idle')}>
        {handBack}
      </Strip>
    );
  }
  if (assignee.type === 'nobody') {
    return (
      <Strip tone="waiting" icon={<UserX size={15} aria-hidden="true" />} text={t('answering.nobody')} more={t('answering.ai_idle')}>
        {handBack}
        {claim}
      </Strip>
    );
  }
  const name = assignee.name ?? assistant.name;
  if (requested) {
    return (
      <Strip tone="waiting" icon={<Hand size={15} aria-hidden="true" />} text={t('answering.requested', { time: shortTime(requested, now) })} more={t('answering.ai_until', { name })}>
        {claim}
      </Strip>
    );
  }
  return (
    <Strip tone="ai" icon={<Sparkles size={15} aria-hidden="true" />} text={t('answering.ai', { name })} more={t('answering.ai_reply_takes_over')}>
      {claim}
    </Strip>
  );
});

interface StripProps {
  tone: 'ai' | 'mine' | 'waiting' | 'quiet';
  icon: React.ReactNode;
  text: string;
  more?: string;
  children: React.ReactNode;
}

function Strip({ tone, icon, text, more, children }: StripProps) {
  return (
    <div className={classes.strip} data-tone={tone} role="status">
      {icon}
      <span className={classes.text}>
        <strong>{text}</strong>
        {more && <span className={classes.more}>{more}</span>}
      </span>
      <span className={classes.actions}>{children}</span>
    </div>
  );
}
