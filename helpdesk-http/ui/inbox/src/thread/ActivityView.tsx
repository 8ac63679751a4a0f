/** What happened in a conversation, in one line between the messages; a request for a human stands out as a divider. */

import type { ActivityBody, Assignee, Author, Contact, Entry, TicketRef } from '@helpdesk/shared/wire';
import { ArrowRightLeft, CheckCircle2, GitMerge, Hand, LifeBuoy, RotateCcw, Sparkles, UserCheck, UserPlus, type LucideIcon } from 'lucide-react';
import { clock, fullTime } from '../i18n/time';
import { t } from '../i18n/translate';
import classes from './ActivityView.module.css';

interface ActivityViewProps {
  entry: Entry;
  body: ActivityBody;
  me: string;
  contact: Contact | undefined;
  ticket: TicketRef | null | undefined;
}

function who(author: Author | Assignee | null | undefined, me: string, contact: Contact | undefined): string {
  if (!author) return t('author.system');
  if (author.type === 'nobody') return t('assignee.nobody');
  if (author.type === 'operator' && author.id === me) return t('author.you');
  if (author.type === 'contact') return contact?.name ?? author.name ?? t('author.contact');
  return author.name ?? t(`author.${author.type}`);
}

function describe({ entry, body, me, contact }: ActivityViewProps): { icon: LucideIcon; text: string } {
  const actor = body.actor ?? entry.author;
  const name = who(actor, me, contact);
  switch (body.kind) {
    case 'claimed':
      return { icon: UserCheck, text: t('activity.claimed', { name }) };
    case 'handed_back':
      return { icon: Sparkles, text: t('activity.handed_back', { name }) };
    case 'takeover_requested':
      return { icon: Hand, text: t('activity.takeover_requested', { name }) };
    case 'escalated':
      return { icon: LifeBuoy, text: t('activity.escalated', { name }) };
    case 'merged':
      return { icon: GitMerge, text: t('activity.merged', { name }) };
    case 'status_changed':
      if (body.status === 'resolved') return { icon: CheckCircle2, text: t('activity.resolved', { name }) };
      if (body.status === 'pending') return { icon: RotateCcw, text: t('activity.pending', { name }) };
      return { icon: RotateCcw, text: t('activity.reopened', { name }) };
    case 'assigned': {
      if (body.assignee?.type === 'nobody') return { icon: ArrowRightLeft, text: t('activity.unassigned', { name }) };
      const same = body.assignee?.type === actor.type && body.assignee?.id === actor.id;
      return { icon: UserPlus, text: same ? t('activity.self_assigned', { name }) : t('activity.assigned', { name, assignee: who(body.assignee, me, contact) }) };
    }
    default:
      // A kind that a newer server knows: better a plain line than a hole in the timeline.
      return { icon: ArrowRightLeft, text: body.text ?? t('activity.other', { name }) };
  }
}

export function ActivityView(props: ActivityViewProps) {
  const { entry, body } = props;
  const { icon: Icon, text } = describe(props);
  // An activity names its ticket by the id; the number is told where it is the conversation's own.
  const number = body.ticket && props.ticket?.id === body.ticket ? props.ticket.number : undefined;
  const more = body.reason;
  const time = (
    <time dateTime={entry.at} title={fullTime(entry.at)}>
      {clock(entry.at)}
    </time>
  );
  if (body.kind === 'takeover_requested') {
    return (
      <div className={classes.divider} data-activity={body.kind}>
        <span className={classes.request}>
          <Hand size={14} aria-hidden="true" />
          {text}
          {number !== undefined && <b>{t('ticket.number', { number: String(number) })}</b>}
          {time}
        </span>
        {body.text && (
          <span className={classes.transition} dir="auto">
            {t('activity.transition', { text: body.text })}
          </span>
        )}
      </div>
    );
  }
  return (
    <div className={classes.activity} data-activity={body.kind}>
      <span className={classes.line}>
        <Icon size={13} aria-hidden="true" />
        <span dir="auto">{text}</span>
        {number !== undefined && <b>{t('ticket.number', { number: String(number) })}</b>}
        {time}
      </span>
      {more && (
        <span className={classes.more} dir="auto">
          {more}
        </span>
      )}
    </div>
  );
}
