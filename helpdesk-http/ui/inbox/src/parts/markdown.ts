/**
 * The little markdown that assistants use, as plain values: paragraphs, headings, lists, quotes, code, emphasis and links. What it
 * does not know stays text, and nothing here can become an element that the page does not draw itself.
 */

import { piecesOf } from './pieces';

export type Inline = { kind: 'text' | 'code'; text: string } | { kind: 'strong' | 'emphasis'; parts: Inline[] } | { kind: 'link'; href: string; parts: Inline[] };

export type Block = { kind: 'paragraph' | 'heading' | 'quote'; parts: Inline[] } | { kind: 'list'; start: number | undefined; items: Inline[][] } | { kind: 'code'; text: string };

const SPANS = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<![\w*])\*([^*\n]+)\*(?![\w*])|(?<![\w_])_([^_\n]+)_(?![\w_])|\[([^\]\n]+)\]\((https?:\/\/[^\s()]+)\)/giu;

/** Emphasis may hold links and code, and nothing holds more than that: no text can nest deeply. */
export function inlinesOf(text: string, depth = 0): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  const plain = (piece: string) => {
    for (const { text: words, href } of piecesOf(piece)) parts.push(href ? { kind: 'link', href, parts: [{ kind: 'text', text: words }] } : { kind: 'text', text: words });
  };
  for (const match of text.matchAll(SPANS)) {
    const [whole, code, strong, star, underline, label, address] = match;
    const emphasis = star ?? underline;
    // Marks beside blanks are arithmetic or a list, not emphasis.
    const inner = strong ?? emphasis;
    if (inner !== undefined && (inner.trim() !== inner || depth > 0)) continue;
    if (address !== undefined && !URL.canParse(address)) continue;
    plain(text.slice(end, match.index));
    end = match.index + whole.length;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if (address !== undefined) parts.push({ kind: 'link', href: address, parts: [{ kind: 'text', text: label ?? address }] });
    else parts.push({ kind: strong === undefined ? 'emphasis' : 'strong', parts: inlinesOf(inner ?? '', depth + 1) });
  }
  plain(text.slice(end));
  return parts;
}

const FENCE = /^\s*```/u;
const BULLET = /^\s*[-*•]\s+(\S.*)$/u;
const NUMBER = /^\s*(\d{1,9})[.)]\s+(\S.*)$/u;
const QUOTE = /^\s*>\s?(.*)$/u;
const HEADING = /^\s*#{1,6}\s+(\S.*)$/u;

export function blocksOf(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let at = 0;
  /** The lines from here that match, without what marks them. */
  const take = (pattern: RegExp, group: number): string[] => {
    const taken: string[] = [];
    for (let match = pattern.exec(lines[at] ?? '\0'); match && at < lines.length; match = pattern.exec(lines[at] ?? '\0')) {
      taken.push(match[group] ?? '');
      at += 1;
    }
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.trim() === '') at += 1;
    else if (FENCE.test(line)) {
      const close = lines.findIndex((other, index) => index > at && FENCE.test(other));
      const end = close < 0 ? lines.length : close;
      blocks.push({ kind: 'code', text: lines.slice(at + 1, end).join('\n') });
      at = end + 1;
    } else if (BULLET.test(line)) blocks.push({ kind: 'list', start: undefined, items: take(BULLET, 1).map((item) => inlinesOf(item)) });
    else if (NUMBER.test(line)) blocks.push({ kind: 'list', start: Number(NUMBER.exec(line)?.[1]), items: take(NUMBER, 2).map((item) => inlinesOf(item)) });
    else if (QUOTE.test(line)) blocks.push({ kind: 'quote', parts: inlinesOf(take(QUOTE, 1).join('\n')) });
    else if (HEADING.test(line)) {
      blocks.push({ kind: 'heading', parts: inlinesOf(HEADING.exec(line)?.[1] ?? '') });
      at += 1;
    } else {
      const start = at;
      while (at < lines.length && (lines[at] ?? '').trim() !== '' && (at === start || ![FENCE, BULLET, NUMBER, QUOTE, HEADING].some((pattern) => pattern.test(lines[at] ?? '')))) at += 1;
      blocks.push({ kind: 'paragraph', parts: inlinesOf(lines.slice(start, at).join('\n')) });
    }
  }
  return blocks;
}
