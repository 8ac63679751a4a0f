import { linked, markdown } from '@helpdesk/shared/markdown';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { elementsOf } from '../src/parts/elements';

const html = (content: Parameters<typeof elementsOf>[0]): string => renderToStaticMarkup(elementsOf(content) as ReactNode).replace(/ (target|rel)="[^"]*"/g, '');

describe('what assistants write', () => {
  it('becomes the elements that the widget makes of it, without headings', () => {
    expect(html(markdown('# Delivery\n**One** and `two`\n\n3. three\n4. four\n\n- five\n> six'))).toBe(
      '<p><strong>Delivery</strong></p><p><strong>One</strong> and <code>two</code></p><ol start="3"><li>three</li><li>four</li></ol><ul><li>five</li></ul><blockquote>six</blockquote>',
    );
    expect(html(markdown('```\nhalf <b>'))).toBe('<pre tabindex="0"><code>half &lt;b&gt;</code></pre>');
  });

  it('links to the web and nowhere else, and stays text otherwise', () => {
    expect(html(markdown('[help](https://a.example/x)'))).toBe('<p><a href="https://a.example/x">help</a></p>');
    for (const hostile of ['[x](javascript:alert(1))', '[x](data:text/html,y)', '<img src=x onerror=alert(1)>', '[x](//evil.example)']) expect(html(markdown(hostile))).not.toMatch(/<(a|img)\b/);
  });
});

describe('links in what people write', () => {
  const links = (text: string) => [...html(linked(text)).matchAll(/href="([^"]*)"/g)].map(([, address]) => address);
  it('are found without the marks that end a sentence', () => {
    expect(links('See https://a.example/b?c=1, (https://d.example).')).toEqual(['https://a.example/b?c=1', 'https://d.example']);
  });
  it('are only http and https, and lose no text', () => {
    expect(links('javascript:alert(1) data:text/html,x <a href="https://x.example" onclick=y> http://')).toEqual(['https://x.example']);
    expect(html(linked('**not bold** [no]'))).toBe('**not bold** [no]');
  });
});
