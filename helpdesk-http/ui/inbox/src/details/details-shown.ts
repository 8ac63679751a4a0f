import { keyValue } from '@helpdesk/shared/storage';
import { Observable, useObserved } from '../app/observable';

const storage = keyValue('local', 'helpdesk.inbox.');
const shown = new Observable<boolean>(storage.get<boolean>('details') ?? true);
shown.subscribe(() => storage.set('details', shown.get()));

/** Whether the details stand beside the thread where there is room; narrow screens open them as a page of their own. */
export const useDetailsShown = (): boolean => useObserved(shown);
export const toggleDetails = (): void => shown.set(!shown.get());
export const showDetails = (): void => shown.set(true);
