/** One way to the API: the shared requester with the host's cookie, queries, and one place that notices a lost session. */

import { RequestError, requester } from '@helpdesk/shared/http';
import { apiBase } from '../app/base';

const send = requester({ base: apiBase });

let signedOut: (loginUrl: string | undefined) => void = () => {};

/** Whoever shows the "signed out" screen registers here. */
export function onSignedOut(listener: (loginUrl: string | undefined) => void): void {
  signedOut = listener;
}

type Query = Record<string, string | number | boolean | null | undefined>;

function withQuery(path: string, query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

/** An address that a page may lead to: of the web, absolute or below the host. */
function webAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value, location.href)) return undefined;
  const url = new URL(value, location.origin);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}

export async function request<Answer>(method: string, path: string, options: { query?: Query; body?: unknown; signal?: AbortSignal | undefined } = {}): Promise<Answer> {
  try {
    return await send<Answer>(method, withQuery(path, options.query), options.body, options.signal);
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) signedOut(webAddress(error.problem?.['login_url']));
    throw error;
  }
}
