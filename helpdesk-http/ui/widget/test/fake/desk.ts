/**
 * A desk for tests: the state of one workspace and how it answers, by the wire of `docs/protocol.md`. It has no rules of its
 * own beyond what a widget can see; tests play the assistant and the team.
 */
import type {
  ActivityBody, Author, Body, ChangedFrame, ContactConversation, Entry, ServerFrame, Session, SignedEntry, WidgetSettings,
} from '@helpdesk/shared/wire';

export interface Held {
  contact: string;
  summary: ContactConversation;
  entries: Entry[];
  /** The answer so far. */
  draft: string;
  turn: number;
}

/** A live subscription: what was sent on it last. */
export interface Follower {
  contact: string;
  send(frame: ServerFrame): void;
  topics: Map<string, number>;
}

export class Problem extends Error {
  constructor(readonly status: number, readonly code: string, detail = code) {
    super(detail);
  }
}

const ASSISTANT = { id: 'assistant-1', name: 'Nimbus' };
const uuid = (kind: string, count: number): string => `0000${kind}-0000-7000-8000-${String(count).padStart(12, '0')}`;

export class FakeDesk {
  settings: WidgetSettings = {
    helpdesk: true,
    human_support: true,
    button_text: 'Connect to Human Support',
    waiting_label: 'Waiting for a team member',
    connected_label: 'Connected with {name}',
    greeting: 'Hi there 👋 I’m Nimbus. Ask me anything about orders, shipping or returns.',
    assistant: ASSISTANT,
    brand: { name: 'Northwind Outfitters', color: '#0f766e' },
    language: 'en',
    text_limit: 10_000,
    protocol: 1,
  };
  transition = 'A team member will be with you shortly.';
  /** Assistant replies before the button is offered. */
  threshold = 3;
  conversations = new Map<string, Held>();
  followers = new Set<Follower>();
  /** Tokens by contact. */
  tokens = new Map<string, string>();
  remembered = new Map<string, unknown>();
  reads: [conversation: string, seq: number][] = [];
  typings: string[] = [];
  sessions: Record<string, unknown>[] = [];
  /** The next answers of `POST chat`, piece by piece. */
  answers: string[][] = [];
  #count = 0;

  // ---- what the widget asks -------------------------------------------------------------------------------

  session(body: Record<string, unknown>): Session {
    this.sessions.push(body);
    const identity = body['identity'] as string | undefined;
    if (identity && !identity.startsWith('signed:')) throw new Problem(401, 'invalid_identity');
    const known = this.tokens.get(String(body['token'] ?? ''));
    if (body['token'] && !known) throw new Problem(401, 'unauthorized');
    const named = identity && `user-${identity.slice(7)}`;
    let contact = named ?? known;
    if (!contact || (named && known && known !== named && !known.startsWith('user-'))) {
      // A visitor who says who they are keeps what they wrote before.
      if (named && known && known !== named) for (const held of this.conversations.values()) if (held.contact === known) held.contact = named;
      contact = named ?? uuid('c0de', (this.#count += 1));
    }
    const token = `token-${contact}-${(this.#count += 1)}`;
    this.tokens.set(token, contact);
    return {
      token,
      contact: {
        id: contact, name: 'Eerie Lavender', pseudonym: !named, email_verified: false, online: true, identified: !!named,
        created_at: new Date().toISOString(), conversations: 0,
      },
      settings: this.settings,
      conversations: this.settings.helpdesk ? this.list(contact) : [],
    };
  }

  contactOf(token: string | undefined): string {
    const contact = this.tokens.get(token ?? '');
    if (!contact) throw new Problem(401, 'unauthorized');
    return contact;
  }

  list(contact: string): ContactConversation[] {
    return [...this.conversations.values()]
      .filter((held) => held.contact === contact)
      .map((held) => held.summary)
      .sort((a, b) => b.last_activity_at.localeCompare(a.last_activity_at));
  }

  of(contact: string, id: string): Held {
    const held = this.conversations.get(id);
    if (!held || held.contact !== contact) throw new Problem(404, 'not_found');
    return held;
  }

  /** Answers the first result again where the client id has been seen. */
  once<T>(contact: string, clientId: unknown, content: string, make: () => T): { value: T; again: boolean } {
    const key = `${contact} ${String(clientId)}`;
    const earlier = this.remembered.get(key) as { content: string; value: T } | undefined;
    if (clientId && earlier) {
      if (earlier.content !== content) throw new Problem(422, 'client_id_reused');
      return { value: earlier.value, again: true };
    }
    const value = make();
    if (clientId) this.remembered.set(key, { content, value });
    return { value, again: false };
  }

  begin(contact: string, text: string, apart: boolean, at = new Date().toISOString()): { conversation: ContactConversation; entry: Entry } {
    const open = !apart && this.list(contact).find(({ status }) => status !== 'resolved');
    const held = open ? this.of(contact, open.id) : this.create(contact, at);
    const entry = this.write(held, { type: 'contact', id: contact }, text, at);
    return { conversation: structuredClone(held.summary), entry };
  }

  message(contact: string, id: string, text: string): Entry {
    const held = this.of(contact, id);
    if (held.summary.status === 'resolved') throw new Problem(409, 'conversation_resolved');
    return this.write(held, { type: 'contact', id: contact }, text);
  }

  human(contact: string, id: string): ContactConversation {
    const held = this.of(contact, id);
    if (!this.settings.human_support) throw new Problem(409, 'human_support_off');
    if (!held.summary.takeover_requested_at) {
      held.summary.takeover_requested_at = new Date().toISOString();
      this.happen(held, { type: 'activity', kind: 'takeover_requested', text: this.transition });
    }
    return held.summary;
  }

  end(contact: string, id: string): ContactConversation {
    const held = this.of(contact, id);
    if (held.summary.status !== 'resolved') this.resolve(held);
    return held.summary;
  }

  read(contact: string, id: string, seq: number): void {
    const held = this.of(contact, id);
    this.reads.push([id, seq]);
    if (held.summary.unread && held.summary.seq <= seq) this.change(held, () => (held.summary.unread = 0));
  }

  // ---- what tests let happen ------------------------------------------------------------------------------

  create(contact: string, at = new Date().toISOString()): Held {
    const id = uuid('cafe', (this.#count += 1));
    const held: Held = {
      contact,
      entries: [],
      draft: '',
      turn: 1,
      summary: {
        id, channel: 'widget', assistant: ASSISTANT, assignee: { type: 'assistant', ...ASSISTANT }, status: 'open', seq: 0, version: 0,
        turn: 1, answering: false, unread: 0, human_button: false, created_at: at, last_activity_at: at,
      },
    };
    this.conversations.set(id, held);
    return held;
  }

  /** Adds an entry and tells everybody who follows. */
  add(held: Held, author: Author, body: Body, at = new Date().toISOString()): Entry {
    const entry: Entry = { seq: held.entries.length + 1, rev: 0, at, author, channel: 'widget', body };
    this.change(held, (version) => {
      entry.rev = version;
      held.entries.push(entry);
      held.summary.seq = entry.seq;
      held.summary.last_activity_at = at;
      if (body.type === 'message') {
        held.summary.last_message = { author, text: body.text, at };
        if (author.type === 'contact') held.summary.answering = held.summary.assignee.type === 'assistant';
        else held.summary.unread += 1;
        const replies = held.entries.filter((one) => one.author.type === 'assistant').length;
        held.summary.human_button =
          this.settings.human_support && replies >= this.threshold && !held.summary.takeover_requested_at && held.summary.assignee.type !== 'operator';
      }
    });
    return entry;
  }

  write(held: Held, author: Author, text: string, at?: string): Entry {
    return this.add(held, author, { type: 'message', text, attachments: [], delivery: 'sent' }, at);
  }

  happen(held: Held, body: ActivityBody, author: Author = { type: 'system' }): void {
    held.summary.human_button = false;
    this.add(held, author, body);
  }

  change(held: Held, apply: (version: number) => void): void {
    const version = held.summary.version + 1;
    held.summary.version = version;
    apply(version);
    for (const follower of this.followers) this.tell(follower, held);
  }

  tell(follower: Follower, held: Held): void {
    const topic = `conversation:${held.summary.id}`;
    const prev = follower.topics.get(topic);
    if (prev === undefined) return;
    follower.topics.set(topic, held.summary.version);
    follower.send(this.changed(held, prev));
  }

  changed(held: Held, prev: number): ChangedFrame {
    const entries = held.entries.filter(({ rev }) => rev > prev);
    return structuredClone({ type: 'changed', conversation: held.summary.id, prev, version: held.summary.version, entries, summary: held.summary });
  }

  subscribe(follower: Follower, topic: string, after: number | undefined): void {
    const held = this.of(follower.contact, topic.replace('conversation:', ''));
    follower.topics.set(topic, held.summary.version);
    follower.send(this.changed(held, after ?? held.summary.version));
    if (held.draft) follower.send({ type: 'assistant_delta', conversation: held.summary.id, turn: held.turn, offset: 0, text: held.draft });
  }

  /** One more piece of the assistant's answer. */
  delta(held: Held, text: string): void {
    const offset = [...held.draft].length;
    held.draft += text;
    this.broadcast(held, { type: 'assistant_delta', conversation: held.summary.id, turn: held.turn, offset, text });
  }

  /** The assistant's answer is complete. */
  answer(held: Held, text = held.draft, citations?: { title: string; url?: string }[]): Entry {
    held.draft = '';
    held.summary.answering = false;
    return this.add(held, { type: 'assistant', ...ASSISTANT }, { type: 'message', text, attachments: [], delivery: 'sent', citations });
  }

  claim(held: Held, name: string): void {
    const assignee = { type: 'operator' as const, id: 'operator-1', name };
    held.draft = '';
    held.turn += 1;
    Object.assign(held.summary, { assignee, takeover_requested_at: null, turn: held.turn, answering: false, human_button: false });
    const actor = { type: 'operator' as const, id: 'operator-1', name };
    this.happen(held, { type: 'activity', kind: 'claimed', actor }, actor);
  }

  handBack(held: Held): void {
    held.turn += 1;
    Object.assign(held.summary, { assignee: { type: 'assistant', ...ASSISTANT }, turn: held.turn });
    this.happen(held, { type: 'activity', kind: 'handed_back' });
  }

  resolve(held: Held): void {
    held.summary.status = 'resolved';
    this.happen(held, { type: 'activity', kind: 'status_changed', status: 'resolved' });
  }

  broadcast(held: Held, frame: ServerFrame): void {
    for (const follower of this.followers) if (follower.topics.has(`conversation:${held.summary.id}`)) follower.send(frame);
  }

  /** The newest conversation there is. */
  get last(): Held {
    return [...this.conversations.values()].at(-1)!;
  }

  // ---- switched off ---------------------------------------------------------------------------------------

  sign(position: number, author: SignedEntry['author'], text: string): SignedEntry {
    return { position, author, text, at: new Date().toISOString(), signature: `signed ${position} ${author} ${[...text].length}` };
  }

  verify(transcript: SignedEntry[]): void {
    transcript.forEach(({ author, text, signature }, index) => {
      if (signature !== `signed ${index} ${author} ${[...text].length}`) throw new Problem(422, 'transcript_invalid');
    });
  }
}
