/** Text as people wrote it: line breaks kept, web addresses turned into links, nothing else. Text is never markup. */

import { memo } from 'react';
import classes from './Prose.module.css';

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
/** Marks that end a sentence and not the address before it. */
const TRAILING = /[.,;:!?)\]}'"”’»]+$/u;

type Piece = { text: string; href?: string };

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

export const Prose = memo(function Prose({ text }: { text: string }) {
  return (
    <span className={classes.prose} dir="auto">
      {piecesOf(text).map((piece, index) =>
        piece.href ? (
          <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </span>
  );
});
