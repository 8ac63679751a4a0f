/** Who this conversation is with, and what can be done to it. */

import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import type { TeamConversation } from '@helpdesk/shared/wire';
import { useNavigate } from '@tanstack/react-router';
import { ArrowLeft, Check, CircleCheck, EllipsisVertical, Flag, Hand, PanelRight, RotateCcw } from 'lucide-react';
import { memo } from 'react';
import { useMe } from '../app/me';
import { useWide } from '../app/wide';
import { showDetails, toggleDetails, useDetailsShown } from '../details/details-shown';
import { nameOf } from '../i18n/time';
import { t } from '../i18n/translate';
import { channelName } from '../parts/Channel';
import { Face } from '../parts/Face';
import { AssignMenu } from './AssignMenu';
import classes from './ThreadHeader.module.css';
import { useActions } from './use-actions';
import { useThreadShortcuts } from './use-thread-shortcuts';

export const ThreadHeader = memo(function ThreadHeader({ id, conversation, view }: { id: string; conversation: TeamConversation | undefined; view: string }) {
  const navigate = useNavigate();
  const close = () => void navigate({ to: '/$view', params: { view }, search: true });
  return (
    <header className={classes.header}>
      <ActionIcon className={classes.back} variant="subtle" color="gray" size="lg" aria-label={t('thread.back_to_list')} onClick={close}>
        <ArrowLeft size={19} />
      </ActionIcon>
      {conversation ? <Known id={id} conversation={conversation} view={view} /> : <span className={classes.ghost} aria-hidden="true" />}
    </header>
  );
});

function Known({ id, conversation, view }: { id: string; conversation: TeamConversation; view: string }) {
  const navigate = useNavigate();
  const me = useMe().operator.id;
  const actions = useActions(id);
  const detailsShown = useDetailsShown();
  const { contact, assignee, status } = conversation;
  const mine = assignee.type === 'operator' && assignee.id === me;
  const canClaim = assignee.type !== 'operator' && status !== 'resolved';
  const resolved = status === 'resolved';
  const wide = useWide();
  const openDetails = () => {
    if (wide) showDetails();
    else void navigate({ to: '/$view/$conversation', params: { view, conversation: id }, search: (previous: Record<string, unknown>) => ({ ...previous, panel: 'details' as const }) });
  };
  const about = [conversation.ticket && t('ticket.number', { number: String(conversation.ticket.number) }), channelName(conversation.channel), contact.country && nameOf('region', contact.country), contact.email].filter(Boolean).join(' · ');

  useThreadShortcuts(id, {
    e: () => (resolved ? actions.reopen() : actions.resolve()),
    'alt+e': () => (resolved ? actions.reopen() : actions.resolve()),
    t: () => canClaim && actions.claim(),
    f: () => actions.flag(!conversation.flagged),
  });

  return (
    <>
      <button type="button" className={classes.who} onClick={openDetails}>
        <Face name={contact.name} id={contact.id} size={34} online={contact.online} />
        <span className={classes.names}>
          <span className={classes.name} dir="auto">
            {contact.name}
          </span>
          <span className={classes.about}>{about}</span>
        </span>
        <span className="visually-hidden">{t('details.title')}</span>
      </button>
      <h1 className="visually-hidden">{t('thread.label', { name: contact.name })}</h1>
      <div className={classes.actions}>
        {canClaim && (
          <Button className={classes.wide} size="compact-md" h={32} leftSection={<Hand size={15} />} onClick={actions.claim}>
            {t('action.take_over')}
          </Button>
        )}
        <AssignMenu conversation={conversation} mine={mine} />
        <Tooltip label={`${resolved ? t('action.reopen') : t('action.resolve')} (E)`}>
          <Button className={`${classes.wide} ${classes.brief}`} size="compact-md" h={32} variant="default" aria-label={resolved ? t('action.reopen') : t('action.resolve')} leftSection={resolved ? <RotateCcw size={15} /> : <Check size={15} />} onClick={resolved ? actions.reopen : actions.resolve}>
            <span className={classes.word}>{resolved ? t('action.reopen') : t('action.resolve')}</span>
          </Button>
        </Tooltip>
        <Tooltip label={conversation.flagged ? t('action.unflag') : t('action.flag')}>
          <ActionIcon className={classes.wide} variant={conversation.flagged ? 'light' : 'subtle'} color={conversation.flagged ? 'red' : 'gray'} size="lg" aria-pressed={conversation.flagged} aria-label={t('action.flag')} onClick={() => actions.flag(!conversation.flagged)}>
            <Flag size={16} fill={conversation.flagged ? 'currentColor' : 'none'} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('details.toggle')}>
          <ActionIcon className={classes.toggle} variant={detailsShown ? 'light' : 'subtle'} color={detailsShown ? 'iris' : 'gray'} size="lg" aria-pressed={detailsShown} aria-label={t('details.toggle')} onClick={toggleDetails}>
            <PanelRight size={17} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon className={classes.more} variant="subtle" color="gray" size="lg" aria-label={t('action.more')}>
              <EllipsisVertical size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {canClaim && (
              <Menu.Item leftSection={<Hand size={15} />} onClick={actions.claim}>
                {t('action.take_over')}
              </Menu.Item>
            )}
            <Menu.Item leftSection={resolved ? <RotateCcw size={15} /> : <CircleCheck size={15} />} onClick={resolved ? actions.reopen : actions.resolve}>
              {resolved ? t('action.reopen') : t('action.resolve')}
            </Menu.Item>
            <Menu.Item leftSection={<Flag size={15} />} onClick={() => actions.flag(!conversation.flagged)}>
              {conversation.flagged ? t('action.unflag') : t('action.flag')}
            </Menu.Item>
            <Menu.Item leftSection={<PanelRight size={15} />} onClick={openDetails}>
              {t('details.title')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </>
  );
}
