/** Asks before unsaved changes are lost: to another screen, or with the whole page. */

import { Button, Group, Modal } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { t } from '../i18n/translate';

export function DirtyGuard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: () => dirty, withResolver: true });
  const blocked = blocker.status === 'blocked';
  return (
    <Modal opened={blocked} onClose={() => blocker.reset?.()} title={t('settings.leave_title')} size="sm">
      <p>{t('settings.leave_text')}</p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => blocker.reset?.()} data-autofocus>
          {t('settings.stay')}
        </Button>
        <Button color="red" onClick={() => blocker.proceed?.()}>
          {t('settings.leave')}
        </Button>
      </Group>
    </Modal>
  );
}
