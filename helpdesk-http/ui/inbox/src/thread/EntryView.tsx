/** One entry of a timeline, and what looks like one: a message on its way, an answer that is being written, somebody typing. */

import { Button } from '@mantine/core';
import type { Author, Contact, Entry, MessageBody, NoteBody, TicketRef } from '@helpdesk/shared/wire';
import { AlertCircle, BookOpen, Check, CheckCheck, Clock, Lock, Sparkles, StickyNote } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { rememberNote } from '../composer/note-guard';
import { discardPending, retryPending } from '../composer/outgoing';
import type { Pending } from '../composer/pending';
import { clock, fullTime } from '../i18n/time';
import { t, type TextKey } from '../i18n/translate';
import { channelName } from '../parts/Channel';
import { Face } from '../parts/Face';
import { Markdown } from '../parts/Markdown';
import { Prose } from '../parts/Prose';
import { ActivityView } from './ActivityView';
import classes from './EntryView.module.css';

interface EntryViewProps {
  entry: Entry;
  first: boolean;
  last: boolean;
  contact: Contact | undefined;
  ticket: TicketRef | null | undefined;
  me: string;
}

export const EntryView = memo(function EntryView({ entry, first, last, contact, ticket, me }: EntryViewProps) {
  const { body, author } = entry;
  if (body.type === 'activity') return <ActivityView entry={entry} body={body} me={me} contact={contact} ticket={ticket} />;
  if (body.type === 'note') return <NoteView entry={entry} body={body} first={first} me={me} />;
  const name = authorName(author, contact, me);
  return (
    <Bubble author={author} name={name} contact={contact} first={first} last={last} channel={entry.channel} own={author.type === 'operator' && author.id === me}>
      {body.type === 'erased' ? <em className={classes.erased}>{t('entry.erased')}</em> : <MessageView body={body} assistant={author.type === 'assistant'} />}
      <Foot at={entry.at}>{author.type !== 'contact' && body.type === 'message' && <Tick delivery={body.delivery} />}</Foot>
    </Bubble>
  );
});

function authorName(author: Author, contact: Contact | undefined, me: string): string {
  if (author.type === 'contact') return contact?.name ?? author.name ?? t('author.contact');
  if (author.type === 'system') return author.name ?? t('author.system');
  if (author.type === 'operator' && author.id === me) return t('author.you');
  return author.name ?? t(`author.${author.type}`);
}

interface BubbleProps {
  author: Author;
  name: string;
  contact?: Contact | undefined;
  first: boolean;
  last: boolean;
  own?: boolean;
  channel?: string | undefined;
  children: ReactNode;
  label?: ReactNode;
}

function Bubble({ author, name, contact, first, last, own, channel, children, label }: BubbleProps) {
  const side = author.type === 'contact' ? 'left' : 'right';
  const id = author.type === 'contact' ? (contact?.id ?? author.id) : author.id;
  return (
    <div className={classes.message} data-author={author.type} data-side={side} data-first={first || undefined} data-own={own || undefined}>
      <span className={classes.side}>{last && <Face name={own ? (author.name ?? name) : name} id={id} kind={author.type} size={28} />}</span>
      <div className={classes.column}>
        {first && (
          <div className={classes.author}>
            <span className={classes.name} dir="auto">
              {name}
            </span>
            {author.type === 'assistant' && (
              <span className={classes.ai}>
                <Sparkles size={10} aria-hidden="true" />
                {t('author.ai')}
              </span>
            )}
            {channel && <span className={classes.channel}>{t('entry.via', { channel: channelName(channel) })}</span>}
            {label}
          </div>
        )}
        <div className={classes.bubble}>{children}</div>
      </div>
    </div>
  );
}

function MessageView({ body, assistant }: { body: MessageBody; assistant: boolean }) {
  return (
    <>
      {assistant ? <Markdown text={body.text} /> : <Prose text={body.text} />}
      {body.citations && body.citations.length > 0 && (
        <span className={classes.citations}>
          {body.citations.map((citation, index) => (
            <span key={index} className={classes.citation}>
              <BookOpen size={11} aria-hidden="true" />
              {citation.url && /^https?:\/\//iu.test(citation.url) ? (
                <a href={citation.url} target="_blank" rel="noopener noreferrer">
                  {citation.title}
                </a>
              ) : (
                citation.title
              )}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

function Foot({ at, children }: { at: string; children?: ReactNode }) {
  return (
    <span className={classes.foot}>
      <time dateTime={at} title={fullTime(at)}>
        {clock(at)}
      </time>
      {children}
    </span>
  );
}

function Tick({ delivery }: { delivery: MessageBody['delivery'] }) {
  const label = t(`delivery.${delivery}`);
  const Icon = delivery === 'failed' ? AlertCircle : delivery === 'queued' ? Clock : delivery === 'sent' ? Check : CheckCheck;
  return (
    <span className={classes.tick} data-delivery={delivery} title={label}>
      <Icon size={13} role="img" aria-label={label} />
    </span>
  );
}

function NoteView({ entry, body, first, me }: { entry: Entry; body: NoteBody; first: boolean; me: string }) {
  return (
    <NoteFrame name={authorName(entry.author, undefined, me)} first={first} text={body.text}>
      <Foot at={entry.at} />
    </NoteFrame>
  );
}

/** A note can be told from a reply by its colour, its dashed edge, its icon and its words. */
function NoteFrame({ name, text, first, children }: { name: string; text: string; first: boolean; children: ReactNode }) {
  return (
    <div className={classes.note} data-first={first || undefined} onCopy={() => rememberNote(text)}>
      <div className={classes.noteHead}>
        <StickyNote size={13} aria-hidden="true" />
        <strong dir="auto">{t('note.by', { name })}</strong>
        <span className={classes.noteHint}>
          <Lock size={10} aria-hidden="true" />
          {t('note.team_only')}
        </span>
      </div>
      <Prose text={text} />
      {children}
    </div>
  );
}

/** A message or note that the server has not confirmed yet. */
export function PendingView({ item }: { item: Pending }) {
  const failed = item.state === 'failed';
  const foot = failed ? (
    <span className={classes.failed} role="alert">
      <AlertCircle size={13} aria-hidden="true" />
      {faultOf(item)}
      <Button size="compact-xs" variant="white" color="red" onClick={() => retryPending(item)}>
        {t('action.retry')}
      </Button>
      <Button size="compact-xs" variant="subtle" color="red" className={classes.discard} onClick={() => discardPending(item)}>
        {t('action.discard')}
      </Button>
    </span>
  ) : (
    <Foot at={item.at}>
      <Tick delivery="queued" />
    </Foot>
  );
  if (item.mode === 'note') {
    return (
      <div data-pending={item.state}>
        <NoteFrame name={t('author.you')} text={item.text} first>
          {foot}
        </NoteFrame>
      </div>
    );
  }
  return (
    <div data-pending={item.state}>
      <Bubble author={{ type: 'operator' }} name={t('author.you')} first={false} last={false} own>
        <Prose text={item.text} />
        {!failed && foot}
      </Bubble>
      {failed && <div className={classes.failedLine}>{foot}</div>}
    </div>
  );
}

const KNOWN_FAULTS: Readonly<Record<string, TextKey>> = {
  not_found: 'fault.send_not_found',
  forbidden: 'fault.forbidden',
  invalid: 'fault.send_invalid',
  conversation_resolved: 'fault.send_resolved',
};

function faultOf(item: Pending): string {
  return t(KNOWN_FAULTS[item.code ?? ''] ?? 'fault.send_failed');
}

/** The answer as far as the assistant has written it. */
export function DraftView({ text, name }: { text: string; name: string }) {
  return (
    <div data-draft="">
      <Bubble author={{ type: 'assistant', name }} name={name} first last label={<span className={classes.channel}>{t('entry.writing')}</span>}>
        <div className={classes.draft}>
          <Markdown text={text} />
        </div>
      </Bubble>
    </div>
  );
}

/** Somebody types. The team's own notes-in-the-making look like notes. */
export function TypingView({ author, note, contact }: { author: Author; note: boolean; contact?: Contact | undefined }) {
  const name = author.type === 'contact' ? (contact?.name ?? t('author.contact')) : (author.name ?? t(`author.${author.type}`));
  return (
    <div className={classes.typing} data-side={author.type === 'contact' ? 'left' : 'right'} data-note={note || undefined} data-author={author.type}>
      <span className={classes.dots} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span>{t(note ? 'thread.typing_note' : 'thread.typing', { name })}</span>
    </div>
  );
}
