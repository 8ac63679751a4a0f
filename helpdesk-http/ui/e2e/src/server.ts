/** The standalone server as a process of its own: begun over an empty folder, killed, begun again on the same port. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Answer {
  status: number;
  // What the server says is looked into by the stories, which know what they asked for.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

export interface Api {
  url: string;
  /** A request with a bearer token, the owner's unless told; waits and asks again where it came too soon. */
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  /** One that must succeed; its answer. */
  done(method: string, path: string, body?: unknown, token?: string): Promise<Answer['body']>;
}

const OWNER = 'an-owner-token-of-more-than-32-characters';

/** The API of a server that runs already. A `path` that begins with a slash counts from the server's root. */
export function api(url: string, owner = OWNER): Api {
  const call: Api['call'] = async (method, path, body, token = owner) => {
    for (;;) {
      const answer = await fetch(path.startsWith('/') ? url + path : `${url}/helpdesk/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status === 429) {
        await answer.body?.cancel();
        const seconds = Number(answer.headers.get('retry-after') ?? 1);
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
        continue;
      }
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    }
  };
  return {
    url,
    call,
    async done(method, path, body, token) {
      const answer = await call(method, path, body, token);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
  };
}

export interface Server extends Api {
  /** The link that logs the owner in, once. */
  login: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Begins it again over the same folder and port. */
  start(): Promise<void>;
  /** Kills it and removes its folder. */
  end(): Promise<void>;
}

/** Starts the binary that HELPDESK_STANDALONE names, over a folder of its own, with the flags in HELPDESK_STANDALONE_FLAGS (a JSON array). */
export async function startServer(): Promise<Server> {
  const binary = process.env['HELPDESK_STANDALONE'];
  if (!binary) throw new Error('HELPDESK_STANDALONE must name the standalone server; `cargo test --test browser` sets it.');
  const flags = JSON.parse(process.env['HELPDESK_STANDALONE_FLAGS'] ?? '[]') as string[];
  const folder = mkdtempSync(join(tmpdir(), 'helpdesk-story-'));
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HELPDESK|OPENAI)_/.test(name)));
  let child: ChildProcess;

  /** Resolves with the address and the log-in link, which are among the first lines that it prints. */
  const run = (listen: string): Promise<{ url: string; login: string }> =>
    new Promise((resolve, reject) => {
      child = spawn(binary, ['--listen', listen, '--owner-token', OWNER, ...flags], {
        cwd: folder,
        env: { ...environment, RUST_LOG: 'warn' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`the server ended with ${code ?? signal}`)));
      let url: string | undefined;
      createInterface({ input: child.stdout! }).on('line', (line) => {
        url ??= /http:\/\/\S+/.exec(line)?.[0]?.replace(/\/$/, '');
        const login = /http:\S+\/login\?token=\S+/.exec(line)?.[0];
        if (url && login) resolve({ url, login });
      });
    });

  const begun = await run('127.0.0.1:0');
  const server: Server = {
    ...api(begun.url),
    login: begun.login,
    kill: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
    async start() {
      server.login = (await run(new URL(server.url).host)).login;
    },
    async end() {
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return server;
}
