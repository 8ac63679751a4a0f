import { describe, expect, it } from 'vitest';
import { blocksOf, inlinesOf, type Inline } from '../src/parts/markdown';

const textOf = (parts: Inline[]): string => parts.map((part) => ('text' in part ? part.text : textOf(part.parts))).join('');

describe('markdown of assistants', () => {
  it('knows paragraphs, lists, quotes, headings and code', () => {
    const blocks = blocksOf('# Delivery\nFirst line\nsecond line\n\n- one\n- **two**\n\n3. three\n4. four\n> quoted\n```sh\nrm *not* _bold_\n```\nend');
    expect(blocks.map((block) => block.kind)).toEqual(['heading', 'paragraph', 'list', 'list', 'quote', 'code', 'paragraph']);
    expect(blocks[3]).toMatchObject({ start: 3 });
    expect(blocks[5]).toEqual({ kind: 'code', text: 'rm *not* _bold_' });
  });

  it('shows a fence that is still open while the answer streams', () => {
    expect(blocksOf('```\nhalf')).toEqual([{ kind: 'code', text: 'half' }]);
  });

  it('marks emphasis only where marks hug words', () => {
    expect(inlinesOf('**bold** and *soft* and `code`').map((part) => part.kind)).toEqual(['strong', 'text', 'emphasis', 'text', 'code']);
    expect(inlinesOf('2 * 3 * 4 and snake_case_name').map((part) => part.kind)).toEqual(['text']);
  });

  it('links to the web and nowhere else', () => {
    expect(inlinesOf('[help](https://a.example/x)')).toEqual([{ kind: 'link', href: 'https://a.example/x', parts: [{ kind: 'text', text: 'help' }] }]);
    for (const hostile of ['[x](javascript:alert(1))', '[x](data:text/html,y)', '<img src=x onerror=alert(1)>', '[x](//evil.example)']) {
      expect(inlinesOf(hostile).every((part) => part.kind === 'text')).toBe(true);
      expect(textOf(inlinesOf(hostile))).toBe(hostile);
    }
  });

  it('reads ten thousand hostile characters at once', () => {
    const start = performance.now();
    for (const piece of ['*', '_', '**a', '[', '[a](', '`', '> ', '- ', 'https://', '```\n', '_a*b']) blocksOf(piece.repeat(10_000 / piece.length));
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
