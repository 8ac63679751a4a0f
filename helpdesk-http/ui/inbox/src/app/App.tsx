/** The whole page: looks, the operator, and the way between screens. */

import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
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
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Where they cover nothing that is needed now: over the foot of the rail, on phones above the title. */
function Toasts() {
  const narrow = useMediaQuery('(width < 720px)');
  return <Notifications position={narrow ? 'top-center' : 'bottom-left'} limit={4} />;
}

/** Nothing is drawn before it is known who sits in front of the page. */
function Gate() {
  const [signedOut, setSignedOut] = useState<{ loginUrl: string | undefined }>();
  const { data, error, refetch } = useQuery(meQuery);
  useEffect(
    () =>
      onSignedOut((loginUrl) => {
        line.stop();
        setSignedOut({ loginUrl });
      }),
    [],
  );
  if (signedOut) return <SignedOut loginUrl={signedOut.loginUrl} />;
  if (data) return <RouterProvider router={router} />;
  if (error) return <CannotStart error={error} retry={() => void refetch()} />;
  return null;
}
