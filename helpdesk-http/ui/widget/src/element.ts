/** `<helpdesk-widget>`: the element that holds one widget, its shadow tree and its theme. */
import { ATTRIBUTES, configure, type Config } from './config';
import { createDesk, type Desk } from './core/desk';
import { draw } from './draw';
import { language } from './language';
import { app } from './view/app';
import { createStage } from './view/stage';
import css from './widget.css?inline';

/** Widgets in the page by key: a second tag of the same key stays empty. */
const alive = new Map<string, HelpdeskElement>();
let sheet: CSSStyleSheet | undefined;

export class HelpdeskElement extends HTMLElement {
  static observedAttributes = ATTRIBUTES;
  /** What was set by command; it comes before the attributes. */
  options: Partial<Config> = {};
  desk: Desk | undefined;
  #root: HTMLElement | undefined;
  #stage: ReturnType<typeof createStage> | undefined;
  #drawing = false;

  connectedCallback(): void {
    if (!this.desk) this.#begin();
  }

  disconnectedCallback(): void {
    // Navigation that swaps the body takes the element out and puts it back in the same breath.
    queueMicrotask(() => {
      if (!this.isConnected) this.end(false);
    });
  }

  attributeChangedCallback(): void {
    this.configure({});
  }

  /** Applies options while running. Another key or address begins anew. */
  configure(options: Partial<Config>): void {
    Object.assign(this.options, options);
    if (!this.desk) return;
    const next = this.#config();
    const { config } = this.desk;
    if (next.key !== config.key || next.base !== config.base) {
      this.end(false);
      this.#begin();
      return;
    }
    Object.assign(config, { ...next, identity: config.identity });
    if (next.identity && next.identity !== config.identity) void this.desk.identify(next.identity);
    this.#draw();
  }

  /** Stops the widget; `forget` wipes what it knows of the visitor. */
  end(forget: boolean): void {
    if (!this.desk) return;
    alive.delete(this.desk.config.key);
    this.desk.stop(forget);
    this.desk = undefined;
    draw(this.#root!, null);
  }

  #config(): Config {
    const attributes = Object.fromEntries(ATTRIBUTES.map((name) => [name, this.getAttribute(name)]));
    return configure({ ...attributes, ...this.options });
  }

  #begin(): void {
    const config = this.#config();
    if (alive.has(config.key)) return;
    alive.set(config.key, this);
    if (!this.#root) {
      const shadow = this.attachShadow({ mode: 'open' });
      if (!sheet) {
        sheet = new CSSStyleSheet();
        sheet.replaceSync(css);
      }
      shadow.adoptedStyleSheets = [sheet];
      this.#root = shadow.appendChild(document.createElement('div'));
    }
    const emit = (name: string, detail?: unknown): void => {
      this.dispatchEvent(new CustomEvent(`helpdesk:${name}`, { detail, bubbles: true }));
    };
    this.desk = createDesk(config, {
      changed: () => this.#draw(),
      emit,
      announce: (author, text) => {
        const words = text.replace(/[*_`#>]/g, '');
        const stage = this.#stage!;
        stage.announcement = [stage.announcement[0] + 1, author ? `${author}: ${words}` : words];
        this.#draw();
      },
    });
    this.#stage = createStage(this.#root, this.desk, () => this.#draw());
    this.#draw();
    this.desk.start();
    emit('ready');
  }

  /** Draws once for all that changes in one breath. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    queueMicrotask(() => {
      this.#drawing = false;
      const { desk } = this;
      if (!desk) return;
      const { style } = this.#root!;
      const paint = (name: string, color: string): void => style.setProperty(name, CSS.supports('color', color) ? color : '');
      // A colour that the tag names wins over the host's style sheet, the workspace's own does not.
      paint('--hd', desk.config.color);
      paint('--brand', desk.settings.brand.color);
      const stage = this.#stage!;
      stage.language = language(desk.config, () => this.#draw());
      const focused = this.shadowRoot!.activeElement;
      draw(this.#root!, app(stage));
      stage.settle(focused);
    });
  }
}
