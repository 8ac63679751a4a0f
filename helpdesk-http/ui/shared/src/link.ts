/** One connection of the live protocol: a socket, or streams where sockets are blocked. The transport owns the retrying. */
import type { ClientFrame, Cursor, ServerFrame } from './wire';

export interface LinkEvents {
  /** The server has greeted: frames flow. */
  live(): void;
  frame(frame: ServerFrame): void;
  /** Said once. `code` is a WebSocket close code. */
  closed(code: number): void;
}

export interface Link {
  subscribe(topic: string, after: Cursor | undefined): void;
  unsubscribe(topic: string): void;
  /** Only after `live`. */
  write(frame: ClientFrame): void;
  /** Asks for a sign of life soon: the machine may have slept. */
  probe(): void;
  /** Ends the connection without a further event. */
  end(): void;
}

/** Close code for a line that went away without a word. */
export const LOST = 1006;
