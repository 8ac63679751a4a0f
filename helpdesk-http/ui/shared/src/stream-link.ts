/** The live protocol where sockets are blocked: one event stream a topic, frames out by POST. */
import { readEvents } from './event-stream';
import { fetched, posted, type RequestError } from './http';
import { LOST, type Link, type LinkEvents } from './link';
import { CLOSE, type ClientFrame, type Cursor, type ServerFrame } from './wire';

/** A stream that is silent for longer is dead: the server comments on its silence more often. */
const SILENCE_MS = 60_000;

export function streamLink(base: string, headers: Record<string, string>, resubscribe: (link: Link) => void, events: LinkEvents): Link {
  const streams = new Map<string, AbortController>();
  let ended = false;
  let greeted = false;

  /** The first answer of the server stands for the welcome. */
  const greet = (): void => {
    if (!greeted && !ended) {
      greeted = true;
      events.live();
    }
  };
  const end = (): void => {
    ended = true;
    streams.forEach((stream) => stream.abort());
    streams.clear();
  };
  const finish = (code: number): void => {
    if (ended) return;
    end();
    events.closed(code);
  };
  const unsubscribe = (topic: string): void => {
    streams.get(topic)?.abort();
    streams.delete(topic);
  };
  const follow = async (topic: string, after: Cursor | undefined): Promise<void> => {
    unsubscribe(topic);
    const stream = new AbortController();
    streams.set(topic, stream);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touched = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => stream.signal.aborted || finish(LOST), SILENCE_MS);
    };
    touched();
    let code: number = LOST;
    try {
      const { body } = await fetched(`${base}/api/v1/events?topic=${topic}${after === undefined ? '' : `&after=${encodeURIComponent(after)}`}`, { headers, signal: stream.signal, cache: 'no-store' });
      greet();
      await readEvents(body!, ({ data }) => stream.signal.aborted || events.frame(JSON.parse(data) as ServerFrame), touched);
    } catch (error) {
      const problem = error as Partial<RequestError>;
      if (problem.status === 401) code = CLOSE.token;
      else if (problem.retryable === false) {
        // One topic that may not be read is no reason to drop the others.
        greet();
        events.frame({ type: 'error', topic, code: problem.code!, detail: problem.message! });
        return;
      }
      // Else the line went away; so says the code.
    } finally {
      clearTimeout(timer);
    }
    if (!stream.signal.aborted) finish(code);
  };
  const post = async (frame: ClientFrame): Promise<void> => {
    try {
      const response = await fetched(`${base}/api/v1/frames`, posted(frame, headers, undefined));
      const { frames } = (await response.json()) as { frames: ServerFrame[] };
      if (!ended) frames.forEach(events.frame);
    } catch (error) {
      const { status, code, retryable, message } = error as RequestError;
      if (ended) return;
      if (status === 401) finish(CLOSE.token);
      else if (!status) finish(LOST);
      else if ('client_id' in frame) events.frame({ type: 'error', client_id: frame.client_id, code: retryable ? 'busy' : code, detail: message });
    }
  };
  const link: Link = {
    subscribe: (topic, after) => void follow(topic, after),
    unsubscribe,
    write: (frame) => void post(frame),
    probe() {},
    end,
  };
  queueMicrotask(() => {
    if (ended) return;
    resubscribe(link);
    // With nothing to listen to, the first frame posted will tell whether the line is up.
    if (!streams.size) greet();
  });
  return link;
}
