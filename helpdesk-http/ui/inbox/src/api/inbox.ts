/** Every API call of the inbox, one function each, in the words of the protocol page. */

import type {
  ApiToken,
  Article,
  ArticlePatch,
  Assignee,
  Assistant,
  AssistantPatch,
  AuditItem,
  Availability,
  Contact,
  ConversationStatus,
  Counts,
  Entry,
  Me,
  NewArticle,
  Operator,
  Paged,
  SettingsPatch,
  Sort,
  TeamConversation,
  Ticket,
  Timeline,
  View,
  WorkspaceSettings,
} from '@helpdesk/shared/wire';
import { request } from './request';

/** Which conversations a list holds, and in which order. What is absent does not narrow it. */
export interface QueueFilter {
  view: View;
  sort: Sort;
  status?: ConversationStatus | undefined;
  /** `assistant`, `nobody`, `me`, or an operator's id. */
  assignee?: string | undefined;
  assistant?: string | undefined;
  flagged?: true | undefined;
  unread?: true | undefined;
}

/** Larger than any seq: asks for the last page of a timeline. */
const NEWEST = Number.MAX_SAFE_INTEGER;
const of = (id: string, action?: string) => `conversations/${encodeURIComponent(id)}${action ? `/${action}` : ''}`;

export const QUEUE_PAGE = 50;
export const TIMELINE_PAGE = 60;

export const fetchMe = (signal?: AbortSignal) => request<Me>('GET', 'me', { signal });
export const changeMe = (change: { name?: string; availability?: Availability }) => request<Me>('PATCH', 'me', { body: change });

export const fetchQueue = (filter: QueueFilter, cursor: string | null, signal?: AbortSignal) =>
  request<Paged<TeamConversation>>('GET', 'conversations', { query: { ...filter, cursor, limit: QUEUE_PAGE }, signal });
export const fetchCounts = (signal?: AbortSignal) => request<Counts>('GET', 'counts', { signal });

export const fetchConversation = (id: string, signal?: AbortSignal) => request<TeamConversation>('GET', of(id), { signal });
export const fetchTimeline = (id: string, before: number | null, signal?: AbortSignal) =>
  request<Timeline>('GET', of(id, 'timeline'), { query: { before: before ?? NEWEST, limit: TIMELINE_PAGE }, signal });

export interface Outgoing {
  client_id: string;
  text: string;
}
export const sendMessage = (id: string, message: Outgoing) => request<{ entry: Entry }>('POST', of(id, 'messages'), { body: message });
export const sendNote = (id: string, note: Outgoing) => request<{ entry: Entry }>('POST', of(id, 'notes'), { body: note });

type Answer = { conversation: TeamConversation };
export const claim = (id: string) => request<Answer>('POST', of(id, 'claim'), { body: {} });
export const assign = (id: string, assignee: Pick<Assignee, 'type' | 'id'>) => request<Answer>('POST', of(id, 'assign'), { body: { assignee } });
export const setStatus = (id: string, status: 'open' | 'resolved') => request<Answer>('POST', of(id, 'status'), { body: { status } });
export const setFlag = (id: string, flagged: boolean) => request<Answer>('POST', of(id, 'flag'), { body: { flagged } });
export const markRead = (id: string, seq: number) => request<Answer>('POST', of(id, 'read'), { body: { seq } });
export const sayTyping = (id: string, note: boolean) => request<void>('POST', of(id, 'typing'), { body: { note } });

export const fetchTicket = (number: number) => request<Ticket>('GET', `tickets/${number}`);

export const fetchContactConversations = (contact: string, cursor: string | null, signal?: AbortSignal) =>
  request<Paged<TeamConversation>>('GET', `contacts/${encodeURIComponent(contact)}/conversations`, { query: { cursor, limit: 20 }, signal });
export const fetchContact = (contact: string, signal?: AbortSignal) => request<Contact>('GET', `contacts/${encodeURIComponent(contact)}`, { signal });
export const fetchOperators = (signal?: AbortSignal) => request<Paged<Operator>>('GET', 'operators', { query: { limit: 200 }, signal });

export const fetchAssistants = (signal?: AbortSignal) => request<Paged<Assistant>>('GET', 'assistants', { query: { limit: 200 }, signal });
export const fetchAssistant = (id: string, signal?: AbortSignal) => request<Assistant>('GET', `assistants/${encodeURIComponent(id)}`, { signal });
export const changeAssistant = (id: string, change: AssistantPatch) => request<Assistant>('PATCH', `assistants/${encodeURIComponent(id)}`, { body: change });

export const fetchArticles = (cursor: string | null, signal?: AbortSignal) => request<Paged<Article>>('GET', 'articles', { query: { cursor, limit: 100 }, signal });
export const fetchArticle = (id: string, signal?: AbortSignal) => request<Article>('GET', `articles/${encodeURIComponent(id)}`, { signal });
export const createArticle = (fields: NewArticle) => request<Article>('POST', 'articles', { body: fields });
export const changeArticle = (id: string, change: ArticlePatch) =>
  request<Article>('PATCH', `articles/${encodeURIComponent(id)}`, { body: change });
export const deleteArticle = (id: string) => request<void>('DELETE', `articles/${encodeURIComponent(id)}`);

export const fetchSettings = (signal?: AbortSignal) => request<WorkspaceSettings>('GET', 'settings', { signal });
export const changeSettings = (change: SettingsPatch) => request<WorkspaceSettings>('PATCH', 'settings', { body: change });
export const rotateIdentitySecret = () => request<{ secret: string }>('POST', 'settings/identity-secret', { body: {} });

export const fetchTokens = (signal?: AbortSignal) => request<{ items: ApiToken[] }>('GET', 'tokens', { signal });
export const createToken = (name: string) => request<{ token: ApiToken; secret: string }>('POST', 'tokens', { body: { name } });
export const deleteToken = (id: string) => request<void>('DELETE', `tokens/${encodeURIComponent(id)}`);

export const fetchAudit = (cursor: string | null, signal?: AbortSignal) => request<Paged<AuditItem>>('GET', 'audit', { query: { cursor, limit: 50 }, signal });
