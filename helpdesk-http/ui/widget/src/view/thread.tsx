/** The conversation in view. It stays at its end while the visitor is there, and says so when they are not. */
import { link, markdown, plainText } from '@helpdesk/shared/markdown';
import { fill } from '@helpdesk/shared/translate';
import type { ActivityBody } from '@helpdesk/shared/wire';
import { h, type Child } from '../draw';
import { avatar } from './avatar';
import { icon } from './icons';
import { rowsOf, writer, type Row } from './rows';
import type { Stage } from './stage';
import { clockTime, dayName, dayOf } from './time';

/** Messages of one author closer than this stand together. */
const TOGETHER_MS = 300_000;

/** What was made of a message's text, by its row: a streamed answer draws everything anew fifty times a second. */
const made = new Map<string, [text: string, nodes: Child]>();

function words(key: string, text: string, make: (text: string) => Child): Child {
  if (made.get(key)?.[0] !== text) made.set(key, [text, make(text)]);
  return made.get(key)![1];
}

const together = (a: Row | undefined, b: Row | undefined): boolean =>
  a?.body.type === b?.body.type &&
  a?.author.type === b?.author.type &&
  a?.author.name === b?.author.name &&
  Math.abs(Date.parse(a?.at ?? '') - Date.parse(b?.at ?? '')) < TOGETHER_MS;

function message({ desk, language: { t, tag } }: Stage, row: Row, before: Row | undefined, after: Row | undefined, last: boolean): Child {
  const { author, body, at, key, state } = row;
  const { settings, outbox } = desk;
  const mine = author.type === 'contact';
  const first = !together(before, row);
  const said = body.type === 'message' ? body : undefined;
  const name = author.name ?? (author.type === 'assistant' ? settings.assistant : settings.brand).name;
  // A message that is being sent is as good as sent: only what takes longer is said.
  const mark = mine && state !== 'sending' && (last || state === 'failed' || state === 'queued') ? (state === 'delivered' ? 'sent' : state) : undefined;
  return (
    <div class={`message ${mine ? 'mine' : ''} ${first ? 'first' : ''}`}>
      {!mine && first && avatar(author.type, name)}
      <span class={mine || !first ? 'unseen' : 'name'}>
        {mine ? t('you') : name}
        {author.type === 'assistant' && <small>{t('ai')}</small>}
      </span>
      <div class={row.streaming ? 'bubble growing' : 'bubble'} dir="auto">
        {said ? words(key, said.text, mine ? plainText : markdown) : <em>{t('erased')}</em>}
        {!!said?.citations?.length && (
          <div class="sources">
            {t('sources')}
            <ul>
              {said.citations.map(({ title, url }) => (
                <li>{url ? link(url, title) : title}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
      {(mark || (at && !together(row, after))) && (
        <div class={`meta ${mark}`}>
          {at && <time datetime={at}>{clockTime(at, tag)}</time>}
          {mark && <span>{t(mark)}</span>}
          {state === 'failed' && [
            <button class="text" onClick={() => outbox.retry(key)}>
              {t('retry')}
            </button>,
            <button class="text" onClick={() => outbox.discard(key)}>
              {t('discard')}
            </button>,
          ]}
        </div>
      )}
    </div>
  );
}

function activity({ kind, text, actor, assignee, status }: ActivityBody, { desk, language: { t } }: Stage): string | null | undefined {
  if (kind === 'claimed') return fill(desk.settings.connected_label, { name: (assignee ?? actor)?.name ?? '' });
  if (kind === 'handed_back') return t(kind, { name: desk.settings.assistant.name });
  if (kind === 'status_changed') return status === 'pending' ? '' : t(status === 'resolved' ? status : 'reopened');
  return text;
}

export function thread(stage: Stage): Child {
  const { desk, behind, toEnd, scrolled } = stage;
  const { t, tag } = stage.language;
  const { unstored, settings, current, typing } = desk;
  const rows = rowsOf(desk);
  const writing = writer(desk);
  const lastMine = rows.findLast(({ author, state }) => author.type === 'contact' && state !== 'failed');

  let day: string | undefined;
  return (
    <div class="reel">
      <div
        class="thread"
        key={current ?? 'new'}
        tabindex="0"
        role="log"
        aria-live="off"
        aria-label={t('messages')}
        onScroll={(event) => scrolled(event.currentTarget)}
      >
        {rows.map((row, index) => {
          const { key, at, body } = row;
          const before = day;
          if (at) day = dayOf(at);
          const event = body.type === 'activity' ? activity(body, stage) : undefined;
          return (
            <div class="row" key={key}>
              {day !== before && <p class="day">{dayName(at!, tag)}</p>}
              {body.type !== 'activity'
                ? message(stage, row, rows[index - 1], rows[index + 1], row === lastMine)
                : event && (
                    <p class={body.kind === 'takeover_requested' ? 'divider' : 'day'}>
                      <span dir="auto">{event}</span>
                    </p>
                  )}
            </div>
          );
        })}
        {!settings.helpdesk && unstored.failed && (
          <p class="day">
            {t('interrupted')}{' '}
            <button class="text" onClick={unstored.retry}>
              {t('retry')}
            </button>
          </p>
        )}
        {writing !== undefined && (
          <div class="message first">
            {avatar(typing === undefined ? 'assistant' : 'operator', writing)}
            <div class="bubble dots">
              <span class="unseen">{t('typing', { name: writing })}</span>
              <i />
              <i />
              <i />
            </div>
          </div>
        )}
      </div>
      {behind && (
        <button class="chip" onClick={toEnd}>
          {icon('down')}
          {t('latest')}
        </button>
      )}
    </div>
  );
}
