/**
 * The shapes of the wire under the names that both pages use. All of them are those of the server's own document: `schema.d.ts`
 * is generated from `openapi.json`, which a test of the server keeps true. Nothing here says what a field is.
 */
import type { components } from './schema';

type Schemas = components['schemas'];

/** Protocol major that these pages speak. */
export const PROTOCOL = 1;

// ---- conversations -----------------------------------------------------------------------------------------

export type Author = Schemas['Author'];
export type AuthorType = Schemas['AuthorKind'];
export type Assignee = Schemas['Assignee'];
export type ConversationStatus = Schemas['Status'];
export type Delivery = Schemas['Delivery'];
export type Citation = Schemas['Citation'];
export type ActivityKind = Schemas['ActivityKind'];
export type Body = Schemas['Body'];
export type MessageBody = Extract<Body, { type: 'message' }>;
/** Team only: never part of what a contact receives. */
export type NoteBody = Extract<Body, { type: 'note' }>;
export type ActivityBody = Extract<Body, { type: 'activity' }>;
export type Entry = Schemas['Entry'];
export type LastMessage = Schemas['LastMessage'];
export type Timeline = Schemas['Timeline'];
export type ContactConversation = Schemas['ContactConversation'];
export type TeamConversation = Schemas['TeamConversation'];
/** What a conversation has on both sides. */
export type ConversationBase = Pick<ContactConversation, keyof ContactConversation & keyof TeamConversation>;

// ---- people, tickets, settings -----------------------------------------------------------------------------

export type Contact = Schemas['Contact'];
export type Page = Schemas['PageView'];
export type Operator = Schemas['Operator'];
export type Role = Schemas['Role'];
export type Availability = Schemas['Availability'];
export type Me = Schemas['Me'];
export type Priority = Schemas['Priority'];
export type Ticket = Schemas['Ticket'];
export type TicketRef = Schemas['TicketSummary'];
export type TicketStatus = Schemas['TicketStatus'];
export type View = Schemas['View'];
export type Counts = Schemas['Counts'];
export type Sort = Schemas['Sort'];
/** Language tag to text. */
export type Texts = Schemas['BTreeMap'];
export type WorkspaceSettings = Schemas['Settings'];
export type SettingsPatch = Schemas['SettingsPatch'];
export type Assistant = Schemas['Assistant'];
export type AssistantPatch = Schemas['AssistantPatch'];
export type AssistantRef = Schemas['Named'];
export type Article = Schemas['Article'];
export type ArticlePatch = Schemas['ArticlePatch'];
export type NewArticle = Schemas['NewArticle'];
export type ApiToken = Schemas['Token'];
export type AuditItem = Schemas['AuditLine'];
/** RFC 9457 problem details. */
export type Problem = Schemas['Problem'];

export interface Paged<T> {
  items: T[];
  next_cursor: Schemas['Page_TeamConversation']['next_cursor'];
}

// ---- the widget's session ----------------------------------------------------------------------------------

export type Session = Schemas['Session'];
/** How the widget looks and speaks; texts are in the visitor's language. */
export type WidgetSettings = Schemas['WidgetSettings'];
/** One signed step of a conversation that the server keeps nowhere (helpdesk off). */
export type SignedEntry = Schemas['SignedEntry'];
/** More of an answer that is kept nowhere. */
export type ChatDelta = Schemas['ChatDelta'];

// ---- live frames -------------------------------------------------------------------------------------------

/** A conversation's cursor is a version; the queue's is opaque: give back what the last frame said. */
export type Cursor = Schemas['After'];
export type ClientFrame = Schemas['Hello' | 'Subscribe' | 'Unsubscribe' | 'Send' | 'Typing' | 'Read' | 'Ping'];
export type QueueChange = Schemas['QueueChange'];

type Sent = Schemas['ServerFrame'];
type SentOf<Type extends Sent['type']> = Extract<Sent, { type: Type }>;

/** The receiver knows on which side it is, and so which shape the summary has. */
export type ChangedFrame<C extends ConversationBase = ConversationBase> = Omit<SentOf<'changed'>, 'summary'> & { summary: C };
export type ServerFrame = Exclude<Sent, { type: 'changed' }> | ChangedFrame;
export type WelcomeFrame = SentOf<'welcome'>;
export type QueueFrame = SentOf<'queue'>;
export type TypingFrame = SentOf<'typing'>;
export type PresenceFrame = SentOf<'presence'>;
export type DeltaFrame = SentOf<'assistant_delta'>;
export type DiscardFrame = SentOf<'assistant_discard'>;
export type NotificationFrame = SentOf<'notification'>;
export type AckFrame = SentOf<'ack'>;
export type ErrorFrame = SentOf<'error'>;

/** Close codes of the live socket, from the table in `docs/protocol.md`. */
export const CLOSE = { normal: 1000, tooLarge: 1009, draining: 1012, tryLater: 1013, token: 4401, forbidden: 4403, tooSlow: 4408, tooOld: 4410 } as const;
