/** A WebSocket under the test's thumb: it opens, speaks and breaks when told. */
import type { ClientFrame, ServerFrame } from '../src/wire';

export class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
  /** Called for every frame that a page sends. */
  static heard: (socket: FakeSocket, frame: ClientFrame) => void = () => {};
  static created: (socket: FakeSocket) => void = () => {};

  readyState = 0;
  sent: ClientFrame[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
    FakeSocket.created(this);
  }
  send(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    this.sent.push(frame);
    FakeSocket.heard(this, frame);
  }
  close(): void {
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(frame: ServerFrame): void {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(): void {
    this.open();
    this.say({ type: 'welcome', protocol: 1, min_client: 1, actor: { type: 'contact', id: 'c' } });
  }
  break(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  asked(type: ClientFrame['type']): ClientFrame[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}
