/** Text cut into plain pieces and web addresses. Only http and https are addresses; everything else stays text. */

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
/** Marks that end a sentence and not the address before it. */
const TRAILING = /[.,;:!?)\]}'"”’»]+$/u;

export type Piece = { text: string; href?: string };

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, (marks) => (marks.startsWith(')') && match[0].includes('(') ? ')' : ''));
    if (!URL.canParse(address)) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: address, href: address });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}
