import type { Child, VNode } from '@helpdesk/shared/markup';
import { createElement, Fragment, type ReactNode } from 'react';

/** Headings are bold lines: the outline of the page is not the assistant's to write. */
const TAGS: Readonly<Record<string, string>> = { h3: 'p' };
/** What React calls otherwise. */
const NAMES: Readonly<Record<string, string>> = { tabindex: 'tabIndex' };

/** React's elements for descriptions of elements. */
export function elementsOf(child: Child): ReactNode {
  if (Array.isArray(child)) return createElement(Fragment, null, ...(child as readonly Child[]).map(elementsOf));
  if (child === null || typeof child !== 'object') return child as ReactNode;
  const { tag, props, children } = child as VNode;
  const given = Object.fromEntries(Object.entries(props).flatMap(([name, value]) => (value === false ? [] : [[NAMES[name] ?? name, value]])));
  const content = elementsOf(children);
  return createElement(TAGS[tag] ?? tag, given, tag in TAGS ? createElement('strong', null, content) : content);
}
