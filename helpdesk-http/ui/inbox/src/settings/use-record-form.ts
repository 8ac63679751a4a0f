/**
 * A form over a record of the server: filled when it comes, sends only what changed with the version it was read at, and puts the
 * server's objections on the fields they belong to.
 */

import { useForm, type UseFormReturnType } from '@mantine/form';
import { useEffect, useState, type FormEvent } from 'react';
import { faultField, faultText, hasCode } from '../api/fault';
import { say } from '../app/toast';
import { t } from '../i18n/translate';
import { changedPart } from './changed-part';

export interface Stored<Values> {
  values: Values;
  /** The version at which the values were read. */
  version: number;
}

interface RecordFormOptions<Values extends object> {
  /** What the server holds; none while it loads. */
  stored: Stored<Values> | undefined;
  empty: Values;
  /** Saves what changed and answers with what the server holds then. */
  save: (part: Partial<Values>, version: number) => Promise<Stored<Values>>;
  /** Asks the server for the present record. */
  reload: () => void;
}

export interface RecordForm<Values extends object> {
  form: UseFormReturnType<Values>;
  dirty: boolean;
  saving: boolean;
  /** An objection that belongs to no field. */
  fault: string | undefined;
  /** Somebody else has saved meanwhile; `takeNewer` gives up what is unsaved. */
  conflict: boolean;
  submit: (event?: FormEvent<HTMLFormElement>) => void;
  discard: () => void;
  takeNewer: () => void;
}

export function useRecordForm<Values extends object>({ stored, empty, save, reload }: RecordFormOptions<Values>): RecordForm<Values> {
  const form = useForm<Values>({ initialValues: stored?.values ?? empty });
  const [base, setBase] = useState(stored);
  const [saving, setSaving] = useState(false);
  const [fault, setFault] = useState<string>();
  const [conflict, setConflict] = useState(false);
  const dirty = base !== undefined && JSON.stringify(form.values) !== JSON.stringify(base.values);

  const fill = (next: Stored<Values>) => {
    setBase(next);
    form.setValues(next.values);
    form.clearErrors();
    setFault(undefined);
    setConflict(false);
  };

  const newer = stored !== undefined && stored.version !== base?.version;
  useEffect(() => {
    // Unsaved work is never overwritten; saving it will meet the conflict and say so.
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the server's record is the outside world here
    if (stored && newer && !dirty && !saving) fill(stored);
    // Only another version of the record fills the form.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [stored, newer, saving]);

  const send = async (values: Values) => {
    if (!base) return;
    setSaving(true);
    setFault(undefined);
    try {
      fill(await save(changedPart(base.values, values), base.version));
      say(t('settings.saved'));
    } catch (error) {
      object(error);
    } finally {
      setSaving(false);
    }
  };
  const object = (error: unknown) => {
    const named = faultField(error);
    // One line of a list has no field of its own: the field of the whole list answers for it.
    let field = named;
    while (field && !form.getInputNode(field as never)) field = field.includes('.') ? field.slice(0, field.lastIndexOf('.')) : undefined;
    const node = field ? form.getInputNode(field as never) : null;
    if (hasCode(error, 'version_conflict')) {
      setConflict(true);
      setFault(t('settings.conflict'));
      reload();
    } else if (field && node) {
      form.setFieldError(field as never, faultText(error));
      node.focus();
    } else {
      setFault(named ? t('settings.field_fault', { field: named, text: faultText(error) }) : faultText(error));
    }
  };

  return {
    form,
    dirty,
    saving,
    fault,
    conflict,
    submit: form.onSubmit((values) => void send(values as Values)),
    discard: () => base && fill(base),
    takeNewer: () => stored && fill(stored),
  };
}
