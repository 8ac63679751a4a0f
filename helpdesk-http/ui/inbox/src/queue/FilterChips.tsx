/** The filters of a list in words, each with what takes it away. */

import { X } from 'lucide-react';
import type { QueueFilter } from '../api/inbox';
import { t } from '../i18n/translate';
import classes from './FilterChips.module.css';
import type { QueueSearch } from './filters';
import { useFilterNames } from './use-filter-names';

export function FilterChips({ filter, change }: { filter: QueueFilter; change: (search: QueueSearch) => void }) {
  const names = useFilterNames();
  const { status, assignee, assistant, flagged, unread } = filter;
  return (
    <ul className={classes.chips} aria-label={t('filter.label')}>
      {unread && <Chip label={t('filter.unread')} remove={() => change({ unread: undefined })} />}
      {flagged && <Chip label={t('filter.flagged')} remove={() => change({ flagged: undefined })} />}
      {assignee && <Chip label={t('filter.chip', { what: t('filter.assignee'), value: names.assignee(assignee) })} remove={() => change({ assignee: undefined })} />}
      {status && <Chip label={t('filter.chip', { what: t('filter.status'), value: t(`detail_status.${status}`) })} remove={() => change({ status: undefined })} />}
      {assistant && <Chip label={t('filter.chip', { what: t('filter.assistant'), value: names.assistant(assistant) })} remove={() => change({ assistant: undefined })} />}
    </ul>
  );
}

function Chip({ label, remove }: { label: string; remove: () => void }) {
  return (
    <li>
      <button type="button" className={classes.chip} onClick={remove} aria-label={t('filter.remove', { filter: label })}>
        <span dir="auto">{label}</span>
        <X size={12} aria-hidden="true" />
      </button>
    </li>
  );
}
