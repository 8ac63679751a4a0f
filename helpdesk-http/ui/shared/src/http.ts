/** Requests and their problems (RFC 9457), with what a client needs to decide whether to try again. */
import type { Problem } from './wire';

/** A request that did not succeed. `status` 0 means that no answer came. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly problem?: Problem,
    /** Milliseconds that the server asked us to wait. */
    readonly retryAfter?: number,
  ) {
    super(detail);
  }

  /** Whether the same request may succeed later without any change. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** An error for a request that could not be answered because the line is down. */
export const offline = (): RequestError => new RequestError(0, 'offline', 'No connection');

/** Error codes of frames that are worth another attempt. */
const TEMPORARY = /^(busy|rate_limited|unavailable|internal|timeout)$/;

/** The problem that an `error` frame tells of, as if it were an HTTP answer. */
export const frameError = (code: string, detail: string): RequestError =>
  new RequestError(TEMPORARY.test(code) ? 503 : 422, code, detail);

/** Turns an answer that is not 2xx into the error to throw. */
async function problemOf(response: Response): Promise<RequestError> {
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return new RequestError(
    response.status,
    problem?.code ?? `http_${response.status}`,
    problem?.detail ?? response.statusText,
    problem,
    seconds >= 0 ? seconds * 1000 : undefined,
  );
}

/** `fetch` that answers only with what succeeded; everything else is a `RequestError`. */
export async function fetched(address: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, options);
  } catch {
    throw offline();
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** What a request that carries JSON is made of. */
export const posted = (body: unknown, headers: Record<string, string> | undefined, signal: AbortSignal | undefined, method = 'POST'): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
  signal: signal ?? AbortSignal.timeout(20_000),
});

export interface RequesterOptions {
  /** Where `/api/v1` begins, without a slash at the end. */
  base: string;
  /** Header fields of every request: the bearer token, the anti-forgery token. */
  headers?: () => Record<string, string>;
}

export type Requester = <T>(method: string, path: string, body?: unknown, signal?: AbortSignal) => Promise<T>;

/** A function that sends JSON to `{base}/api/v1/{path}` and answers with the parsed body. */
export function requester({ base, headers }: RequesterOptions): Requester {
  return async <T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> => {
    const response = await fetched(`${base}/api/v1/${path}`, posted(body, headers?.(), signal, method));
    return (response.status === 204 ? undefined : await response.json()) as T;
  };
}
