/** Short words at the edge of the page. */

import { notifications } from '@mantine/notifications';
import { faultText } from '../api/fault';

const SHOWN_MILLISECONDS = 4_500;

export function say(message: string): void {
  notifications.show({ message, autoClose: SHOWN_MILLISECONDS, withBorder: true });
}

export function sayFault(error: unknown): void {
  sayWrong(faultText(error));
}

export function sayWrong(message: string): void {
  notifications.show({ message, color: 'red', autoClose: SHOWN_MILLISECONDS * 2, withBorder: true });
}
