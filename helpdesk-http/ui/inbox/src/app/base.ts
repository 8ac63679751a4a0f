/** Where this page lives. The host may nest the helpdesk under any path; the server says so in `<base href>`. */

/** The page's own path without the slash at its end, `/helpdesk/inbox` for example; the router's base path. */
export const pagePath: string = new URL(document.baseURI).pathname.replace(/\/+$/, '');

/** Where `/api/v1` begins, without a slash at the end. */
export const apiBase: string = new URL('..', document.baseURI.replace(/\/*$/, '/')).href.replace(/\/+$/, '');

/** The nonce under which this response's content security policy lets style elements in. */
export function styleNonce(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content || undefined;
}
