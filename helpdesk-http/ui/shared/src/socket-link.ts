/** The live protocol over a WebSocket. */
import { LOST, type Link, type LinkEvents } from './link';
import { PROTOCOL, type ClientFrame, type ServerFrame } from './wire';

const WELCOME_MS = 10_000;
const PING_MS = 25_000;
const PROBE_MS = 5_000;

/** Opens a socket and says hello; `topics` names what to subscribe to as soon as it is open. */
export function socketLink(url: string, token: string | undefined, resubscribe: (link: Link) => void, events: LinkEvents): Link {
  const socket = new WebSocket(url);
  let ended = false;
  let pings = 0;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let pinger: ReturnType<typeof setInterval> | undefined;

  const end = (): void => {
    ended = true;
    clearTimeout(deadline);
    clearInterval(pinger);
    // Closing may take minutes on a dead line; nobody waits for it. A closing socket neither opens nor brings messages.
    socket.close();
  };
  const finish = (code: number): void => {
    if (ended) return;
    end();
    events.closed(code);
  };
  const within = (milliseconds: number): void => {
    clearTimeout(deadline);
    deadline = setTimeout(finish, milliseconds, LOST);
  };
  const write = (frame: ClientFrame): void => {
    if (socket.readyState === 1) socket.send(JSON.stringify(frame));
  };
  const link: Link = {
    subscribe: (topic, after) => write({ type: 'subscribe', topic, after }),
    unsubscribe: (topic) => write({ type: 'unsubscribe', topic }),
    write,
    probe() {
      within(PROBE_MS);
      write({ type: 'ping' });
    },
    end,
  };

  within(WELCOME_MS);
  socket.onopen = () => {
    write({ type: 'hello', protocol: PROTOCOL, token });
    // Frames are answered in order, so there is no need to wait for the welcome.
    resubscribe(link);
  };
  socket.onmessage = (message) => {
    let frame: ServerFrame;
    try {
      frame = JSON.parse(message.data as string) as ServerFrame;
    } catch {
      return;
    }
    pings = 0;
    if (frame.type === 'welcome') {
      pinger = setInterval(() => {
        if (pings === 2) finish(LOST);
        else {
          pings += 1;
          write({ type: 'ping' });
        }
      }, PING_MS);
      clearTimeout(deadline);
      events.live();
    } else if (pinger) clearTimeout(deadline);
    events.frame(frame);
  };
  socket.onclose = (event) => finish(event.code);
  return link;
}
