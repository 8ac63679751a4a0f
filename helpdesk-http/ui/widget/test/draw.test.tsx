import { beforeEach, expect, test, vi } from 'vitest';
import { draw, h, type Child } from '../src/draw';

let box: HTMLElement;
beforeEach(() => {
  box = document.body.appendChild(document.createElement('div'));
});
const list = (keys: (string | number)[]): Child => keys.map((key) => <p key={key}>{`${key}`}</p>);

test('changes attributes, text and children in place', () => {
  draw(box, <p class="a" hidden title="x">{'one'}{false}{'two'}</p>);
  const node = box.firstChild as HTMLElement;
  expect(node.outerHTML).toBe('<p class="a" hidden="" title="x">onetwo</p>');
  draw(box, <p class="b" aria-busy={false}>{'one'}<b>new</b>{'two'}</p>);
  expect(box.firstChild).toBe(node);
  expect(node.outerHTML).toBe('<p class="b" aria-busy="false">one<b>new</b>two</p>');
  draw(box, null);
  expect(box.childNodes.length).toBe(0);
});

test('what stands for the same thing stays the same node while its neighbours come and go', () => {
  const view = (before: boolean, rows: number[], after: boolean): Child => [before && <header>h</header>, list(rows), after && <i>a</i>, <textarea value="" />];
  draw(box, view(false, [1, 2], false));
  const field = box.querySelector('textarea')!;
  const second = box.children[1]!;
  field.focus();
  for (const [before, rows, after] of [[true, [1, 2], false], [true, [0, 1, 2, 3], true], [false, [2], true], [false, [3, 2], false]] as const) {
    draw(box, view(before, [...rows], after));
    expect(box.querySelector('textarea')).toBe(field);
    expect([...box.querySelectorAll('p')].find(({ textContent }) => textContent === '2')).toBe(second);
    expect(box.textContent).toBe(`${before ? 'h' : ''}${rows.join('')}${after ? 'a' : ''}`);
  }
  expect(document.activeElement).toBe(field);
});

test('keys and places of one list do not meet', () => {
  draw(box, [list([1, 2, 3]), <p>tail</p>]);
  draw(box, [list([1, 2, 3, 4]), <p>tail</p>]);
  draw(box, [list([4]), <p>tail</p>]);
  expect(box.textContent).toBe('4tail');
});

test('any order becomes any other', () => {
  let seed = 3;
  const next = (bound: number): number => (seed = (seed * 48271) % 2147483647) % bound;
  for (let round = 0; round < 300; round += 1) {
    const keys = Array.from({ length: next(12) }, (_, index) => index).sort(() => next(3) - 1);
    draw(box, list(keys));
    expect(box.textContent).toBe(keys.join(''));
  }
});

test('handlers are replaced, not added; a field keeps what is typed until it is told otherwise', () => {
  const [first, second] = [vi.fn(), vi.fn()];
  draw(box, <button onClick={first}>x</button>);
  draw(box, <button onClick={second}>x</button>);
  box.querySelector('button')!.click();
  expect([first, second].map((handler) => handler.mock.calls.length)).toEqual([0, 1]);
  expect(box.querySelector('button')!.type).toBe('button');
  draw(box, <textarea value="a" />);
  box.querySelector('textarea')!.value = 'typed';
  draw(box, <textarea value="a" />);
  expect(box.querySelector('textarea')!.value).toBe('a');
});

test('nodes that somebody else put in go', () => {
  draw(box, [<p>one</p>, <p>two</p>]);
  box.prepend(document.createElement('font'), 'stray');
  draw(box, [<p>one</p>, <p>two</p>]);
  expect(box.innerHTML).toBe('<p>one</p><p>two</p>');
});

test('drawings are made in their own name space', () => {
  draw(box, <svg viewBox="0 0 1 1"><path d="M0 0" /></svg>);
  expect(box.querySelector('path')!.namespaceURI).toBe('http://www.w3.org/2000/svg');
});
