/** Who is on the other side, and the way to earlier conversations. */
import { h, type Child } from '../draw';
import { fill } from '@helpdesk/shared/translate';
import { avatar } from './avatar';
import type { Stage } from './stage';
import { icon } from './icons';

export function header({ desk, language: { t } }: Stage): Child {
  const { settings, summary, line, screen } = desk;
  const listing = screen === 'history';
  const operator = summary?.assignee.type === 'operator' ? summary.assignee : undefined;
  const waiting = !operator && summary?.takeover_requested_at && summary.status !== 'resolved';
  const stored = settings.helpdesk;
  const subtitle = operator
    ? fill(settings.connected_label, { name: operator.name ?? '' })
    : waiting
      ? settings.waiting_label
      : (summary ?? settings).assistant.name;
  return [
    <div class="header" part="header">
      {listing ? (
        <button class="plain" aria-label={t('back')} onClick={() => desk.pick(desk.current)}>
          {icon('back')}
        </button>
      ) : (
        avatar(operator ? 'operator' : 'assistant', operator?.name)
      )}
      <div class="titles">
        <h2>{listing ? t('history') : settings.brand.name || t('messages')}</h2>
        {!listing && subtitle && (
          <p class={operator ? 'live' : waiting ? 'waiting' : ''}>
            {subtitle}
            {!operator && !waiting && <small>{t('ai')}</small>}
          </p>
        )}
      </div>
      {!listing && stored && desk.conversations.length > 0 && (
        <button class="plain" aria-label={t('history')} onClick={desk.history}>
          {icon('history')}
        </button>
      )}
      <button class="plain" aria-label={t('close')} onClick={desk.hide}>
        {icon('close')}
      </button>
    </div>,
    stored && (line === 'waiting' || line === 'connecting') && <p class="line">{t('offline')}</p>,
  ];
}
