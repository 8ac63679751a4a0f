/**
 * One conversation in the list. Plain markup: a hundred of these are drawn while scrolling, so no component library in here, and no
 * router's link either: each of those looks at every change of the address.
 */

import type { TeamConversation } from '@helpdesk/shared/wire';
import { Flag, Hand, Sparkles } from 'lucide-react';
import { memo } from 'react';
import { useObserved } from '../app/observable';
import { fullTime, shortTime } from '../i18n/time';
import { plural, t } from '../i18n/translate';
import { inFront } from '../live/in-front';
import { typists } from '../live/typists';
import { ChannelIcon } from '../parts/Channel';
import { Face } from '../parts/Face';
import classes from './QueueRow.module.css';
import { selected } from './selection';
import { rowStatus } from './views';

interface QueueRowProps {
  conversation: TeamConversation;
  href: string;
  open: (conversation: string) => void;
  now: number;
  me: string;
}

/** How the last message reads in one line. */
function Preview({ conversation, me }: { conversation: TeamConversation; me: string }) {
  const last = conversation.last_message;
  if (!last) return <span className={classes.preview}>{t('queue.empty_preview')}</span>;
  const own = last.author.type === 'operator' && last.author.id === me;
  const prefix = own ? t('queue.you') : last.author.type === 'operator' ? (last.author.name ?? '') : null;
  return (
    <span className={classes.preview}>
      {last.author.type === 'assistant' && <Sparkles size={12} className={classes.spark} role="img" aria-label={t('author.ai')} />}
      {prefix && <span className={classes.prefix}>{t('queue.preview_prefix', { name: prefix })}</span>}
      {(last.author.type === 'assistant' ? last.text.replace(/[*`]+/gu, '') : last.text).replace(/\s+/gu, ' ')}
    </span>
  );
}

export const QueueRow = memo(function QueueRow({ conversation, href, open, now, me }: QueueRowProps) {
  const { id } = conversation;
  // Each row watches for itself, so that a step of the keyboard draws two rows and not the list.
  const marked = useObserved(selected, (value) => value === id);
  const typing = useObserved(typists.contacts, (value) => value.has(id));
  // The conversation in front of the operator can have nothing unread.
  const front = useObserved(inFront, (value) => value === id);
  const status = rowStatus(conversation);
  const unread = front ? 0 : conversation.unread;
  // New: the team has read nothing yet of what the contact wrote.
  const isNew = unread > 0 && status !== 'resolved' && unread >= conversation.messages - conversation.assistant_replies;
  const takeover = status === 'waiting' && Boolean(conversation.takeover_requested_at);
  const { contact, assignee } = conversation;
  return (
    <a
      href={href}
      onClick={(event) => {
        // A click with a modifier is the browser's: a new tab, a new window.
        if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        open(conversation.id);
      }}
      className={classes.row}
      data-conversation={conversation.id}
      data-selected={marked || undefined}
      data-takeover={takeover || undefined}
      data-new={isNew || undefined}
      data-unread={unread > 0 || undefined}
      aria-current={marked ? 'true' : undefined}
      draggable={false}
    >
      <Face name={contact.name} id={contact.id} online={contact.online} size={38} />
      <span className={classes.body}>
        <span className={classes.line}>
          <span className={classes.name} dir="auto">
            {contact.name}
          </span>
          {conversation.flagged && <Flag size={12} className={classes.flag} role="img" aria-label={t('conversation.flagged')} />}
          <time className={classes.time} dateTime={conversation.last_activity_at} title={fullTime(conversation.last_activity_at)}>
            {shortTime(conversation.last_activity_at, now)}
          </time>
        </span>
        <span className={classes.line}>
          {typing ? <span className={classes.typing}>{t('queue.typing')}</span> : <Preview conversation={conversation} me={me} />}
          {unread > 0 && (
            <span className={classes.badge} aria-label={plural('queue.unread', unread)}>
              {unread > 99 ? '99+' : unread}
            </span>
          )}
        </span>
        <span className={classes.line}>
          <span className={classes.status} data-status={status}>
            {takeover && <Hand size={11} aria-hidden="true" />}
            {t(`status.${status}`)}
          </span>
          {isNew && <span className={classes.fresh}>{t('queue.new_chat')}</span>}
          <span className={classes.meta}>
            {assignee.type === 'assistant' && (
              <>
                <Sparkles size={11} aria-hidden="true" /> {t('author.ai')}
              </>
            )}
            {assignee.type === 'operator' && (assignee.id === me ? t('assignee.you') : assignee.name)}
            {assignee.type === 'nobody' && t('assignee.nobody')}
          </span>
          <span className={classes.channel}>
            <ChannelIcon channel={conversation.channel} size={13} />
          </span>
        </span>
      </span>
    </a>
  );
});

/** What stands in the list while rows load. */
export function QueueRowGhost() {
  return (
    <div className={classes.ghost} aria-hidden="true">
      <span className={classes.ghostFace} />
      <span className={classes.ghostLines}>
        <span />
        <span />
        <span />
      </span>
    </div>
  );
}

