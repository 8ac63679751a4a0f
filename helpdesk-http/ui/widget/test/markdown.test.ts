import { expect, test } from 'vitest';
import { draw } from '../src/draw';
import { link, markdown, plainText } from '@helpdesk/shared/markdown';

const html = (content: Parameters<typeof draw>[1]): string => {
  const box = document.createElement('div');
  draw(box, content);
  return box.innerHTML.replace(/ (target|rel)="[^"]*"/g, '');
};

test.each([
  ['one\ntwo\n\nthree', '<p>one\ntwo</p><p>three</p>'],
  ['**bold** and *slanted* and _too_ and `code`', '<p><strong>bold</strong> and <em>slanted</em> and <em>too</em> and <code>code</code></p>'],
  ['**bold with `code`**', '<p><strong>bold with <code>code</code></strong></p>'],
  ['2 * 3 * 4, snake_case_name, ** not **', '<p>2 * 3 * 4, snake_case_name, ** not **</p>'],
  ['- one\n- two\n\n* three', '<ul><li>one</li><li>two</li></ul><ul><li>three</li></ul>'],
  ['3. three\n4) four', '<ol start="3"><li>three</li><li>four</li></ol>'],
  ['# Title\ntext', '<h3>Title</h3><p>text</p>'],
  ['> said\n> again', '<blockquote>said\nagain</blockquote>'],
  ['```js\na < b && **c**\n```\nafter', '<pre tabindex="0"><code>a &lt; b &amp;&amp; **c**</code></pre><p>after</p>'],
  ['```\nnever closed', '<pre tabindex="0"><code>never closed</code></pre>'],
  ['[label](https://a.example/x_(y)) end', '<p><a href="https://a.example/x_(y)">label</a> end</p>'],
  ['See https://a.example/x?y=1. Or (http://b.example)!', '<p>See <a href="https://a.example/x?y=1">https://a.example/x?y=1</a>. Or (<a href="http://b.example">http://b.example</a>)!</p>'],
  ['-5 degrees', '<p>-5 degrees</p>'],
  ['', ''],
  ['\u2028\u2029', ''],
])('%j', (text, expected) => expect(html(markdown(text))).toBe(expected));

test.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'mailto:a@b.c', '//a.example', '/path', 'blob:https://a/b'])(
  '%j is no link',
  (address) => {
    expect(html(link(address, 'label'))).toBe('label');
    expect(html(markdown(`[label](${address.replace(/\s/g, '')})`))).toBe('<p>label</p>');
  },
);

test('markup in the text stays text', () => {
  expect(html(markdown('<img src=x onerror=alert(1)>'))).toBe('<p>&lt;img src=x onerror=alert(1)&gt;</p>');
  expect(html(plainText('**not bold** [no](https://a.example/)'))).toBe('<p>**not bold** [no](<a href="https://a.example/">https://a.example/</a>)</p>');
});

test('ends for every text, in no time', () => {
  const pieces = ['*', '**', '_', '`', '```', '\n', '[', '](', ')', 'http://', '- ', '1. ', '> ', '# ', 'a', ' ', '\u2028', '\r', '\t', '(', '👋', '\ud800'];
  let seed = 7;
  const next = (): number => (seed = (seed * 48271) % 2147483647);
  for (let round = 0; round < 2_000; round += 1) {
    const text = Array.from({ length: next() % 40 }, () => pieces[next() % pieces.length]).join('');
    markdown(text);
  }
  for (const piece of pieces) {
    const start = performance.now();
    markdown(piece.repeat(Math.ceil(10_000 / piece.length)));
    expect(performance.now() - start, JSON.stringify(piece)).toBeLessThan(500);
  }
});
