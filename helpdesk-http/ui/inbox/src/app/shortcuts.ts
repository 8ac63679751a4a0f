/**
 * The keyboard. Screens say what they answer to while they are drawn; one listener finds the newest that wants a key. Single keys
 * are off while somebody types, under a dialogue, and for whoever has switched them off (WCAG 2.1.4).
 */

import { useEffect } from 'react';
import { keyValue } from '@helpdesk/shared/storage';
import { nameOfKey } from './key-names';
import { Observable, useLatest } from './observable';

/** Return false to leave the key to others. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => unknown>>;

const storage = keyValue('local', 'helpdesk.inbox.');
export const singleKeys = new Observable<boolean>(storage.get<boolean>('single_keys') ?? true);
singleKeys.subscribe(() => storage.set('single_keys', singleKeys.get()));

const stack: { readonly current: Shortcuts }[] = [];
const CHORD_MILLISECONDS = 1_200;
let chord: { key: string; until: number } | undefined;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio], [type=button]), textarea, select'));
}

function handle(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat && !/^[jk]$/.test(event.key)) return;
  const name = nameOfKey(event);
  const single = !/^(mod|alt)\+/.test(name) && name !== 'escape';
  if (inDialogue) return;
  if (single && (isTyping(event.target) || !singleKeys.get())) return;
  const inChord = single && chord && chord.until > Date.now() ? `${chord.key} ${name}` : undefined;
  chord = undefined;
  for (const candidate of inChord ? [inChord, name] : [name]) {
    for (let index = stack.length - 1; index >= 0; index -= 1) {
      const action = stack[index]?.current[candidate];
      if (!action) continue;
      if (action(event) === false) continue;
      event.preventDefault();
      return;
    }
  }
  if (single && stack.some((entry) => Object.keys(entry.current).some((key) => key.startsWith(`${name} `)))) chord = { key: name, until: Date.now() + CHORD_MILLISECONDS };
}

// A dialogue closes on the very key that this page must then leave alone, so look before anybody has handled it.
let inDialogue = false;
window.addEventListener(
  'keydown',
  () => {
    inDialogue = document.querySelector('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
  },
  { capture: true },
);
document.addEventListener('keydown', handle);

/** Answers to these keys while the component is drawn; what is drawn later goes first. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useLatest(shortcuts);
  useEffect(() => {
    stack.push(latest);
    return () => {
      stack.splice(stack.indexOf(latest), 1);
    };
  }, [latest]);
}
