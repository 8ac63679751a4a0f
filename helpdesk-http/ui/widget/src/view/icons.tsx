/** Line icons, 24 by 24, drawn for the widget. */
import { h, type Child } from '../draw';

const PATHS = {
  chat: 'M4 20.5l1.3-4.3a8.3 8.3 0 1 1 3 3zM8.5 11.5h7M8.5 14.5h4',
  close: 'M6 6l12 12M18 6L6 18',
  down: 'M6 9.5l6 6 6-6',
  back: 'M14.5 6l-6 6 6 6',
  send: 'M5 12h14M13 6l6 6-6 6',
  history: 'M3.5 12a8.5 8.5 0 1 0 2.7-6.2L3.5 8.3M3.5 3.8v4.5H8M12 7.5V12l3 2',
  plus: 'M12 5v14M5 12h14',
  person: 'M4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.7 1.9 7.5 5.5M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8z',
  spark: 'M12 3c.7 5 3.5 8 9 9-5.5 1-8.3 4-9 9-.7-5-3.5-8-9-9 5.5-1 8.3-4 9-9z',
};

export type IconName = keyof typeof PATHS;

export const icon = (name: IconName): Child => (
  <svg viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
