/** The live side of the fake: one socket, its subscriptions, replay and acknowledgements. */

import type { ClientFrame, ServerFrame } from '@helpdesk/shared/wire';
import type { WebSocket } from 'ws';
import type { FakeDesk, Listener } from './desk';

/** What may be missed by less than this is replayed; more is a resync. */
const REPLAYED = 10_000;

/** The subscriptions of one connection. */
class Subscriptions {
  readonly #mine = new Map<string, Listener>();

  constructor(
    readonly desk: FakeDesk,
    readonly send: (frame: ServerFrame) => void,
    readonly operator: string,
  ) {}

  add(topic: string, after: number | undefined): void {
    const { desk, send, operator } = this;
    this.remove(topic);
    const listener: Listener = { topic, sent: 0, send, operator };
    if (topic === 'queue') {
      const cursor = desk.changes.length;
      if (after !== undefined && cursor - after > REPLAYED) return send({ type: 'resync', topic });
      send({ type: 'queue', cursor: String(cursor), changes: after === undefined ? [] : desk.changes.slice(after), counts: desk.counts(operator) });
    } else {
      const id = topic.replace(/^conversation:/, '');
      const conversation = desk.conversations.get(id);
      if (!conversation) return send({ type: 'error', topic, code: 'not_found', detail: 'No such conversation.' });
      const { version } = conversation.row;
      const from = after ?? version;
      send({ type: 'changed', conversation: id, prev: from, version, entries: conversation.entries.filter((entry) => entry.rev > from), summary: desk.row(id) });
      listener.sent = version;
      if (conversation.draft) send({ type: 'assistant_delta', conversation: id, turn: conversation.draft.turn, offset: 0, text: conversation.draft.text });
    }
    this.#mine.set(topic, listener);
    desk.listeners.add(listener);
  }

  remove(topic: string): void {
    const listener = this.#mine.get(topic);
    if (listener) this.desk.listeners.delete(listener);
    this.#mine.delete(topic);
  }

  end(): void {
    for (const topic of [...this.#mine.keys()]) this.remove(topic);
  }
}

const numberOf = (after: string | number | null | undefined) => (after === null || after === undefined ? undefined : Number(after));

/** One topic as server-sent events; answers with what ends it. */
export function serveStream(desk: FakeDesk, send: (frame: ServerFrame) => void, operator: string, query: URLSearchParams): () => void {
  const subscriptions = new Subscriptions(desk, send, operator);
  subscriptions.add(query.get('topic') ?? '', numberOf(query.get('after')));
  return () => subscriptions.end();
}

/** One frame of a client, wherever it came from. */
export function receive(desk: FakeDesk, operator: string, frame: ClientFrame, send: (frame: ServerFrame) => void): void {
  if (frame.type === 'typing') typing(desk, operator, frame.conversation, frame.note ?? false, send);
  else if (frame.type === 'send') {
    const { entry } = desk.says(frame.conversation, desk.operator(operator), frame.text, frame.client_id);
    send({ type: 'ack', client_id: frame.client_id, conversation: frame.conversation, seq: entry.seq });
  }
}

export function serveSocket(desk: FakeDesk, socket: WebSocket, operator: string): void {
  const send = (frame: ServerFrame) => socket.readyState === socket.OPEN && void socket.send(JSON.stringify(frame));
  const subscriptions = new Subscriptions(desk, send, operator);
  socket.on('message', (raw) => {
    const frame = JSON.parse(String(raw)) as ClientFrame;
    if (frame.type === 'hello') send({ type: 'welcome', protocol: 1, min_client: 1, actor: { type: 'operator', id: operator } });
    else if (frame.type === 'subscribe') subscriptions.add(frame.topic, numberOf(frame.after));
    else if (frame.type === 'unsubscribe') subscriptions.remove(frame.topic);
    else if (frame.type === 'ping') send({ type: 'pong' });
    else receive(desk, operator, frame, send);
  });
  socket.on('close', () => subscriptions.end());
}

/** Tells everybody but the one who types. */
export function typing(desk: FakeDesk, operator: string, conversation: string, note: boolean, self?: Listener['send']): void {
  const { name } = desk.operator(operator);
  for (const listener of desk.listeners) {
    if (listener.topic === `conversation:${conversation}` && listener.send !== self && listener.operator !== operator) {
      listener.send({ type: 'typing', conversation, author: { type: 'operator', id: operator, name }, note });
    }
  }
}
