/** Serves the built page under a nested path with the server's own security policy, and the fake API beside it, on the loopback. */

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer } from 'ws';
import type { FakeDesk } from './desk';
import { serveSocket, serveStream } from './live';
import { answer, problem, type ApiAnswer } from './routes';

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

/** Where the page lives, relative to the address that was asked for, as the server says it. */
function baseOf(path: string): string {
  if (path === '') return 'inbox/';
  return '../'.repeat(path.slice(1).split('/').length - 1) || './';
}

export interface FakeServer {
  /** Where the page is: `http://127.0.0.1:PORT/desk/help/inbox`. */
  readonly inbox: string;
  readonly origin: string;
  /** Requests that the API has answered. */
  readonly requests: { method: string; path: string }[];
  /** Makes the API answer something else for a while. */
  intercept: ((method: string, path: string) => ApiAnswer | 'hang' | undefined) | undefined;
  /** Cuts every live line and lets nobody in again: by socket, or by any way. */
  cut(what: 'sockets' | 'everything'): void;
  allow(): void;
  close(): Promise<void>;
}

export async function startFakeServer(desk: FakeDesk, dist: string, nest = '/desk/help'): Promise<FakeServer> {
  const requests: { method: string; path: string }[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const connections = new Set<Socket>();
  let refusing: 'nothing' | 'sockets' | 'everything' = 'nothing';
  const streams = new Set<ServerResponse>();
  const state: { intercept: FakeServer['intercept'] } = { intercept: undefined };

  const operatorOf = (request: IncomingMessage): string | undefined => {
    const id = /(?:^|;\s*)operator=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
    return desk.operators.some((operator) => operator.id === id) ? id : undefined;
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    if (url.pathname.startsWith(`${nest}/api/v1/`)) return api(request, response, url);
    if (url.pathname === `${nest}/inbox` || url.pathname.startsWith(`${nest}/inbox/`)) return file(response, url.pathname.slice(`${nest}/inbox`.length));
    response.statusCode = 404;
    response.end();
  }

  async function api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice(`${nest}/api/v1/`.length);
    const method = request.method ?? 'GET';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({ method, path });
    const operator = operatorOf(request);
    if (path === 'events' && operator !== undefined && refusing !== 'everything') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.add(response);
      const close = serveStream(desk, (frame) => void response.write(`data: ${JSON.stringify(frame)}\n\n`), operator, url.searchParams);
      response.on('close', () => {
        streams.delete(response);
        close();
      });
      return;
    }
    if ((path === 'events' || path === 'frames') && refusing === 'everything') {
      response.statusCode = 503;
      return void response.end();
    }
    const replaced = state.intercept?.(method, path);
    if (replaced === 'hang') return;
    const result = replaced ?? (operator === undefined ? problem(401, 'unauthorized', 'Sign in first.', { login_url: '/login' }) : answer(desk, { method, path, query: url.searchParams, body: chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>) : {}, operator }));
    response.statusCode = result.status;
    response.setHeader('content-type', result.status >= 400 ? 'application/problem+json' : 'application/json');
    response.end(result.body === undefined ? undefined : JSON.stringify(result.body));
  }

  async function file(response: ServerResponse, path: string): Promise<void> {
    const wanted = normalize(path).replace(/^\/+/, '');
    const isAsset = extname(wanted) !== '';
    try {
      const bytes = await readFile(join(dist, isAsset ? wanted : 'index.html'));
      response.setHeader('content-type', TYPES[isAsset ? extname(wanted) : '.html'] ?? 'application/octet-stream');
      if (isAsset) return void response.end(bytes);
      const nonce = randomBytes(16).toString('base64');
      response.setHeader(
        'content-security-policy',
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; connect-src 'self'; img-src 'self' blob: data:; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`,
      );
      response.end(bytes.toString().replace('<base href="/" />', `<base href="${baseOf(path)}" />`).replace('name="csp-nonce" content=""', `name="csp-nonce" content="${nonce}"`));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }

  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    const operator = operatorOf(request);
    if (refusing !== 'nothing' || operator === undefined || request.url !== `${nest}/api/v1/ws`) return void socket.destroy();
    sockets.handleUpgrade(request, socket, head, (opened) => serveSocket(desk, opened, operator));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    inbox: `${origin}${nest}/inbox`,
    requests,
    get intercept() {
      return state.intercept;
    },
    set intercept(next) {
      state.intercept = next;
    },
    cut(what) {
      refusing = what;
      for (const socket of sockets.clients) socket.terminate();
      if (what === 'everything') for (const stream of streams) stream.destroy();
    },
    allow() {
      refusing = 'nothing';
    },
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.destroy();
        server.close(() => resolve());
      }),
  };
}
