import { Button, Group, Modal } from '@mantine/core';
import { t } from '../i18n/translate';

interface ConfirmProps {
  opened: boolean;
  title: string;
  text: string;
  /** What the button that does it says. */
  action: string;
  run: () => void;
  close: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ opened, title, text, action, run, close }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={close} title={title} size="sm">
      <p>{text}</p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close} data-autofocus>
          {t('action.cancel')}
        </Button>
        <Button color="red" onClick={run}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
