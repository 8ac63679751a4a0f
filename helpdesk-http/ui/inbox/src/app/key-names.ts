/** The name under which a key is registered: `j`, `?`, `alt+l`, `mod+enter`, `escape`. */
export function nameOfKey(event: Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey'>): string {
  // With Alt, macOS types another character than the key shows; the code still names the key.
  const plain = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
  return `${event.ctrlKey || event.metaKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${plain}`;
}
