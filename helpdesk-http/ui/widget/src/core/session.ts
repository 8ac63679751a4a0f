/** Who the visitor is to the server: one token, kept over page loads, renewed when it is refused. */
import { RequestError, offline, requester, type Requester } from '@helpdesk/shared/http';
import type { KeyValue } from '@helpdesk/shared/storage';
import type { Session } from '@helpdesk/shared/wire';
import type { Config } from '../config';
import { wantedLanguages } from '../language';

export interface SessionKeeper {
  /** The bearer token, if there is one yet. */
  readonly token: string | undefined;
  readonly request: Requester;
  /** The session, made or gone on with now if it has not been on this page. */
  ensure(): Promise<Session>;
  /** Makes the session anew: the token was refused, or the visitor has said who they are. */
  renew(): Promise<Session>;
  /** The next `ensure` makes it anew, for the same visitor. */
  expire(): void;
  /** The next `ensure` makes one for a new visitor. */
  forget(): void;
}

/** `changedHands` is called before a session of another contact than the last one begins, `opened` with each session. */
export function sessionKeeper(config: Config, storage: KeyValue, changedHands: () => void, opened: (session: Session) => void): SessionKeeper {
  let token = storage.get<string>('token');
  let running: Promise<Session> | undefined;
  /** Rises with `expire`: an answer for somebody who has left is not kept. */
  let era = 0;

  const request = requester({ base: config.base, headers: (): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {}) });
  const make = async (): Promise<Session> => {
    const mine = era;
    const ask = (earlier: string | undefined): Promise<Session> =>
      request<Session>('POST', 'widget/session', {
        key: config.key || undefined,
        token: earlier,
        identity: config.identity || undefined,
        page: { url: location.href.slice(0, 2000), title: document.title.replace(/\p{C}/gu, "") },
        language: wantedLanguages(config.locale)[0],
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      });
    let session: Session;
    // Another tab may have begun in the meantime: both are the same visitor.
    token ??= storage.get('token');
    try {
      session = await ask(token);
    } catch (error) {
      // The earlier visit has been forgotten or its token has run out: this is a new visitor.
      if (!token || !(error instanceof RequestError) || error.status !== 401 || error.code === 'invalid_identity') throw error;
      token = undefined;
      session = await ask(undefined);
    }
    if (mine !== era) throw offline();
    const earlier = storage.get<string>('contact');
    if (earlier && earlier !== session.contact.id) changedHands();
    token = session.token;
    storage.set('token', token);
    storage.set('contact', session.contact.id);
    storage.set('settings', session.settings);
    opened(session);
    return session;
  };
  const expire = (): void => {
    era += 1;
    running = undefined;
  };
  const renew = (): Promise<Session> => {
    const mine = make();
    running = mine;
    mine.catch(() => {
      if (running === mine) running = undefined;
    });
    return mine;
  };
  return {
    get token() {
      return token;
    },
    request,
    ensure: () => running ?? renew(),
    renew,
    expire,
    forget() {
      expire();
      token = undefined;
    },
  };
}
