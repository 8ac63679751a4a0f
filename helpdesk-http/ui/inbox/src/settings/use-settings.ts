import type { SettingsPatch, WorkspaceSettings } from '@helpdesk/shared/wire';
import { useMemo } from 'react';
import { changeSettings } from '../api/inbox';
import { keys } from '../api/keys';
import { queryClient } from '../app/query-client';
import { useSettingsRecord } from './use-settings-record';
import { useRecordForm, type RecordForm, type Stored } from './use-record-form';

/** A form over some of the workspace's settings; `pick` must be a constant. */
export function useSettingsForm<Field extends keyof WorkspaceSettings>(fields: readonly Field[], empty: Pick<WorkspaceSettings, Field>) {
  type Values = Pick<WorkspaceSettings, Field>;
  const query = useSettingsRecord();
  const { data } = query;
  const pick = (settings: WorkspaceSettings): Stored<Values> => ({ values: Object.fromEntries(fields.map((field) => [field, settings[field]])) as Values, version: settings.version });
  const stored = useMemo(() => (data ? pick(data) : undefined), [data]); // eslint-disable-line react-hooks/exhaustive-deps -- `fields` is a constant of its page
  const record: RecordForm<Values> = useRecordForm<Values>({
    stored,
    empty,
    save: async (part, version) => {
      const settings = await changeSettings({ version, ...part } as SettingsPatch);
      queryClient.setQueryData(keys.settings, settings);
      return pick(settings);
    },
    reload: () => void query.refetch(),
  });
  return { query, record };
}
