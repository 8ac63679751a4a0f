import { expect, test } from 'vitest';
import { readEvents, type StreamEvent } from '../src/event-stream';

const stream = (bytes: Uint8Array, size: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });

test.each([1, 2, 3, 7, 1000])('events are the same however the bytes are cut (%i at a time)', async (size) => {
  const text = ': hello\r\n\r\nevent: entry\ndata: {"a":"ä👋"}\n\ndata: one\r\ndata:two\r\n\r\nid: 4\nretry: 9\ndata\n\n\nevent: lost\n\ndata:  kept\r\rdata: cut';
  const seen: StreamEvent[] = [];
  await readEvents(stream(new TextEncoder().encode(text), size), (event) => seen.push(event));
  expect(seen).toEqual([
    { event: 'entry', data: '{"a":"ä👋"}' },
    { event: 'message', data: 'one\ntwo' },
    { event: 'message', data: '' },
    { event: 'message', data: ' kept' },
  ]);
});
