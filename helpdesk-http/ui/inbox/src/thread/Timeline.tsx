/** The entries of a thread, oldest at the top. Keeps to the end while the reader is there, and stays put while they read above. */

import { Button, Loader } from '@mantine/core';
import type { TeamConversation } from '@helpdesk/shared/wire';
import { ArrowDown } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useNow } from '../app/clock';
import { useMe } from '../app/me';
import { useObserved } from '../app/observable';
import type { Pending } from '../composer/pending';
import { dayHeading } from '../i18n/time';
import { plural, t } from '../i18n/translate';
import { typists } from '../live/typists';
import { DraftView, EntryView, PendingView, TypingView } from './EntryView';
import { timelineItems } from './timeline';
import classes from './Timeline.module.css';
import type { ThreadSession, ThreadState } from './thread-session';

/** Nearer to the end than this counts as being there. */
const END_PIXELS = 80;
/** Nearer to the start than this loads what is above. */
const START_PIXELS = 400;

interface TimelineProps {
  session: ThreadSession;
  state: ThreadState;
  conversation: TeamConversation | undefined;
  pending: readonly Pending[];
}

export function Timeline({ session, state, conversation, pending }: TimelineProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const [seen, setSeen] = useState(0);
  const now = useNow();
  const me = useMe().operator.id;
  const typing = useObserved(typists.everyone, (everyone) => everyone.get(session.id));
  const items = useMemo(() => timelineItems(state.entries), [state.entries]);
  const firstSeq = state.entries[0]?.seq ?? 0;
  const lastSeq = state.entries.at(-1)?.seq ?? 0;

  // Older entries come in above: what the reader looks at must not move. Runs before the browser draws.
  const before = useRef({ firstSeq: 0, edge: 0, pending: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // What I have just sent is what I want to see.
    if (pending.length > before.current.pending) atEnd.current = true;
    const grownAbove = before.current.firstSeq > firstSeq && before.current.firstSeq > 0;
    if (grownAbove) element.scrollTop += edgeBelow(element, before.current.firstSeq) - before.current.edge;
    else if (atEnd.current) element.scrollTop = element.scrollHeight;
    before.current = { firstSeq, edge: edgeBelow(element, firstSeq), pending: pending.length };
  }, [firstSeq, lastSeq, state.draft, pending, typing, state.phase]);

  // The composer grows, the window turns, an image arrives: whoever was at the end stays there.
  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    observer.observe(inner);
    return () => observer.disconnect();
  }, []);

  const looked = () => {
    const element = scroller.current;
    if (!element) return;
    const leaving = atEnd.current;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < END_PIXELS;
    if (leaving && !atEnd.current) setSeen(lastSeq);
    setAway(!atEnd.current);
    if (element.scrollTop < START_PIXELS) void session.loadOlder();
  };
  const toEnd = (behavior: ScrollBehavior) => {
    const element = scroller.current;
    atEnd.current = true;
    setAway(false);
    element?.scrollTo({ top: element.scrollHeight, behavior });
  };

  // A short first page may leave no room to scroll, and nothing would ever ask for more.
  useEffect(() => {
    const element = scroller.current;
    if (element && state.phase === 'ready' && !state.atStart && element.scrollHeight <= element.clientHeight) void session.loadOlder();
  }, [session, state.phase, state.atStart, state.entries]);

  const arrived = state.entries.filter((entry) => away && entry.seq > seen && entry.body.type !== 'activity' && entry.author.id !== me).length;
  return (
    <div className={classes.outer}>
      {/* A region that scrolls must be reachable by keyboard. */}
      <div ref={scroller} className={`scroll ${classes.scroller}`} onScroll={looked} tabIndex={0} role="region" aria-label={t('thread.messages')}>
        <div ref={content} className={classes.content}>
          {state.phase === 'loading' && <Ghosts />}
          {state.phase === 'ready' && !state.atStart && (
            <div className={classes.older}>
              {state.loadingOlder ? (
                <Loader size="xs" />
              ) : (
                <Button variant="subtle" color="gray" size="compact-xs" onClick={() => void session.loadOlder()}>
                  {t('thread.load_older')}
                </Button>
              )}
            </div>
          )}
          <div role="log" aria-label={t('thread.messages')}>
            {items.map((item) =>
              item.kind === 'day' ? (
                <div key={item.key} className={classes.day}>
                  <span>{dayHeading(item.at, now)}</span>
                </div>
              ) : (
                <div key={item.key} className={classes.entry} data-seq={item.entry.seq}>
                  <EntryView entry={item.entry} first={item.first} last={item.last} contact={conversation?.contact} ticket={conversation?.ticket} me={me} />
                </div>
              ),
            )}
          </div>
          {state.draft && conversation && <DraftView text={state.draft.text} name={conversation.assistant.name} />}
          {!state.draft && conversation?.answering && conversation.assignee.type === 'assistant' && <TypingView author={{ type: 'assistant', name: conversation.assistant.name }} note={false} />}
          {pending.map((item) => (
            <PendingView key={item.client_id} item={item} />
          ))}
          {typing?.filter((typist) => typist.author.id !== me || typist.author.type !== 'operator').map((typist) => <TypingView key={`${typist.author.type}${typist.author.id}`} author={typist.author} note={typist.note} contact={conversation?.contact} />)}
        </div>
      </div>
      {away && (
        <div className={classes.jump}>
          <Button size="compact-sm" radius="xl" variant={arrived > 0 ? 'filled' : 'default'} leftSection={<ArrowDown size={14} />} onClick={() => toEnd('smooth')}>
            {arrived > 0 ? plural('thread.new_messages', arrived) : t('thread.jump_to_end')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Where an entry ends, from the start of what scrolls. Its start is no measure: its heading goes when its author's earlier words come in. */
function edgeBelow(scroller: HTMLElement, seq: number): number {
  const entry = scroller.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
  return entry ? entry.getBoundingClientRect().bottom - scroller.getBoundingClientRect().top + scroller.scrollTop : 0;
}

/** What stands in the thread while it loads. */
function Ghosts() {
  return (
    <div className={classes.ghosts} aria-hidden="true">
      {[62, 48, 70, 36].map((width, index) => (
        <span key={index} style={{ width: `${width}%` }} data-side={index % 2 ? 'right' : 'left'} />
      ))}
    </div>
  );
}
