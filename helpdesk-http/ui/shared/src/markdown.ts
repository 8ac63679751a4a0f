/**
 * The little markdown that answers use, as nodes: nothing here parses a string as markup, so nothing that a person or a
 * model writes can become an element that is not built below. Links go to the web and nowhere else.
 */
import { h, type Child } from './markup';

const WEB = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]*_]/g;
const INLINE = new RegExp(
  /`([^`\n]+)`|\*\*(?=\S)(.+?)\*\*|(?<![\w*])[*_](?=\S)([^*_\n]+?)[*_](?![\w*])|\[([^\]\n]+)\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)?)\)|/.source + WEB.source,
  'gs',
);

/** A link, if the address is one of the web; its bare text if it is anything else. */
export function link(address: string, children: Child): Child {
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? h('a', { href: address, target: '_blank', rel: 'noopener noreferrer nofollow' }, children) : children;
}

function inline(text: string, plain?: boolean): Child[] {
  const parts: Child[] = [];
  let end = 0;
  for (const match of text.matchAll(plain ? WEB : INLINE)) {
    const [whole, code, strong, emphasis, label, address] = match;
    parts.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (code) parts.push(h('code', null, code));
    else if (strong) parts.push(h('strong', null, inline(strong)));
    else if (emphasis) parts.push(h('em', null, inline(emphasis)));
    else parts.push(link(address ?? whole, label ?? whole));
  }
  parts.push(text.slice(end));
  return parts;
}

/** A person's own characters, with links. */
export const linked = (text: string): Child => inline(text, true);

/** The same as a paragraph. */
export const plainText = (text: string): Child => h('p', null, linked(text));

/** Blocks of several lines: how each of their lines begins, and what they become. Any other line is part of a paragraph. */
const BLOCKS: [RegExp, string][] = [
  [/^\s*[-*•]\s+(\S.*)/s, 'ul'],
  [/^\s*\d{1,9}[.)]\s+(\S.*)/s, 'ol'],
  [/^\s*> ?(.*)/s, 'blockquote'],
  [/^\s*#{1,6}\s+(.*)/s, 'h3'],
  [/^\s*```(.*)/s, 'pre'],
  [/^\s*()$/, ''],
];

/** Paragraphs, headings, lists, code, emphasis and links. */
export function markdown(text: string): Child[] {
  const lines = text.split('\n');
  const kindOf = (line: string): [RegExp, string] => BLOCKS.find(([begin]) => begin.test(line)) ?? [/(.*)/s, 'p'];
  const blocks: Child[] = [];
  while (lines.length) {
    const [begin, tag] = kindOf(lines[0]!);
    const first = lines[0]!;
    const taken: string[] = [];
    if (tag === 'pre') {
      lines.shift();
      while (lines.length && !begin.test(lines[0]!)) taken.push(lines.shift()!);
      lines.shift();
    } else while (lines.length && kindOf(lines[0]!)[1] === tag) taken.push(begin.exec(lines.shift()!)![1]!);
    if (tag === 'pre') blocks.push(h(tag, { tabindex: 0 }, h('code', null, taken.join('\n'))));
    else if (tag === 'ul' || tag === 'ol') {
      blocks.push(h(tag, { start: tag === 'ol' && parseInt(first.trim(), 10) }, taken.map((item) => h('li', null, inline(item)))));
    } else if (tag) blocks.push(h(tag, null, inline(taken.join('\n'))));
  }
  return blocks;
}
