import { Button } from '@mantine/core';
import { t } from '../i18n/translate';

/** The way out of a conflict: what somebody else saved instead of what is unsaved here. */
export function ConflictAction({ conflict, takeNewer }: { conflict: boolean; takeNewer: () => void }) {
  if (!conflict) return null;
  return (
    <Button size="compact-xs" variant="white" color="red" onClick={takeNewer}>
      {t('settings.take_newer')}
    </Button>
  );
}
