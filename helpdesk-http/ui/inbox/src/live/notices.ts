/** Tells the operator what asks for them: a toast that leads to the conversation, and a number in the tab's title. */

import { notifications } from '@mantine/notifications';
import type { NotificationFrame } from '@helpdesk/shared/wire';
import { createElement } from 'react';
import { unseen } from '../app/title';
import { t } from '../i18n/translate';
import { Notice } from '../parts/Notice';
import type { ShownView } from '../queue/views';
import { knownConversation } from './desk';
import { inFront } from './in-front';
import { onFrame } from './line';

const SHOWN_MILLISECONDS: Readonly<Record<NotificationFrame['kind'], number>> = { takeover_requested: 12_000, conversation_created: 6_000, message: 6_000 };
const LONGEST_TEXT = 140;

const VIEW_OF: Readonly<Record<NotificationFrame['kind'], ShownView>> = { takeover_requested: 'waiting', conversation_created: 'all', message: 'all' };

export function followNotifications(open: (view: ShownView, conversation: string) => void): () => void {
  return onFrame((frame) => {
    if (frame.type !== 'notification' || frame.conversation === inFront.get()) return;
    if (!document.hasFocus() || document.visibilityState !== 'visible') unseen.update((count) => count + 1);
    const name = knownConversation(frame.conversation)?.contact.name ?? t('author.contact');
    const text = frame.text ? [...frame.text] : [];
    // One toast per conversation: the newest word replaces the one before.
    const id = `notice-${frame.conversation}`;
    const toast = {
      id,
      title: t(`notice.${frame.kind}`, { name }),
      message: createElement(Notice, {
        text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT).join('')}…` : text.join(''),
        open: () => {
          notifications.hide(id);
          open(VIEW_OF[frame.kind], frame.conversation);
        },
      }),
      color: frame.kind === 'takeover_requested' ? 'orange' : 'iris',
      autoClose: SHOWN_MILLISECONDS[frame.kind],
      withBorder: true,
      'data-notice': frame.kind,
    };
    notifications.hide(id);
    notifications.show(toast);
  });
}
