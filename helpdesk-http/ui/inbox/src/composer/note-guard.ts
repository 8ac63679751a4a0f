/** Remembers what was copied from a note, so that pasting it where the contact reads asks first. */

const SHORTEST = 12;
let copied: string[] = [];

/** The text of a note from which something was copied. */
export function rememberNote(text: string): void {
  copied = [text, ...copied.filter((other) => other !== text)].slice(0, 20);
}

/** Whether a text about to be pasted stems from a note. Short fragments are anybody's words. */
export function stemsFromNote(pasted: string): boolean {
  const text = pasted.trim();
  return text.length >= SHORTEST && copied.some((note) => note.includes(text) || text.includes(note));
}
