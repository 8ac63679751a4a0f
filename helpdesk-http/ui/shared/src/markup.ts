/** Descriptions of elements: what the widget draws itself, and what the inbox hands to React. Never parsed from a string. */

export type Props = Record<string, unknown>;

export type Child = VNode | string | number | boolean | null | undefined | readonly Child[];

export interface VNode {
  tag: string;
  props: Props;
  children: Child;
}

/** One element. What JSX becomes in the widget. */
export const h = (tag: string, props?: Props | null, ...children: Child[]): Child => ({
  tag,
  // A button that submits says so.
  props: tag === 'button' ? { type: tag, ...props } : (props ?? {}),
  children,
});
