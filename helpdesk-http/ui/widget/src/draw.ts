/**
 * The renderer: JSX in, the fewest changes of the document out. The parts of the view are plain functions of what they are
 * given, without state or effects of their own, and that is why a hundred lines are enough where a framework would take a
 * third of the script's budget. Nothing is ever parsed as markup.
 */

import { h as element, type Child, type Props, type VNode } from '@helpdesk/shared/markup';

export type { Child };

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

/** What JSX becomes. Parts of the view are called as the functions they are: `{part(stage)}`. */
export const h = element;

/**
 * The nodes of a child, each with a name that stays the same while it stands for the same thing: its place, also where what
 * is before it comes and goes, or its key where the things of a list move.
 */
function named(child: Child, name: string, into: [name: string, child: VNode | string][]): typeof into {
  if (Array.isArray(child)) {
    (child as readonly Child[]).forEach((one, place) => {
      const { key } = (one as Partial<VNode> | null)?.props ?? {};
      named(one, `${name}.${key === undefined ? place : `k${key}`}`, into);
    });
  } else if (child != null && child !== '' && typeof child !== 'boolean') {
    const node = typeof child === 'object' ? (child as VNode) : String(child);
    into.push([name + ((node as VNode).tag ?? ''), node]);
  }
  return into;
}

/** What was drawn last at a node, and what its parent calls it. */
const drawn = new WeakMap<Node, VNode | string>();
const names = new WeakMap<Node, string>();

function assign(node: Element, name: string, value: unknown, before: unknown): void {
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

/** Makes the children of `parent` what `content` describes, keeping the nodes that go on standing for the same thing. */
export function draw(parent: Node, content: Child): void {
  // What somebody else has put here (a translator, an extension) has no name, and goes.
  const held = new Map([...parent.childNodes].map((node) => [names.get(node) ?? node, node]));
  const nodes = named(content, '', []).map(([name, child]) => {
    const node = held.get(name);
    held.delete(name);
    if (node) return update(node, child);
    const made = create(child);
    names.set(made, name);
    return made;
  });
  // What goes, goes first: so that what stays is not moved past it, which would cost it focus and scroll position.
  held.forEach((node) => parent.removeChild(node));
  nodes.forEach((node, place) => {
    const there = parent.childNodes[place] ?? null;
    if (there !== node) parent.insertBefore(node, there);
  });
}
