/** The whole page: looks, the operator, and the way between screens. */

import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { onSignedOut } from '../api/request';
import { line } from '../live/line';
import { styleNonce } from './base';
import { meQuery } from './me';
import { queryClient } from './query-client';
import { router } from './router';
import { CannotStart, SignedOut } from './SignedOut';
import { cssVariables, theme } from './theme';

const scheme = localStorageColorSchemeManager({ key: 'helpdesk.inbox.colour_scheme' });

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={scheme} cssVariablesResolver={cssVariables} deduplicateCssVariables={false} getStyleNonce={() => styleNonce() ?? ''}>
      <QueryClientProvider client={queryClient}>
        <Gate />
        <Notifications position="top-right" limit={4} />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Nothing is drawn before it is known who sits in front of the page. */
function Gate() {
  const [signedOut, setSignedOut] = useState(false);
  const { data, error, refetch } = useQuery(meQuery);
  useEffect(
    () =>
      onSignedOut(() => {
        line.stop();
        setSignedOut(true);
      }),
    [],
  );
  if (signedOut) return <SignedOut />;
  if (data) return <RouterProvider router={router} />;
  if (error) return <CannotStart error={error} retry={() => void refetch()} />;
  return null;
}
