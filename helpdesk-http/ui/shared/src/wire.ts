/**
 * The shapes of the wire, as `docs/protocol.md` promises them. One place for both pages.
 *
 * Absent optional fields may be omitted or `null`; both mean the same, so every optional field is `?: T | null`.
 */

/** Protocol major that these pages speak. */
export const PROTOCOL = 1;

type Maybe<T> = T | null | undefined;

export type AuthorType = 'contact' | 'assistant' | 'operator' | 'system';

export interface Author {
  type: AuthorType;
  id?: Maybe<string>;
  name?: Maybe<string>;
}

export interface Assignee {
  type: 'assistant' | 'nobody' | 'operator';
  id?: Maybe<string>;
  name?: Maybe<string>;
}

export type ConversationStatus = 'open' | 'pending' | 'resolved';
export type Delivery = 'queued' | 'sent' | 'delivered' | 'read' | 'failed';

export interface Citation {
  title: string;
  url?: Maybe<string>;
}

export interface MessageBody {
  type: 'message';
  text: string;
  attachments: unknown[];
  delivery: Delivery;
  citations?: Maybe<Citation[]>;
}

/** Team only: never part of what a contact receives. */
export interface NoteBody {
  type: 'note';
  text: string;
  mentions: string[];
}

export type ActivityKind =
  | 'assigned'
  | 'claimed'
  | 'takeover_requested'
  | 'handed_back'
  | 'status_changed'
  | 'escalated'
  | 'merged';

export interface ActivityBody {
  type: 'activity';
  kind: ActivityKind;
  text?: Maybe<string>;
  actor?: Maybe<Author>;
  assignee?: Maybe<Assignee>;
  status?: Maybe<ConversationStatus>;
  reason?: Maybe<string>;
  subject?: Maybe<string>;
  ticket?: Maybe<unknown>;
}

export interface ErasedBody {
  type: 'erased';
}

export type Body = MessageBody | NoteBody | ActivityBody | ErasedBody;

export interface Entry {
  /** Place in the conversation: never changes. */
  seq: number;
  /** Version that last changed the entry: a higher one replaces a lower. */
  rev: number;
  at: string;
  author: Author;
  channel: string;
  body: Body;
}

export interface LastMessage {
  author: Author;
  text: string;
  at: string;
}

export interface AssistantRef {
  id: string;
  name: string;
}

/** What a live topic's summary always has, on both sides. */
export interface ConversationBase {
  id: string;
  channel: string;
  assistant: AssistantRef;
  assignee: Assignee;
  status: ConversationStatus;
  takeover_requested_at?: Maybe<string>;
  seq: number;
  version: number;
  turn: number;
  answering: boolean;
  unread: number;
  last_message?: Maybe<LastMessage>;
  created_at: string;
  last_activity_at: string;
}

export interface ContactConversation extends ConversationBase {
  human_button: boolean;
}

export interface Contact {
  id: string;
  name: string;
  pseudonym: boolean;
  email?: Maybe<string>;
  email_verified: boolean;
  online: boolean;
  identified: boolean;
  country?: Maybe<string>;
  time_zone?: Maybe<string>;
  language?: Maybe<string>;
  page?: Maybe<Page>;
  created_at: string;
  conversations: number;
}

export interface Page {
  url: string;
  title?: Maybe<string>;
}

export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export type TicketStatus = 'unassigned' | 'assigned' | 'resolved' | 'archived';

export interface TicketRef {
  id: string;
  number: number;
  subject: string;
  status: TicketStatus;
  priority: Priority;
  assignee: Assignee;
}

export interface TeamConversation extends ConversationBase {
  contact: Contact;
  closed_by?: Maybe<Author>;
  closed_at?: Maybe<string>;
  messages: number;
  assistant_replies: number;
  flagged: boolean;
  priority: Priority;
  labels: string[];
  last_contact_message_at?: Maybe<string>;
  ticket?: Maybe<TicketRef>;
}

export interface Ticket extends Omit<TicketRef, 'assignee'> {
  reason?: Maybe<string>;
  requester: Contact;
  assistant?: Maybe<AssistantRef>;
  assignee: Assignee;
  channel: string;
  conversation: string;
  created_at: string;
}

export type Role = 'owner' | 'manager' | 'operator';
export type Availability = 'online' | 'away' | 'busy' | 'offline';

export interface Operator {
  id: string;
  name: string;
  email?: Maybe<string>;
  role: Role;
  availability: Availability;
  online: boolean;
}

export type View = 'all' | 'mine' | 'unassigned' | 'waiting' | 'claimed' | 'pending' | 'tagged' | 'resolved';
export type Counts = Record<View, number>;

export interface Paged<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Timeline {
  entries: Entry[];
  seq: number;
  version: number;
  next_after?: Maybe<number>;
}

export interface Me {
  operator: Operator;
  workspace: { id: string; name: string };
  csrf?: Maybe<string>;
  logout_url?: Maybe<string>;
}

/** Language tag to text. */
export type Texts = Record<string, string>;

export interface WorkspaceSettings {
  version: number;
  helpdesk: boolean;
  human_support: {
    enabled: boolean;
    button_hidden: boolean;
    threshold: { count: 'assistant_replies' | 'messages'; at_least: number };
    button_text: Texts;
    transition_message: Texts;
    confirmation_prompt: string;
    waiting_label: Texts;
    connected_label: Texts;
    auto_reply: Texts;
  };
  assign_to: 'anyone' | 'participants';
  contact_message_after_resolve: 'new' | 'reopen';
  brand: { name: string; color: string };
  allowed_origins: string[];
  default_language: string;
  identity: { mode: 'open' | 'verified_only'; secret_set: boolean };
  default_assistant: string;
}

export interface Assistant {
  id: string;
  name: string;
  driver: string;
  prompt: string;
  guidance: string;
  handover: boolean;
  default_priority: Priority;
  greeting: string;
  unknown_text: string;
  version: number;
}

export interface Article {
  id: string;
  title: string;
  body: string;
  url?: Maybe<string>;
  language?: Maybe<string>;
  version: number;
}

export interface ApiToken {
  id: string;
  name: string;
  created_at: string;
  last_four: string;
}

export interface AuditItem {
  at: string;
  actor: Author;
  action: string;
  subject: string;
  detail: unknown;
}

/** What `POST widget/session` says about how the widget looks and speaks; texts are in the visitor's language. */
export interface WidgetSettings {
  helpdesk: boolean;
  human_support: boolean;
  button_text: string;
  waiting_label: string;
  connected_label: string;
  greeting: string;
  assistant: AssistantRef;
  brand: { name: string; color: string };
  language: string;
  text_limit: number;
  protocol: number;
}

export interface Session {
  token: string;
  contact: Contact;
  settings: WidgetSettings;
  conversations: ContactConversation[];
}

/** One signed step of a conversation that the server keeps nowhere (helpdesk off). */
export interface SignedEntry {
  position: number;
  author: 'contact' | 'assistant';
  text: string;
  at: string;
  signature: string;
}

/** RFC 9457 problem details. */
export interface Problem {
  type?: string;
  title?: string;
  status: number;
  code: string;
  detail: string;
  field?: Maybe<string>;
  [extension: string]: unknown;
}

// ---- live frames -------------------------------------------------------------------------------------------

export type ClientFrame =
  | { type: 'hello'; protocol: number; token?: string }
  | { type: 'subscribe'; topic: string; after?: Cursor }
  | { type: 'unsubscribe'; topic: string }
  | { type: 'send'; client_id: string; conversation: string; text: string }
  | { type: 'typing'; conversation: string; note?: boolean }
  | { type: 'read'; conversation: string; seq: number }
  | { type: 'ping' };

export interface ChangedFrame<C extends ConversationBase = ConversationBase> {
  type: 'changed';
  conversation: string;
  prev: number;
  version: number;
  entries: Entry[];
  summary: C;
}

export type QueueChange =
  | { kind: 'conversation'; conversation: TeamConversation }
  | { kind: 'operator'; operator: Operator }
  | { kind: 'settings' };

/** A conversation's cursor is a version; the queue's is opaque: give back what the last frame said. */
export type Cursor = number | string;

export interface QueueFrame {
  type: 'queue';
  cursor: Cursor;
  changes: QueueChange[];
  counts?: Maybe<Counts>;
}

export interface TypingFrame {
  type: 'typing';
  conversation: string;
  author: Author;
  note: boolean;
}

export interface PresenceFrame {
  type: 'presence';
  actor: { type: 'contact' | 'operator'; id: string };
  online: boolean;
  page?: Maybe<Page>;
}

export interface DeltaFrame {
  type: 'assistant_delta';
  conversation: string;
  turn: number;
  /** Unicode scalar values before this text in the draft; not UTF-16 units. */
  offset: number;
  text: string;
}

export interface DiscardFrame {
  type: 'assistant_discard';
  conversation: string;
  turn: number;
}

export interface NotificationFrame {
  type: 'notification';
  kind: 'takeover_requested' | 'conversation_created' | 'message';
  conversation: string;
  at: string;
  text?: Maybe<string>;
}

export interface AckFrame {
  type: 'ack';
  client_id: string;
  conversation: string;
  seq: number;
}

export interface ResyncFrame {
  type: 'resync';
  topic: string;
}

export interface ErrorFrame {
  type: 'error';
  client_id?: Maybe<string>;
  topic?: Maybe<string>;
  code: string;
  detail: string;
}

export interface WelcomeFrame {
  type: 'welcome';
  protocol: number;
  min_client: number;
  actor: { type: 'contact' | 'operator'; id: string };
}

export type ServerFrame =
  | WelcomeFrame
  | ChangedFrame
  | QueueFrame
  | TypingFrame
  | PresenceFrame
  | DeltaFrame
  | DiscardFrame
  | NotificationFrame
  | AckFrame
  | ResyncFrame
  | ErrorFrame
  | { type: 'pong' };

/** Close codes of the live socket. */
export const CLOSE = { token: 4401, forbidden: 4403, tooSlow: 4408, tooOld: 4410, draining: 1012 } as const;
