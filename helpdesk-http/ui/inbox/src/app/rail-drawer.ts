import { Observable } from './observable';

/** Whether the rail lies over the page, as it does on narrow screens when asked for. */
export const railOpened = new Observable(false);
export const openRail = (): void => railOpened.set(true);
export const closeRail = (): void => railOpened.set(false);
