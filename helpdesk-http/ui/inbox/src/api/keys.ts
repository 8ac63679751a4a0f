/** Names of what the page keeps from the server. */

import type { QueueFilter } from './inbox';

export const keys = {
  me: ['me'] as const,
  counts: ['counts'] as const,
  queues: ['queue'] as const,
  queue: (filter: QueueFilter) => ['queue', filter] as const,
  conversations: ['conversation'] as const,
  conversation: (id: string) => ['conversation', id] as const,
  contactsConversations: ['contact-conversations'] as const,
  contactConversations: (contact: string) => ['contact-conversations', contact] as const,
  operators: ['operators'] as const,
  assistants: ['assistants'] as const,
  assistant: (id: string) => ['assistant', id] as const,
  articles: ['articles'] as const,
  article: (id: string) => ['article', id] as const,
  settings: ['settings'] as const,
  tokens: ['tokens'] as const,
  audit: ['audit'] as const,
};
