/** The round picture of whoever takes part: initials for people, a spark for an assistant. */

import { Bot, Sparkles } from 'lucide-react';
import { t } from '../i18n/translate';
import classes from './Face.module.css';

interface FaceProps {
  name: string;
  /** Gives people their colour, the same on every screen. */
  id?: string | null | undefined;
  kind?: 'contact' | 'operator' | 'assistant' | 'system' | undefined;
  size?: number;
  online?: boolean | undefined;
  /** The dot says nothing to a screen reader: the words stand beside it. */
  silent?: boolean;
  availability?: 'online' | 'away' | 'busy' | 'offline' | undefined;
}

/** First letters of the first and the last word; whole characters, so that no emoji is cut in two. */
export function initials(name: string): string {
  const words = name.replace(/\s+(from|aus|de)\s+\S+$/iu, '').trim().split(/\s+/u).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...(words[words.length - 1] ?? '')][0] ?? '') : '';
  return (first + last).toLocaleUpperCase();
}

/** One of twelve hues, by the text's characters. */
export function hueOf(text: string): number {
  let sum = 7;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 10_007;
  return (sum % 12) * 30;
}

export function Face({ name, id, kind = 'contact', size = 36, online, availability, silent = false }: FaceProps) {
  const style = { '--size': `${size}px`, '--hue': hueOf(id ?? name) } as React.CSSProperties;
  const dot = availability ?? (online === undefined ? undefined : online ? 'online' : undefined);
  return (
    <span className={classes.face} data-kind={kind} style={style}>
      <span className={classes.picture} aria-hidden="true">
        {kind === 'assistant' ? <Sparkles size={size * 0.5} /> : kind === 'system' ? <Bot size={size * 0.5} /> : initials(name)}
      </span>
      {dot && (
        <>
          <span className={classes.dot} data-availability={dot} aria-hidden="true" />
          {!silent && <span className="visually-hidden">{t(`availability.${dot}`)}</span>}
        </>
      )}
    </span>
  );
}
