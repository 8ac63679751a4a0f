import { useQuery } from '@tanstack/react-query';
import { fetchAssistants, type AssistantRecord } from '../api/inbox';
import { keys } from '../api/keys';

const NONE: AssistantRecord[] = [];

export function useAssistants(): AssistantRecord[] {
  const { data } = useQuery({ queryKey: keys.assistants, queryFn: ({ signal }) => fetchAssistants(signal), staleTime: 5 * 60_000 });
  return data?.items ?? NONE;
}
