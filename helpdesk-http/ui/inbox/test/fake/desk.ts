/**
 * A helpdesk in memory that follows `docs/protocol.md` to the letter, for tests of the page alone. It knows no rules beyond those the
 * page can see: versions rise, entries are dense, a claim has one winner, notes stay with the team.
 */

import type {
  ActivityBody,
  ApiToken,
  Article,
  Assignee,
  Assistant,
  AuditItem,
  Author,
  Body,
  Contact,
  Counts,
  Entry,
  Operator,
  QueueChange,
  ServerFrame,
  TeamConversation,
  WorkspaceSettings,
} from '@helpdesk/shared/wire';
import { belongsIn, VIEWS } from '../../src/queue/views';

export interface Listener {
  topic: string;
  /** The version (or queue cursor) last sent. */
  sent: number;
  send(frame: ServerFrame): void;
  operator: string;
}

export interface FakeConversation {
  row: TeamConversation;
  entries: Entry[];
  /** What was sent with a client id, for answering the same again. */
  clients: Map<string, Entry>;
  draft: { turn: number; text: string } | undefined;
  nextTicket?: number;
}

export class FakeDesk {
  readonly operators: Operator[] = [];
  readonly contacts = new Map<string, Contact>();
  readonly conversations = new Map<string, FakeConversation>();
  readonly assistants: Assistant[] = [];
  readonly articles: Article[] = [];
  readonly tokens: ApiToken[] = [];
  readonly audit: AuditItem[] = [];
  readonly listeners = new Set<Listener>();
  readonly changes: QueueChange[] = [];
  settings!: WorkspaceSettings;
  workspace = { id: '0190a000-0000-7000-8000-000000000001', name: 'Harbour Supplies' };
  #tick = 0;
  #ticket = 10_041;

  constructor(public now: () => number = Date.now) {}

  id(): string {
    this.#tick += 1;
    return `0190a000-0000-7000-8000-${(0x100000 + this.#tick).toString(16).padStart(12, '0')}`;
  }

  time(agoMilliseconds = 0): string {
    return new Date(this.now() - agoMilliseconds).toISOString();
  }

  operator(id: string): Operator {
    const found = this.operators.find((operator) => operator.id === id);
    if (!found) throw new Error(`no operator ${id}`);
    return found;
  }

  get(id: string): FakeConversation {
    const found = this.conversations.get(id);
    if (!found) throw new Error(`no conversation ${id}`);
    return found;
  }

  open(contact: Contact, assistant: Assistant, options: { channel?: string; ago?: number } = {}): FakeConversation {
    const at = this.time(options.ago ?? 0);
    contact.conversations += 1;
    const conversation: FakeConversation = {
      row: {
        id: this.id(),
        contact,
        channel: options.channel ?? 'web',
        assistant: { id: assistant.id, name: assistant.name },
        assignee: { type: 'assistant', id: assistant.id, name: assistant.name },
        status: 'open',
        seq: 0,
        version: 0,
        turn: 1,
        answering: false,
        unread: 0,
        messages: 0,
        assistant_replies: 0,
        flagged: false,
        priority: 'normal',
        labels: [],
        created_at: at,
        last_activity_at: at,
      },
      entries: [],
      clients: new Map(),
      draft: undefined,
    };
    this.conversations.set(conversation.row.id, conversation);
    return conversation;
  }

  /** One commit: new entries and changes of the row, one version, told to everybody who listens. */
  commit(id: string, change: Partial<TeamConversation>, entries: { author: Author; body: Body; ago?: number }[] = []): Entry[] {
    const conversation = this.get(id);
    const before = conversation.row;
    const version = before.version + 1;
    let { seq, messages, assistant_replies: replies, unread } = before;
    let last = before.last_message;
    let lastContact = before.last_contact_message_at;
    let activity = before.last_activity_at;
    const added = entries.map(({ author, body, ago }): Entry => {
      seq += 1;
      const at = this.time(ago ?? 0);
      if (body.type === 'message') {
        messages += 1;
        last = { author, text: body.text, at };
        activity = at;
        if (author.type === 'assistant') replies += 1;
        if (author.type === 'contact') {
          unread += 1;
          lastContact = at;
        }
      }
      return { seq, rev: version, at, author, channel: before.channel, body };
    });
    conversation.entries.push(...added);
    conversation.row = { ...before, version, seq, messages, assistant_replies: replies, unread, last_message: last, last_contact_message_at: lastContact, last_activity_at: activity, ...change };
    if (conversation.draft && (conversation.row.turn > conversation.draft.turn || added.some((entry) => entry.author.type === 'assistant'))) conversation.draft = undefined;
    this.#tell({ kind: 'conversation', conversation: this.#row(conversation) });
    for (const listener of this.listeners) {
      if (listener.topic !== `conversation:${id}`) continue;
      listener.send({ type: 'changed', conversation: id, prev: listener.sent, version, entries: added, summary: this.#row(conversation) });
      listener.sent = version;
    }
    return added;
  }

  #row(conversation: FakeConversation): TeamConversation {
    return { ...conversation.row, contact: this.contacts.get(conversation.row.contact.id) ?? conversation.row.contact };
  }

  row(id: string): TeamConversation {
    return this.#row(this.get(id));
  }

  #tell(change: QueueChange): void {
    this.changes.push(change);
    for (const listener of this.listeners) {
      if (listener.topic === 'queue') listener.send({ type: 'queue', cursor: String(this.changes.length), changes: [change], counts: this.counts(listener.operator) });
    }
  }

  broadcast(frame: ServerFrame, topic?: string): void {
    const told = new Set<Listener['send']>();
    for (const listener of this.listeners) {
      if (topic !== undefined && listener.topic !== topic) continue;
      if (told.has(listener.send)) continue;
      told.add(listener.send);
      listener.send(frame);
    }
  }

  counts(operator: string): Counts {
    const counts: Counts = { all: 0, mine: 0, unassigned: 0, waiting: 0, claimed: 0, pending: 0, tagged: 0, resolved: 0 };
    for (const conversation of this.conversations.values()) for (const view of VIEWS) if (belongsIn(view, conversation.row, operator)) counts[view] += 1;
    return counts;
  }

  // ---- what contacts and assistants do -------------------------------------------------------------------

  contactSays(id: string, text: string, ago?: number): void {
    const { row } = this.get(id);
    const answering = row.assignee.type === 'assistant';
    this.commit(id, { answering, ...(row.answering ? { turn: row.turn + 1 } : {}) }, [{ author: { type: 'contact', id: row.contact.id, name: row.contact.name }, body: message(text), ago }]);
  }

  assistantSays(id: string, text: string, citations?: { title: string; url?: string }[], ago?: number): void {
    const { row } = this.get(id);
    this.commit(id, { answering: false }, [{ author: { type: 'assistant', id: row.assistant.id, name: row.assistant.name }, body: { ...message(text), ...(citations ? { citations } : {}) }, ago }]);
  }

  /** A piece of an answer that is being written. */
  assistantWrites(id: string, piece: string): void {
    const conversation = this.get(id);
    const { turn } = conversation.row;
    const held = conversation.draft?.turn === turn ? conversation.draft.text : '';
    conversation.draft = { turn, text: held + piece };
    this.broadcast({ type: 'assistant_delta', conversation: id, turn, offset: [...held].length, text: piece }, `conversation:${id}`);
  }

  withdrawDraft(id: string): void {
    const conversation = this.get(id);
    if (!conversation.draft) return;
    this.broadcast({ type: 'assistant_discard', conversation: id, turn: conversation.draft.turn }, `conversation:${id}`);
    conversation.draft = undefined;
  }

  /** The contact asks for a human: a divider in the thread, a ticket, a word to the team. */
  asksForHuman(id: string, subject: string, ago?: number): void {
    const { row } = this.get(id);
    this.#ticket += 1;
    const ticket = { id: this.id(), number: this.#ticket, subject, status: 'unassigned' as const, priority: 'normal' as const, assignee: { type: 'nobody' as const } };
    const text = this.settings.human_support.transition_message['en'] ?? '';
    this.commit(id, { takeover_requested_at: this.time(ago ?? 0), ticket }, [
      { author: { type: 'contact', id: row.contact.id, name: row.contact.name }, body: activity({ kind: 'takeover_requested', text, ticket: ticket.id }), ago },
    ]);
    this.broadcast({ type: 'notification', kind: 'takeover_requested', conversation: id, at: this.time(), text: row.last_message?.text });
  }

  /** The contact says another name: every conversation of theirs is told anew, none has a new version. */
  rename(contact: string, name: string): void {
    const known = this.contacts.get(contact);
    if (!known) return;
    this.contacts.set(contact, { ...known, name, pseudonym: false });
    for (const conversation of this.conversations.values()) if (conversation.row.contact.id === contact) this.#tell({ kind: 'conversation', conversation: this.#row(conversation) });
  }

  /** Every line has lost its place: what it missed cannot be told. */
  forgetCursors(): void {
    for (const listener of this.listeners) listener.send({ type: 'resync', topic: listener.topic });
  }

  presence(contact: string, online: boolean): void {
    const known = this.contacts.get(contact);
    if (!known) return;
    this.contacts.set(contact, { ...known, online });
    this.broadcast({ type: 'presence', actor: { type: 'contact', id: contact }, online });
  }

  // ---- what operators do ---------------------------------------------------------------------------------

  /** Who answers from now on, with the activity that says so. */
  assign(id: string, by: Operator, assignee: Assignee, kind: 'claimed' | 'assigned' | 'handed_back'): void {
    const { row } = this.get(id);
    this.withdrawDraft(id);
    const ticket = row.ticket ? { ...row.ticket, ...(assignee.type === 'operator' ? { assignee, status: 'assigned' as const } : {}) } : undefined;
    this.commit(id, { assignee, takeover_requested_at: null, answering: false, turn: row.turn + 1, ticket }, [{ author: author(by), body: activity({ kind, actor: author(by), assignee }) }]);
  }

  says(id: string, by: Operator, text: string, clientId?: string): { entry: Entry; again: boolean } {
    const conversation = this.get(id);
    const known = clientId ? conversation.clients.get(clientId) : undefined;
    if (known) return { entry: known, again: true };
    if (conversation.row.assignee.type !== 'operator') this.assign(id, by, { type: 'operator', id: by.id, name: by.name }, 'claimed');
    const [entry] = this.commit(id, { status: 'open' }, [{ author: author(by), body: message(text) }]);
    if (!entry) throw new Error('nothing was written');
    if (clientId) conversation.clients.set(clientId, entry);
    return { entry, again: false };
  }

  notes(id: string, by: Operator, text: string, clientId?: string): { entry: Entry; again: boolean } {
    const conversation = this.get(id);
    const known = clientId ? conversation.clients.get(clientId) : undefined;
    if (known) return { entry: known, again: true };
    const [entry] = this.commit(id, {}, [{ author: author(by), body: { type: 'note', text, mentions: [] } }]);
    if (!entry) throw new Error('nothing was written');
    if (clientId) conversation.clients.set(clientId, entry);
    return { entry, again: false };
  }

  status(id: string, by: Operator, status: 'open' | 'resolved'): void {
    const closed = status === 'resolved' ? { closed_by: author(by), closed_at: this.time() } : { closed_by: null, closed_at: null };
    const { row } = this.get(id);
    this.commit(id, { status, takeover_requested_at: null, ...closed, ...(row.ticket ? { ticket: { ...row.ticket, status: status === 'resolved' ? 'resolved' : 'assigned' } } : {}) }, [
      { author: author(by), body: activity({ kind: 'status_changed', status, actor: author(by) }) },
    ]);
  }

  changeOperator(id: string, change: Partial<Operator>): Operator {
    const operator = this.operator(id);
    Object.assign(operator, change);
    this.#tell({ kind: 'operator', operator: { ...operator } });
    return operator;
  }

  note(by: Operator, action: string, subject: string, detail: unknown): void {
    this.audit.unshift({ at: this.time(), actor: author(by), action, subject, detail });
  }

  settingsChanged(): void {
    this.#tell({ kind: 'settings' });
  }
}

export const author = (operator: Operator): Author => ({ type: 'operator', id: operator.id, name: operator.name });
export const message = (text: string): Body & { type: 'message' } => ({ type: 'message', text, attachments: [], delivery: 'sent' });
const activity = (body: Omit<ActivityBody, 'type'>): ActivityBody => ({ type: 'activity', ...body });
