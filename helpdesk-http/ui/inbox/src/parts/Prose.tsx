/** Text as people wrote it: line breaks kept, web addresses turned into links, nothing else. Text is never markup. */

import { memo } from 'react';
import { piecesOf } from './pieces';
import classes from './Prose.module.css';

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
