/** The time as the page shows it: one timer for all relative times, stopped while nobody looks. */

import { Observable, useObserved } from './observable';

const minute = new Observable(Date.now());
const tick = () => {
  if (!document.hidden) minute.set(Date.now());
};
setInterval(tick, 30_000);
document.addEventListener('visibilitychange', tick);

/** Now, renewed twice a minute. */
export const useNow = (): number => useObserved(minute);
