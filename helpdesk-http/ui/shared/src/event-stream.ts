/** Server-sent events read from a `fetch` body: `EventSource` can neither post nor send a bearer token. */

export interface StreamEvent {
  event: string;
  data: string;
}

/**
 * Calls `receive` for each event until the stream ends. `touched` is called for every piece that arrives, comments
 * too: they are the server's sign of life.
 */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  receive: (event: StreamEvent) => void,
  touched?: () => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let event = '';
  let data: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    touched?.();
    // A carriage return at the very end may be half of a CR LF: it waits for the next piece.
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line) {
        if (data.length) receive({ event: event || 'message', data: data.join('\n') });
        event = '';
        data = [];
        continue;
      }
      const [, field, content] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
      if (field === 'data') data.push(content ?? '');
      else if (field === 'event') event = content ?? '';
    }
  }
}
