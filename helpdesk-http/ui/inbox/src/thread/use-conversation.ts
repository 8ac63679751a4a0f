import type { TeamConversation } from '@helpdesk/shared/wire';
import { useQuery } from '@tanstack/react-query';
import { fetchConversation } from '../api/inbox';
import { keys } from '../api/keys';
import { knownConversation } from '../live/desk';

/** A conversation as the page knows it: from the list at once, kept fresh by the thread's session. */
export function useConversation(id: string): TeamConversation | undefined {
  const { data } = useQuery({
    queryKey: keys.conversation(id),
    queryFn: ({ signal }) => fetchConversation(id, signal),
    initialData: () => knownConversation(id),
    // The session loads it; this only watches.
    enabled: false,
  });
  return data;
}
