/** Text as people wrote it: line breaks kept, web addresses turned into links, nothing else. Text is never markup. */

import { linked } from '@helpdesk/shared/markdown';
import { memo, useMemo } from 'react';
import { elementsOf } from './elements';
import classes from './Prose.module.css';

export const Prose = memo(function Prose({ text }: { text: string }) {
  const content = useMemo(() => elementsOf(linked(text)), [text]);
  return (
    <span className={classes.prose} dir="auto">
      {content}
    </span>
  );
});
