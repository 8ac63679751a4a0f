import type { Assistant } from '@helpdesk/shared/wire';
import { useQuery } from '@tanstack/react-query';
import { fetchAssistants } from '../api/inbox';
import { keys } from '../api/keys';

const NONE: Assistant[] = [];

export function useAssistants(): Assistant[] {
  const { data } = useQuery({ queryKey: keys.assistants, queryFn: ({ signal }) => fetchAssistants(signal), staleTime: 5 * 60_000 });
  return data?.items ?? NONE;
}
