/** The live side of the fake: one socket, its subscriptions, replay and acknowledgements. */

import type { ClientFrame, ServerFrame } from '@helpdesk/shared/wire';
import type { WebSocket } from 'ws';
import type { FakeDesk, Listener } from './desk';

/** What may be missed by less than this is replayed; more is a resync. */
const REPLAYED = 10_000;

export function serveSocket(desk: FakeDesk, socket: WebSocket, operator: string): void {
  const mine = new Map<string, Listener>();
  const send = (frame: ServerFrame) => socket.readyState === socket.OPEN && void socket.send(JSON.stringify(frame));

  const subscribe = (topic: string, after: number | undefined): void => {
    const old = mine.get(topic);
    if (old) desk.listeners.delete(old);
    const listener: Listener = { topic, sent: 0, send, operator };
    if (topic === 'queue') {
      const cursor = desk.changes.length;
      if (after !== undefined && cursor - after > REPLAYED) return void send({ type: 'resync', topic });
      send({ type: 'queue', cursor, changes: after === undefined ? [] : desk.changes.slice(after), counts: desk.counts(operator) });
    } else {
      const id = topic.replace(/^conversation:/, '');
      const conversation = desk.conversations.get(id);
      if (!conversation) return void send({ type: 'error', topic, code: 'not_found', detail: 'No such conversation.' });
      const { version } = conversation.row;
      const from = after ?? version;
      send({ type: 'changed', conversation: id, prev: from, version, entries: conversation.entries.filter((entry) => entry.rev > from), summary: desk.row(id) });
      listener.sent = version;
      if (conversation.draft) send({ type: 'assistant_delta', conversation: id, turn: conversation.draft.turn, offset: 0, text: conversation.draft.text });
    }
    mine.set(topic, listener);
    desk.listeners.add(listener);
  };

  socket.on('message', (raw) => {
    const frame = JSON.parse(String(raw)) as ClientFrame;
    switch (frame.type) {
      case 'hello':
        send({ type: 'welcome', protocol: 1, min_client: 1, actor: { type: 'operator', id: operator } });
        break;
      case 'subscribe':
        subscribe(frame.topic, frame.after === undefined ? undefined : Number(frame.after));
        break;
      case 'unsubscribe': {
        const listener = mine.get(frame.topic);
        if (listener) desk.listeners.delete(listener);
        mine.delete(frame.topic);
        break;
      }
      case 'typing':
        typing(desk, operator, frame.conversation, frame.note ?? false, send);
        break;
      case 'ping':
        send({ type: 'pong' });
        break;
      case 'send': {
        const { entry } = desk.says(frame.conversation, desk.operator(operator), frame.text, frame.client_id);
        send({ type: 'ack', client_id: frame.client_id, conversation: frame.conversation, seq: entry.seq });
        break;
      }
      case 'read':
        break;
    }
  });
  socket.on('close', () => {
    for (const listener of mine.values()) desk.listeners.delete(listener);
  });
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
