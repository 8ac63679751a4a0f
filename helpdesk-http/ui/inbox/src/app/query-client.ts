import { RequestError } from '@helpdesk/shared/http';
import { QueryClient } from '@tanstack/react-query';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 30 * 60_000,
      // What is live is patched by frames; asking again on every focus would only make noise.
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 3 && error instanceof RequestError && error.retryable,
    },
    mutations: { retry: false },
  },
});
