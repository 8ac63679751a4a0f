/** Who is signed in. */

import type { Availability, Me, Operator, Paged } from '@helpdesk/shared/wire';
import { useMutation, useQuery } from '@tanstack/react-query';
import { changeMe, fetchMe } from '../api/inbox';
import { keys } from '../api/keys';
import { queryClient } from './query-client';
import { sayFault } from './toast';

export const meQuery = { queryKey: keys.me, queryFn: ({ signal }: { signal: AbortSignal }) => fetchMe(signal), staleTime: Infinity };

/** The operator in front of the page; only below the gate that waits for it. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error('drawn before the operator is known');
  return data;
}

export const mayManage = (me: Me): boolean => me.operator.role === 'owner' || me.operator.role === 'manager';

/** The operator's record after a change, wherever the page shows it. */
export function learnMe(me: Me): void {
  queryClient.setQueryData<Me>(keys.me, me);
  queryClient.setQueryData<Paged<Operator>>(keys.operators, (held) => held && { ...held, items: held.items.map((operator) => (operator.id === me.operator.id ? me.operator : operator)) });
}

/** Sets the availability, shown at once. */
export function useAvailability(): (availability: Availability) => void {
  const { mutate } = useMutation({
    mutationFn: (availability: Availability) => changeMe({ availability }),
    onMutate: (availability) => {
      const before = queryClient.getQueryData<Me>(keys.me);
      if (before) queryClient.setQueryData<Me>(keys.me, { ...before, operator: { ...before.operator, availability } });
      return before;
    },
    onSuccess: learnMe,
    onError: (error, _availability, before) => {
      queryClient.setQueryData(keys.me, before);
      sayFault(error);
    },
  });
  return mutate;
}
