import { useShortcuts, type Shortcuts } from '../app/shortcuts';
import { isLeft } from '../queue/selection';

/**
 * The keys of one thread. For the moment between a step in the list and the thread that follows it they do nothing: what they would
 * act on is no longer what the list marks.
 */
export function useThreadShortcuts(id: string, shortcuts: Shortcuts): void {
  useShortcuts(Object.fromEntries(Object.entries(shortcuts).map(([key, action]) => [key, (event: KeyboardEvent) => (isLeft(id) ? true : action(event))])));
}
