/** What has been written and not sent, per conversation and mode; it outlives the page. */

import { keyValue } from '@helpdesk/shared/storage';
import type { Mode } from './pending';

interface Draft {
  text: string;
  /** Milliseconds since 1970, for throwing out the oldest. */
  at: number;
}

const KEPT = 200;
const storage = keyValue('local', 'helpdesk.inbox.draft.');
const modes = keyValue('session', 'helpdesk.inbox.mode.');
const name = (conversation: string, mode: Mode) => `${conversation}.${mode}`;

export const readDraft = (conversation: string, mode: Mode): string => storage.get<Draft>(name(conversation, mode))?.text ?? '';

export function writeDraft(conversation: string, mode: Mode, text: string): void {
  storage.set(name(conversation, mode), text ? { text, at: Date.now() } : undefined);
}

export const readMode = (conversation: string): Mode => (modes.get<Mode>(conversation) === 'note' ? 'note' : 'reply');
export const writeMode = (conversation: string, mode: Mode): void => modes.set(conversation, mode === 'note' ? mode : undefined);

/** Throws out the oldest drafts beyond what is kept; once per page. */
export function tidyDrafts(): void {
  const drafts = storage.keys().map((key) => ({ key, at: storage.get<Draft>(key)?.at ?? 0 }));
  for (const { key } of drafts.sort((left, right) => right.at - left.at).slice(KEPT)) storage.set(key, undefined);
}
