/** What the view has beside the desk: where the visitor is looking, and what must be done to the document after it is drawn. */
import type { Desk } from '../core/desk';
import type { Language } from '../language';

export interface Stage {
  desk: Desk;
  language: Language;
  /** What a screen reader shall say, and the number of it: the same words may come twice. */
  announcement: [number, string];
  /** There is news below what the visitor is reading. */
  behind: boolean;
  /** Scrolls to the newest message. */
  toEnd(): void;
  scrolled(thread: Element): void;
}

/** Pixels from the end that still count as the end. */
const AT_END = 40;
const TALLEST_FIELD = 140;

/** `redraw` draws again; `settle` is to be called after each drawing. */
export function createStage(root: HTMLElement, desk: Desk, redraw: () => void): Stage & { settle(focused: Element | null): void } {
  const thread = (): Element | null => root.querySelector('.thread');
  const field = (): HTMLTextAreaElement | null => root.querySelector('textarea');
  let atEnd = true;
  let box: Element | null = null;
  let height = 0;
  let open = desk.open;
  const resized = new ResizeObserver(() => atEnd && stage.toEnd());

  const stage: Stage & { settle(focused: Element | null): void } = {
    desk,
    language: undefined as unknown as Language,
    announcement: [0, ''],
    behind: false,
    toEnd() {
      atEnd = true;
      const now = thread();
      now?.scrollTo(0, now.scrollHeight);
      if (stage.behind) {
        stage.behind = false;
        redraw();
      }
    },
    scrolled({ scrollTop, scrollHeight, clientHeight }) {
      atEnd = scrollHeight - clientHeight - scrollTop < AT_END;
      if (atEnd) stage.toEnd();
    },
    settle(focused) {
      const text = field();
      if (text) {
        text.style.height = 'auto';
        text.style.height = `${Math.min(text.scrollHeight, TALLEST_FIELD)}px`;
      }
      const now = thread();
      if (now !== box) {
        resized.disconnect();
        if (now) resized.observe(now);
        box = now;
        atEnd = true;
        height = 0;
      }
      if (now && now.scrollHeight !== height) {
        const grown = now.scrollHeight > height;
        height = now.scrollHeight;
        if (atEnd) stage.toEnd();
        else if (grown && !stage.behind) {
          stage.behind = true;
          redraw();
        }
      }
      // What had the focus is gone; it stays near.
      const lost = focused && !focused.isConnected;
      // A panel that a reload restores does not take the focus from the page.
      if (lost || open !== desk.open) {
        open = desk.open;
        const panel = root.querySelector<HTMLElement>('.panel');
        // On a touch screen the focus would raise the keyboard over the greeting.
        const target = open ? (matchMedia('(pointer: coarse)').matches ? panel : (text ?? panel)) : root.querySelector<HTMLElement>('.launcher');
        target?.focus();
      }
    },
  };
  return stage;
}
