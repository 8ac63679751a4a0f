/** What is known of a conversation and its contact. */

import { ActionIcon, Anchor, CopyButton, Tooltip } from '@mantine/core';
import type { Contact, TeamConversation } from '@helpdesk/shared/wire';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft, BadgeCheck, Check, Copy } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { fetchContactConversations } from '../api/inbox';
import { keys } from '../api/keys';
import { useNow } from '../app/clock';
import { useMe } from '../app/me';
import { clockIn, fullTime, mediumTime, nameOf, shortTime } from '../i18n/time';
import { t } from '../i18n/translate';
import { channelName } from '../parts/Channel';
import { Face } from '../parts/Face';
import { detailStatus, rowStatus } from '../queue/views';
import { AssignMenu } from '../thread/AssignMenu';
import classes from './DetailsPane.module.css';

export const DetailsPane = memo(function DetailsPane({ conversation, view }: { conversation: TeamConversation; view: string }) {
  const navigate = useNavigate();
  const me = useMe().operator.id;
  const now = useNow();
  const { contact, ticket, assignee } = conversation;
  const status = detailStatus(conversation);
  const back = () => void navigate({ to: '/$view/$conversation', params: { view, conversation: conversation.id }, search: (previous: Record<string, unknown>) => ({ ...previous, panel: undefined }) });
  return (
    <aside className={`scroll ${classes.pane}`} aria-label={t('details.title')}>
      <header className={classes.top}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('details.back')} onClick={back}>
          <ArrowLeft size={19} />
        </ActionIcon>
        <p>{t('details.title')}</p>
      </header>
      <div className={classes.card}>
        <Face name={contact.name} id={contact.id} size={52} online={contact.online} />
        <div className={classes.cardText}>
          <strong dir="auto">{contact.name}</strong>
          <span className={classes.presence} data-online={contact.online || undefined}>
            {contact.online ? t('details.online') : t('details.offline')}
          </span>
        </div>
      </div>

      <Section title={t('details.conversation')}>
        <Row label={t('details.status')}>
          <span className={classes.status} data-status={status}>
            {t(`detail_status.${status}`)}
          </span>
        </Row>
        <Row label={t('details.answers')}>
          <AssignMenu conversation={conversation} mine={assignee.type === 'operator' && assignee.id === me} wide />
        </Row>
        {ticket && (
          <Row label={t('details.ticket')}>
            <span>
              <strong>{t('ticket.number', { number: String(ticket.number) })}</strong> · {t(`ticket.${ticket.status}`)}
              {ticket.subject && (
                <span className={classes.subject} dir="auto">
                  {ticket.subject}
                </span>
              )}
            </span>
          </Row>
        )}
        {conversation.takeover_requested_at && (
          <Row label={t('details.requested_at')}>
            <Time at={conversation.takeover_requested_at} />
          </Row>
        )}
        <Row label={t('details.assistant')}>{conversation.assistant.name}</Row>
        <Row label={t('details.channel')}>{channelName(conversation.channel)}</Row>
        {conversation.priority !== 'normal' && <Row label={t('details.priority')}>{t(`priority.${conversation.priority}`)}</Row>}
        <Row label={t('details.started')}>
          <Time at={conversation.created_at} />
        </Row>
        {conversation.last_message && (
          <Row label={t('details.last_message')}>
            <Time at={conversation.last_message.at} />
          </Row>
        )}
        <Row label={t('details.messages')}>{conversation.messages.toLocaleString()}</Row>
        {conversation.closed_at && (
          <Row label={t('details.closed')}>
            <Time at={conversation.closed_at} />
            {conversation.closed_by && <> · {conversation.closed_by.name ?? t(`author.${conversation.closed_by.type}`)}</>}
          </Row>
        )}
      </Section>

      <ContactFacts contact={contact} now={now} />
      <Previous contact={contact} current={conversation.id} view={view} now={now} />
    </aside>
  );
});

function ContactFacts({ contact, now }: { contact: Contact; now: number }) {
  const local = contact.time_zone ? clockIn(contact.time_zone, now) : undefined;
  return (
    <Section title={t('details.contact')}>
      <Row label={contact.pseudonym ? t('details.pseudonym') : t('details.name')}>
        <span dir="auto">{contact.name}</span>
        {contact.identified && (
          <Tooltip label={t('details.identified')}>
            <BadgeCheck size={14} className={classes.verified} role="img" aria-label={t('details.identified')} />
          </Tooltip>
        )}
      </Row>
      <Row label={t('details.email')}>
        {contact.email ? (
          <span className={classes.email}>
            <span>{contact.email}</span>
            <CopyButton value={contact.email}>
              {({ copied, copy }) => (
                <ActionIcon size="xs" variant="subtle" color="gray" onClick={copy} aria-label={t('details.copy_email')}>
                  {copied ? <Check size={12} /> : <Copy size={12} />}
                </ActionIcon>
              )}
            </CopyButton>
            <span className={classes.faint}>{contact.email_verified ? t('details.verified') : t('details.unverified')}</span>
          </span>
        ) : (
          <Unknown />
        )}
      </Row>
      <Row label={t('details.country')}>{contact.country ? nameOf('region', contact.country) : <Unknown />}</Row>
      <Row label={t('details.time_zone')}>{contact.time_zone ? `${contact.time_zone.replaceAll('_', ' ')}${local ? ` · ${local}` : ''}` : <Unknown />}</Row>
      <Row label={t('details.language')}>{contact.language ? nameOf('language', contact.language) : <Unknown />}</Row>
      <Row label={t('details.page')}>
        {contact.page ? (
          <span className={classes.page}>
            {contact.page.title && <span dir="auto">{contact.page.title}</span>}
            {/^https?:\/\//iu.test(contact.page.url) ? (
              <Anchor href={contact.page.url} target="_blank" rel="noopener noreferrer" size="xs">
                {contact.page.url.replace(/^https?:\/\//iu, '')}
              </Anchor>
            ) : (
              <span className={classes.faint}>{contact.page.url}</span>
            )}
          </span>
        ) : (
          <Unknown />
        )}
      </Row>
      <Row label={t('details.first_seen')}>
        <Time at={contact.created_at} />
      </Row>
    </Section>
  );
}

function Previous({ contact, current, view, now }: { contact: Contact; current: string; view: string; now: number }) {
  const query = useInfiniteQuery({
    queryKey: keys.contactConversations(contact.id),
    queryFn: ({ pageParam, signal }) => fetchContactConversations(contact.id, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
  const others = (query.data?.pages ?? []).flatMap((page) => page.items).filter((conversation) => conversation.id !== current);
  return (
    <Section title={t('details.previous')}>
      {query.isSuccess && others.length === 0 && <p className={classes.none}>{t('details.no_previous')}</p>}
      {query.isError && <p className={classes.none}>{t('fault.unknown')}</p>}
      <ul className={classes.previous}>
        {others.map((conversation) => (
          <li key={conversation.id}>
            <Link to="/$view/$conversation" params={{ view, conversation: conversation.id }} className={classes.link}>
              <span className={classes.linkTop}>
                <span className={classes.small} data-status={rowStatus(conversation)}>
                  {t(`status.${rowStatus(conversation)}`)}
                </span>
                <time dateTime={conversation.last_activity_at} title={fullTime(conversation.last_activity_at)}>
                  {shortTime(conversation.last_activity_at, now)}
                </time>
              </span>
              <span className={classes.linkText} dir="auto">
                {conversation.last_message?.text ?? t('queue.empty_preview')}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Anchor component="button" type="button" size="xs" onClick={() => void query.fetchNextPage()}>
          {t('details.more_previous')}
        </Anchor>
      )}
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.row}>
      <span className={classes.label}>{label}</span>
      <span className={classes.value}>{children}</span>
    </div>
  );
}

const Unknown = () => <span className={classes.faint}>{t('details.unknown')}</span>;

const Time = ({ at }: { at: string }) => (
  <time dateTime={at} title={fullTime(at)}>
    {mediumTime(at)}
  </time>
);
