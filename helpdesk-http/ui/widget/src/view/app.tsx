/** The button and the panel that it opens. */
import { h, type Child } from '../draw';
import { composer } from './composer';
import { header } from './header';
import { history } from './history';
import { icon } from './icons';
import type { Stage } from './stage';
import { thread } from './thread';

export function app(stage: Stage): Child {
  const { desk, announcement } = stage;
  const { t, tag } = stage.language;
  const { config, open, unread, stopped } = desk;
  return (
    <div
      class={`scene ${config.theme} ${config.side} ${open ? 'open' : ''}`}
      lang={tag}
      dir={tag.startsWith('ar') ? 'rtl' : 'ltr'}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && open && !event.isComposing) {
          event.stopPropagation();
          desk.hide();
        }
      }}
    >
      {open && (
        <section class="panel" part="panel" role="dialog" aria-label={desk.settings.brand.name || t('messages')} tabindex="-1">
          {header(stage)}
          {stopped ? (
            <p class="broken" role="alert">
              {t('unavailable')}
            </p>
          ) : desk.screen === 'history' ? (
            history(stage)
          ) : (
            [thread(stage), composer(stage)]
          )}
        </section>
      )}
      {config['hide-launcher'] == null && (
        <button
          class="launcher"
          part="launcher"
          aria-expanded={open}
          aria-label={t(open ? 'close' : 'open') + (unread && !open ? `, ${t('unread', { n: unread })}` : '')}
          onClick={open ? desk.hide : desk.show}
        >
          {icon(open ? 'down' : 'chat')}
          {!open && unread > 0 && <span class="badge">{unread}</span>}
        </button>
      )}
      <div class="unseen" role="status">
        <p key={announcement[0]}>{announcement[1]}</p>
      </div>
    </div>
  );
}
