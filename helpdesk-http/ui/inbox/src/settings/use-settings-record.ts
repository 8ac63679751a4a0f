import { useQuery } from '@tanstack/react-query';
import { fetchSettings } from '../api/inbox';
import { keys } from '../api/keys';

/** The workspace's settings; the line says when they change. */
export function useSettingsRecord() {
  return useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => fetchSettings(signal), staleTime: 5 * 60_000 });
}
