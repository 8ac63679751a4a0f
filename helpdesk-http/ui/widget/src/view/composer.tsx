/** Where the visitor writes, and the way to a person. */
import { h, type Child } from '../draw';
import type { Stage } from './stage';
import { icon } from './icons';

export function composer({ desk, language: { t }, toEnd }: Stage): Child {
  const { text, settings, summary, notice } = desk;
  const stored = settings.helpdesk;
  // Whoever writes wants to see what they wrote.
  const send = (): void => void (desk.send(text) && toEnd());

  return (
    <div class="foot">
      {notice && (
        <p class="notice" role="alert">
          {t(notice)}
        </p>
      )}
      {stored && summary?.status === 'resolved' && <p class="notice">{t('ended')}</p>}
      {stored && summary?.human_button && (
        <button class="human" part="human" onClick={desk.human}>
          {icon('person')}
          {settings.button_text}
        </button>
      )}
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
          event.currentTarget.querySelector('textarea')!.focus();
        }}
      >
        <textarea
          rows="1"
          value={text}
          dir={text ? 'auto' : undefined}
          maxlength={settings.text_limit}
          placeholder={t('write')}
          aria-label={t('write')}
          enterkeyhint="send"
          onInput={(event) => desk.typed(event.currentTarget.value)}
          onKeyDown={(event) => {
            // An Enter that ends the choice of a character is not one that sends.
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
              event.preventDefault();
              send();
            }
          }}
        />
        <button type="submit" class={text.trim() ? 'send' : 'send idle'} aria-label={t('send')}>
          {icon('send')}
        </button>
      </form>
      {stored && summary && summary.status !== 'resolved' && (
        <p class="notice">
          <button class={desk.ending ? 'text failed' : 'end'} onClick={desk.end}>
            {t('end')}
            {desk.ending && '?'}
          </button>
        </p>
      )}
    </div>
  );
}
