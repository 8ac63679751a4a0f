/** Where replies and notes are written. The two cannot be mistaken: colour, icon and words differ, and a draft belongs to its mode. */

import { Button, Modal, SegmentedControl } from '@mantine/core';
import type { TeamConversation } from '@helpdesk/shared/wire';
import { CornerDownLeft, Lock, MessageSquare, SendHorizontal, StickyNote } from 'lucide-react';
import { memo, useEffect, useRef, useState } from 'react';
import { useMe } from '../app/me';
import { sayWrong } from '../app/toast';
import { plural, t } from '../i18n/translate';
import { channelName } from '../parts/Channel';
import { wasWalkedTo } from '../queue/selection';
import { useThreadShortcuts } from '../thread/use-thread-shortcuts';
import classes from './Composer.module.css';
import { readDraft, readMode, writeDraft, writeMode } from './drafts';
import { stemsFromNote } from './note-guard';
import { sendFrom } from './outgoing';
import type { Mode } from './pending';
import { useTypingSign } from './use-typing-sign';

/** What is being written in one conversation. */
interface Writing {
  id: string;
  mode: Mode;
  texts: Record<Mode, string>;
}

const writingOf = (id: string): Writing => ({ id, mode: readMode(id), texts: { reply: readDraft(id, 'reply'), note: readDraft(id, 'note') } });

const LONGEST = 10_000;
/** From here on the characters that are left are shown. */
const WARN_BELOW = 500;

export const Composer = memo(function Composer({ id, conversation }: { id: string; conversation: TeamConversation | undefined }) {
  const [held, setHeld] = useState<Writing>(() => writingOf(id));
  const [guarded, setGuarded] = useState<string>();
  // Another conversation has its own mode and drafts.
  const writing = held.id === id ? held : writingOf(id);
  if (writing !== held) {
    setHeld(writing);
    setGuarded(undefined);
  }
  const { mode, texts } = writing;
  const setTexts = (change: (texts: Writing['texts']) => Writing['texts']) => setHeld((before) => ({ ...before, texts: change(before.texts) }));
  const input = useRef<HTMLTextAreaElement>(null);
  const me = useMe().operator.id;
  const typing = useTypingSign(id, mode === 'note');
  const text = texts[mode];
  const left = LONGEST - [...text].length;
  const empty = text.trim() === '';
  const note = mode === 'note';

  const write = (next: string) => {
    setTexts((before) => ({ ...before, [mode]: next }));
    writeDraft(id, mode, next);
    if (next.trim()) typing.sign();
    else typing.stop();
  };
  const enter = (next: Mode) => {
    setHeld((before) => ({ ...before, mode: next }));
    writeMode(id, next);
    input.current?.focus();
  };
  const send = () => {
    if (empty || left < 0 || !conversation) return;
    if (!sendFrom(mode, id, text.replace(/\r\n?/gu, '\n').trim())) {
      sayWrong(t('composer.too_many_waiting'));
      return;
    }
    typing.stop();
    setTexts((before) => ({ ...before, [mode]: '' }));
    writeDraft(id, mode, '');
    input.current?.focus();
  };
  const stopAsking = () => setGuarded(undefined);
  const insert = (pasted: string) => {
    const element = input.current;
    if (!element) return;
    element.focus();
    element.setRangeText(pasted, element.selectionStart, element.selectionEnd, 'end');
    write(element.value);
  };

  useThreadShortcuts(id, {
    r: () => enter('reply'),
    n: () => enter('note'),
    'alt+l': () => enter('reply'),
    'alt+p': () => enter('note'),
  });

  // On a wide screen whoever opens a chat wants to answer it; on a phone the keyboard would cover what they want to read. Whoever
  // walks along the list with single keys wants the next of those keys to be one too.
  useEffect(() => {
    if (!wasWalkedTo(id) && window.matchMedia('(width >= 1000px) and (pointer: fine)').matches) input.current?.focus({ preventScroll: true });
  }, [id]);

  const assignee = conversation?.assignee;
  const placeholder = note ? t('composer.note_placeholder') : t('composer.reply_placeholder', { name: conversation?.contact.name ?? '' });
  const consequence =
    note || !conversation
      ? t('composer.note_hint')
      : assignee?.type === 'operator' && assignee.id !== me
        ? t('composer.other_answers', { name: assignee.name ?? t('author.operator') })
        : assignee?.type === 'operator'
          ? t('composer.via', { channel: channelName(conversation.channel) })
          : t('composer.takes_over', { channel: channelName(conversation.channel) });

  return (
    <div className={classes.composer} data-mode={mode}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs"
          value={mode}
          onChange={(value) => enter(value as Mode)}
          aria-label={t('composer.mode')}
          data={[
            {
              value: 'reply',
              label: (
                <span className={classes.mode} title="Alt+L">
                  <MessageSquare size={13} aria-hidden="true" /> {t('composer.reply')}
                </span>
              ),
            },
            {
              value: 'note',
              label: (
                <span className={classes.mode} title="Alt+P">
                  <StickyNote size={13} aria-hidden="true" /> {t('composer.note')}
                </span>
              ),
            },
          ]}
        />
        <span className={classes.consequence}>
          {note && <Lock size={11} aria-hidden="true" />}
          {consequence}
        </span>
      </div>
      <textarea
        ref={input}
        className={`scroll ${classes.input}`}
        // An empty field would show a right-to-left placeholder on the wrong side.
        dir={text ? 'auto' : undefined}
        value={text}
        rows={1}
        placeholder={placeholder}
        aria-label={placeholder}
        aria-invalid={left < 0 || undefined}
        onChange={(event) => write(event.currentTarget.value)}
        onBlur={typing.stop}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            send();
          } else if (event.key === 'Escape') {
            // First out of the field, then out of the chat.
            event.currentTarget.blur();
            event.stopPropagation();
          }
        }}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text/plain');
          if (note || !stemsFromNote(pasted)) return;
          event.preventDefault();
          setGuarded(pasted);
        }}
      />
      <div className={classes.foot}>
        <span className={classes.hint} aria-hidden="true">
          <CornerDownLeft size={12} /> {t('composer.keys')}
        </span>
        {left < WARN_BELOW && (
          <span className={classes.left} data-over={left < 0 || undefined} role="status">
            {left < 0 ? plural('composer.over', -left) : plural('composer.left', left)}
          </span>
        )}
        <Button className={classes.send} size="compact-md" color={note ? '#7a5b00' : undefined} disabled={empty || left < 0 || !conversation} onClick={send} rightSection={note ? <StickyNote size={14} /> : <SendHorizontal size={14} />}>
          {note ? t('composer.add_note') : t('composer.send')}
        </Button>
      </div>
      {guarded !== undefined && (
        <Modal opened onClose={stopAsking} title={t('composer.guard_title')} size="sm">
          <p className={classes.guard}>{t('composer.guard_text')}</p>
          <div className={classes.guardActions}>
            <Button variant="default" onClick={stopAsking} data-autofocus>
              {t('action.cancel')}
            </Button>
            <Button
              color="red"
              onClick={() => {
                stopAsking();
                insert(guarded);
              }}
            >
              {t('composer.guard_paste')}
            </Button>
          </div>
        </Modal>
      )}
    </div>
  );
});
