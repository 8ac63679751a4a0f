/** Who types where, at this moment. A sign of typing counts for five seconds; typing people repeat it every three. */

import type { Author, TypingFrame } from '@helpdesk/shared/wire';
import { Observable } from '../app/observable';

const SHOWN_MILLISECONDS = 5_000;

export interface Typist {
  author: Author;
  note: boolean;
  until: number;
}

type Everyone = ReadonlyMap<string, readonly Typist[]>;

const same = (left: Author, right: Author) => left.type === right.type && (left.id ?? null) === (right.id ?? null);

export class Typists {
  readonly everyone = new Observable<Everyone>(new Map());
  /** The conversations in which the contact types. */
  readonly contacts = new Observable<ReadonlySet<string>>(new Set());
  #timer: ReturnType<typeof setTimeout> | undefined;

  heard(frame: TypingFrame, now: number = Date.now()): void {
    const others = (this.everyone.get().get(frame.conversation) ?? []).filter((typist) => !same(typist.author, frame.author));
    this.#put(frame.conversation, [...others, { author: frame.author, note: frame.note, until: now + SHOWN_MILLISECONDS }]);
    this.#arm(now);
  }

  /** Whoever has sent a message no longer types it. */
  finished(conversation: string, author: Author): void {
    const typing = this.everyone.get().get(conversation);
    if (typing?.some((typist) => same(typist.author, author))) this.#put(conversation, typing.filter((typist) => !same(typist.author, author)));
  }

  /** Drops what has grown old. */
  expire(now: number = Date.now()): void {
    for (const [conversation, typing] of this.everyone.get()) {
      const left = typing.filter((typist) => typist.until > now);
      if (left.length !== typing.length) this.#put(conversation, left);
    }
    this.#arm(now);
  }

  #put(conversation: string, typing: readonly Typist[]): void {
    const next = new Map(this.everyone.get());
    if (typing.length > 0) next.set(conversation, typing);
    else next.delete(conversation);
    this.everyone.set(next);
    const contact = typing.some((typist) => typist.author.type === 'contact');
    if (contact !== this.contacts.get().has(conversation)) {
      const contacts = new Set(this.contacts.get());
      if (contact) contacts.add(conversation);
      else contacts.delete(conversation);
      this.contacts.set(contacts);
    }
  }

  #arm(now: number): void {
    clearTimeout(this.#timer);
    let next = Infinity;
    for (const typing of this.everyone.get().values()) for (const typist of typing) next = Math.min(next, typist.until);
    if (next !== Infinity) this.#timer = setTimeout(() => this.expire(), Math.max(50, next - now));
  }
}

export const typists = new Typists();
