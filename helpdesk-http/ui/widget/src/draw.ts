/**
 * The renderer: JSX in, the fewest changes of the document out. The parts of the view are plain
 * functions of what they are given, without state or effects of their own, and that is why a hundred lines are enough. Nothing is ever parsed as markup.
 */

type Props = Record<string, unknown>;

export type Child = VNode | string | number | boolean | null | undefined | readonly Child[];

export interface VNode {
  tag: string;
  props: Props;
  children: (VNode | string)[];
}

type Handler<E extends Event, T extends Element> = (event: E & { currentTarget: T }) => void;

interface Attributes<T extends Element> {
  key?: string | number;
  class?: string;
  children?: Child;
  onClick?: Handler<MouseEvent, T>;
  onInput?: Handler<InputEvent, T>;
  onKeyDown?: Handler<KeyboardEvent, T>;
  onPointerEnter?: Handler<PointerEvent, T>;
  onScroll?: Handler<Event, T>;
  onSubmit?: Handler<SubmitEvent, T>;
  [attribute: string]: unknown;
}

/** The types of elements, where TypeScript looks for them. */
// eslint-disable-next-line @typescript-eslint/no-namespace
export declare namespace h.JSX {
  type Element = Child;
  type IntrinsicElements = { [Tag in keyof HTMLElementTagNameMap]: Attributes<HTMLElementTagNameMap[Tag]> } & {
    svg: Attributes<SVGElement>;
    path: Attributes<SVGElement>;
  };
  interface ElementChildrenAttribute {
    children: unknown;
  }
}

function flatten(child: Child, into: (VNode | string)[]): (VNode | string)[] {
  if (Array.isArray(child)) (child as readonly Child[]).forEach((one) => flatten(one, into));
  else if (child != null && child !== '' && typeof child !== 'boolean') into.push(typeof child === 'object' ? (child as VNode) : String(child));
  return into;
}

/** What JSX becomes. Parts of the view are called as the functions they are: `{part(stage)}`. */
export function h(tag: string, props?: Props | null, ...children: Child[]): Child {
  // A button that submits says so.
  return { tag, props: tag === 'button' ? { type: tag, ...props } : (props ?? {}), children: flatten(children, []) };
}

/** What was drawn last at a node: its description, and the nodes of its children. */
const drawn = new WeakMap<Node, VNode | string>();

function assign(node: Element, name: string, value: unknown, before: unknown): void {
  // Keys come from names and numbers of entries, places from counting: one list uses only one of them.
  if (name === 'key') return;
  if (name.startsWith('on')) (node as unknown as Props)[name.toLowerCase()] = value ?? null;
  else if (name === 'value') {
    // What the visitor has typed in the meantime is in the node, not in the last description.
    if ((node as HTMLTextAreaElement).value !== value) (node as HTMLTextAreaElement).value = value as string;
  } else if (value === before) return;
  // `aria-` and `data-` attributes say "false"; of all others, false means absence.
  else if (value == null || (value === false && name[4] !== '-')) node.removeAttribute(name);
  else node.setAttribute(name, value === true && name[4] !== '-' ? '' : String(value));
}

function update(node: Node, next: VNode | string): Node {
  const before = drawn.get(node);
  if (before === next) return node;
  drawn.set(node, next);
  if (typeof next === 'string') (node as Text).data = next;
  else {
    const props = (before as VNode | undefined)?.props ?? {};
    for (const name in { ...props, ...next.props }) assign(node as Element, name, next.props[name], props[name]);
    draw(node, next.children);
  }
  return node;
}

const create = (next: VNode | string): Node =>
  update(
    typeof next === 'string'
      ? document.createTextNode('')
      : /^(svg|path)$/.test(next.tag)
        ? document.createElementNS('http://www.w3.org/2000/svg', next.tag)
        : document.createElement(next.tag),
    next,
  );

/** Makes the children of `parent` what `content` describes. Nodes of the same tag and key, or kind and place, are kept. */
export function draw(parent: Node, content: Child): void {
  const kind = (child: VNode | string, place: number): string =>
    typeof child === 'string' ? `${place}` : `${child.tag} ${child.props.key ?? place}`;
  const held = new Map<string, Node>();
  // What somebody else has put here (a translator, an extension) is known by its place only, and goes.
  [...parent.childNodes].forEach((node, place) => held.set(drawn.has(node) ? kind(drawn.get(node)!, place) : `?${place}`, node));
  const nodes = flatten(content, []).map((child, place) => {
    const name = kind(child, place);
    const node = held.get(name);
    held.delete(name);
    return node ? update(node, child) : create(child);
  });
  // What goes, goes first: so that what stays is not moved past it, which would cost it focus and scroll position.
  held.forEach((node) => parent.removeChild(node));
  nodes.forEach((node, place) => {
    const there = parent.childNodes[place] ?? null;
    if (there !== node) parent.insertBefore(node, there);
  });
}
