/** The fake desk over HTTP, socket and event streams, and host pages for the widget to live in. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ClientFrame, DeltaFrame, ServerFrame, SignedEntry } from '@helpdesk/shared/wire';
import { WebSocketServer, type WebSocket } from 'ws';
import { FakeDesk, Problem, type Follower } from './desk';
import { hostPage } from './pages';

export interface FakeServer {
  desk: FakeDesk;
  origin: string;
  /** Cuts every live connection. */
  cut(code?: number): void;
  /** Refuses whatever comes: the server is not there. */
  down: boolean;
  /** Refuses upgrades, as some proxies do. */
  socketsBlocked: boolean;
  /** Milliseconds before each request is answered. */
  delay: number;
  /** How many sockets are open. */
  readonly sockets: number;
  readonly upgrades: number;
  /** Holds the answer of `POST chat` back between its pieces until told. */
  step: () => Promise<void>;
  requests: string[];
  close(): Promise<void>;
}

const built = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const piece of request) text += String(piece);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

export async function startFakeServer(desk = new FakeDesk()): Promise<FakeServer> {
  const live = new Set<{ end(code: number): void }>();
  let upgrades = 0;

  const heard = (follower: Follower, frame: ClientFrame): ServerFrame[] => {
    try {
      switch (frame.type) {
        case 'subscribe':
          desk.subscribe(follower, frame.topic, frame.after as number | undefined);
          return [];
        case 'unsubscribe':
          follower.topics.delete(frame.topic);
          return [];
        case 'send': {
          const { value } = desk.once(follower.contact, frame.client_id, frame.text, () => desk.message(follower.contact, frame.conversation, frame.text));
          return [{ type: 'ack', client_id: frame.client_id, conversation: frame.conversation, seq: value.seq }];
        }
        case 'typing':
          desk.typings.push(frame.conversation);
          return [];
        case 'read':
          desk.read(follower.contact, frame.conversation, frame.seq);
          return [];
        case 'ping':
          return [{ type: 'pong' }];
        default:
          return [];
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return [{ type: 'error', client_id: 'client_id' in frame ? frame.client_id : undefined, topic: 'topic' in frame ? frame.topic : undefined, code: error.code, detail: error.message }];
    }
  };

  const chat = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { transcript, text } = (await bodyOf(request)) as { transcript: SignedEntry[]; text: string };
    desk.verify(transcript);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const say = (event: string, data: SignedEntry | Pick<DeltaFrame, 'offset' | 'text'>): unknown => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    say('entry', desk.sign(transcript.length, 'contact', text));
    let answer = '';
    for (const piece of desk.answers.shift() ?? ['I am ', 'here.']) {
      await server.step();
      if (response.destroyed) return;
      say('delta', { offset: [...answer].length, text: piece });
      answer += piece;
    }
    await server.step();
    say('entry', desk.sign(transcript.length + 1, 'assistant', answer));
    response.end();
  };

  const route = async (request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): Promise<void> => {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path === 'widget/session') {
      answer(200, desk.session(await bodyOf(request)));
      return;
    }
    const contact = desk.contactOf(token);
    if (path === 'widget/chat') {
      await chat(request, response);
      return;
    }
    if (!desk.settings.helpdesk) throw new Problem(409, 'helpdesk_off');
    if (path === 'events') {
      const topic = query.get('topic')!;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const follower: Follower = { contact, topics: new Map(), send: (frame) => response.write(`data: ${JSON.stringify(frame)}\n\n`) };
      const line = { end: () => response.destroy() };
      live.add(line);
      desk.followers.add(follower);
      response.on('close', () => {
        live.delete(line);
        desk.followers.delete(follower);
      });
      desk.subscribe(follower, topic, query.has('after') ? Number(query.get('after')) : undefined);
      return;
    }
    const body = await bodyOf(request);
    if (path === 'frames') {
      const follower: Follower = { contact, topics: new Map(), send: () => {} };
      return answer(200, { frames: heard(follower, body as unknown as ClientFrame) });
    }
    const text = String(body['text'] ?? '');
    if (path === 'widget/conversations' && request.method === 'POST') {
      const { value, again } = desk.once(contact, body['client_id'], text, () => desk.begin(contact, text, !!body['new']));
      return answer(again ? 200 : 201, value);
    }
    if (path === 'widget/conversations') return answer(200, { items: desk.list(contact), next_cursor: null });
    const [, id, action] = /^widget\/conversations\/([^/]+)\/(\w+)$/.exec(path) ?? [];
    if (action === 'messages') {
      const { value, again } = desk.once(contact, body['client_id'], text, () => desk.message(contact, id!, text));
      return answer(again ? 200 : 201, { entry: value });
    }
    if (action === 'end') return answer(200, { conversation: desk.end(contact, id!) });
    if (action === 'human') return answer(200, { conversation: desk.human(contact, id!) });
    throw new Problem(404, 'not_found');
  };

  const http = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url!, 'http://fake');
      if (server.down) {
        request.socket.destroy();
        return;
      }
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'authorization, content-type');
      if (request.method === 'OPTIONS') {
        response.writeHead(204).end();
        return;
      }
      if (pathname === '/desk/widget/v1/widget.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(built('dist/widget.js')));
        return;
      }
      const pack = /^\/desk\/widget\/v1\/locale-(\w+)\.json$/.exec(pathname);
      if (pack) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(readFileSync(built(`locales/${pack[1]}.json`)));
        return;
      }
      if (!pathname.startsWith('/desk/api/v1/')) {
        const { headers, html } = hostPage(pathname, searchParams, server.origin);
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(html);
        return;
      }
      const path = pathname.slice('/desk/api/v1/'.length);
      server.requests.push(`${request.method} ${path}`);
      if (server.delay) await pause(server.delay);
      try {
        await route(request, response, path, searchParams);
      } catch (error) {
        const { status, code, message } = error instanceof Problem ? error : new Problem(500, 'internal', String(error));
        response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ status, code, detail: message }));
      }
    })();
  });

  const sockets = new WebSocketServer({ noServer: true });
  http.on('upgrade', (request, stream, head) => {
    upgrades += 1;
    if (server.down || server.socketsBlocked) return stream.destroy();
    sockets.handleUpgrade(request, stream, head, (socket: WebSocket) => {
      const follower: Follower = { contact: '', topics: new Map(), send: (frame) => socket.readyState === 1 && socket.send(JSON.stringify(frame)) };
      const line = { end: (code: number) => (code === 1006 ? socket.terminate() : socket.close(code)) };
      live.add(line);
      socket.on('close', () => {
        live.delete(line);
        desk.followers.delete(follower);
      });
      socket.on('message', (content) => {
        const frame = JSON.parse(String(content)) as ClientFrame;
        if (frame.type === 'hello') {
          const contact = desk.tokens.get(frame.token ?? '');
          if (!contact) return socket.close(4401);
          follower.contact = contact;
          desk.followers.add(follower);
          return follower.send({ type: 'welcome', protocol: 1, min_client: 1, actor: { type: 'contact', id: contact } });
        }
        heard(follower, frame).forEach((answered) => follower.send(answered));
        return undefined;
      });
    });
    return undefined;
  });

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: FakeServer = {
    desk,
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    down: false,
    socketsBlocked: false,
    delay: 0,
    step: () => Promise.resolve(),
    requests: [],
    get sockets() {
      return sockets.clients.size;
    },
    get upgrades() {
      return upgrades;
    },
    cut(code = 1006) {
      for (const line of [...live]) line.end(code);
    },
    close: () =>
      new Promise((resolve) => {
        server.down = true;
        server.cut();
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
  return server;
}
