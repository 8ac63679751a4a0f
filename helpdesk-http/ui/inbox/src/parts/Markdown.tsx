/** What an assistant wrote, drawn as the contact sees it. */

import { memo, useMemo, type ReactNode } from 'react';
import { blocksOf, type Block, type Inline } from './markdown';
import classes from './Prose.module.css';

function inline(part: Inline, index: number): ReactNode {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'code':
      return <code key={index}>{part.text}</code>;
    case 'strong':
      return <strong key={index}>{part.parts.map(inline)}</strong>;
    case 'emphasis':
      return <em key={index}>{part.parts.map(inline)}</em>;
    case 'link':
      return (
        <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.parts.map(inline)}
        </a>
      );
  }
}

function block(item: Block, index: number): ReactNode {
  switch (item.kind) {
    case 'paragraph':
      return <p key={index}>{item.parts.map(inline)}</p>;
    case 'heading':
      // Bold and no heading: the outline of the page is not the assistant's to write.
      return (
        <p key={index}>
          <strong>{item.parts.map(inline)}</strong>
        </p>
      );
    case 'quote':
      return <blockquote key={index}>{item.parts.map(inline)}</blockquote>;
    case 'code':
      return (
        <pre key={index} tabIndex={0}>
          <code>{item.text}</code>
        </pre>
      );
    case 'list': {
      const items = item.items.map((parts, place) => <li key={place}>{parts.map(inline)}</li>);
      return item.start === undefined ? (
        <ul key={index}>{items}</ul>
      ) : (
        <ol key={index} start={item.start}>
          {items}
        </ol>
      );
    }
  }
}

export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return (
    <div className={classes.markdown} dir="auto">
      {blocks.map(block)}
    </div>
  );
});
