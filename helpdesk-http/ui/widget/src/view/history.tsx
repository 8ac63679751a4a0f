/** Earlier conversations of a visitor who came back. */
import { h, type Child } from '../draw';
import type { Stage } from './stage';
import { icon } from './icons';
import { dayName } from './time';

export function history({ desk, language: { t, tag } }: Stage): Child {
  const { conversations } = desk;
  return (
    <div class="history">
      <ul class="list">
        {conversations.map(({ id, last_message, last_activity_at, assistant, assignee, status, unread }) => (
          <li key={id}>
            <button onClick={() => desk.pick(id)} aria-current={id === desk.current ? 'true' : undefined}>
              <span class="who">
                {assignee.type === 'operator' ? assignee.name : assistant.name}
                {status === 'resolved' && <small>{t('resolved')}</small>}
              </span>
              <time datetime={last_activity_at}>{dayName(last_activity_at, tag)}</time>
              <span class="preview" dir="auto">
                {last_message?.author.type === 'contact' && `${t('you')}: `}
                {last_message?.text}
              </span>
              {unread > 0 && (
                <span class="badge">
                  <span aria-hidden="true">{unread}</span>
                  <span class="unseen">{t('unread', { n: unread })}</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      <div class="foot">
        <button class="primary" onClick={() => desk.pick(null)}>
          {icon('plus')}
          {t('new')}
        </button>
      </div>
    </div>
  );
}
