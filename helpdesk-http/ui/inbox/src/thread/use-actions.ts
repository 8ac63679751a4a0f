/**
 * What an operator does to a conversation. Each action shows its outcome at once, takes the server's word when it comes, and
 * puts back what was there where the server refuses.
 */

import type { Assignee, TeamConversation } from '@helpdesk/shared/wire';
import { useMemo } from 'react';
import { assign, claim, fetchConversation, setFlag, setStatus } from '../api/inbox';
import { claimedBy, hasCode } from '../api/fault';
import { useMe } from '../app/me';
import { sayFault, sayWrong } from '../app/toast';
import { t } from '../i18n/translate';
import { countAgain, knownConversation, learnConversation, patchConversations } from '../live/desk';

export interface ConversationActions {
  claim(): void;
  assign(assignee: Assignee): void;
  resolve(): void;
  reopen(): void;
  flag(flagged: boolean): void;
}

async function act(id: string, expected: (before: TeamConversation) => TeamConversation, call: () => Promise<{ conversation: TeamConversation }>): Promise<void> {
  const before = knownConversation(id);
  patchConversations((conversation) => conversation.id === id, expected);
  try {
    const { conversation } = await call();
    learnConversation(conversation);
    countAgain();
  } catch (error) {
    if (before) patchConversations((conversation) => conversation.id === id && conversation.version === before.version, () => before);
    // The refusal may mean that the page is behind; the server's present word settles it.
    void fetchConversation(id).then(learnConversation, () => {});
    const winner = claimedBy(error);
    if (hasCode(error, 'already_claimed')) sayWrong(winner ? t('action.claim_lost', { name: winner }) : t('action.claim_lost_unknown'));
    else sayFault(error);
  }
}

export function useActions(id: string): ConversationActions {
  const { operator } = useMe();
  const mine = useMemo(() => ({ type: 'operator' as const, id: operator.id, name: operator.name }), [operator.id, operator.name]);
  return useMemo(
    () => ({
      // Not shown before the server agrees: somebody else may win.
      claim: () => void act(id, (before) => before, () => claim(id)),
      assign: (assignee) =>
        void act(
          id,
          (before) => ({ ...before, assignee, takeover_requested_at: null, answering: false }),
          () => assign(id, { type: assignee.type, ...(assignee.id ? { id: assignee.id } : {}) }),
        ),
      resolve: () =>
        void act(id, (before) => ({ ...before, status: 'resolved', takeover_requested_at: null, closed_by: { ...mine } }), () => setStatus(id, 'resolved')),
      reopen: () => void act(id, (before) => ({ ...before, status: 'open' }), () => setStatus(id, 'open')),
      flag: (flagged) => void act(id, (before) => ({ ...before, flagged }), () => setFlag(id, flagged)),
    }),
    [id, mine],
  );
}
