/** What an assistant wrote, made of it by the same rules by which the widget shows it to the contact. */

import { markdown } from '@helpdesk/shared/markdown';
import { memo, useMemo } from 'react';
import { elementsOf } from './elements';
import classes from './Prose.module.css';

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const content = useMemo(() => elementsOf(markdown(text)), [text]);
  return (
    <div className={classes.markdown} dir="auto">
      {content}
    </div>
  );
});
