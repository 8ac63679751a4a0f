import type { Operator } from '@helpdesk/shared/wire';
import { useQuery } from '@tanstack/react-query';
import { fetchOperators } from '../api/inbox';
import { keys } from '../api/keys';

const NONE: Operator[] = [];

/** The team; presence and availability are kept fresh by the line. */
export function useOperators(): Operator[] {
  const { data } = useQuery({ queryKey: keys.operators, queryFn: ({ signal }) => fetchOperators(signal), staleTime: 5 * 60_000 });
  return data?.items ?? NONE;
}
