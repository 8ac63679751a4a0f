/** The title of the browser's tab: where one is, and how much has happened since one looked. */

import { useEffect } from 'react';
import { t } from '../i18n/translate';
import { isView } from '../queue/views';
import { pagePath } from './base';
import { Observable, useObserved } from './observable';

/** Notifications since the page was last looked at. */
export const unseen = new Observable(0);

const looked = () => {
  if (document.visibilityState === 'visible' && document.hasFocus()) unseen.set(0);
};
window.addEventListener('focus', looked);
document.addEventListener('visibilitychange', looked);

export function useDocumentTitle(path: string): void {
  const count = useObserved(unseen);
  const first = path.slice(pagePath.length).split('/').find(Boolean) ?? path.split('/').find(Boolean) ?? '';
  const place = isView(first) ? t(`view.${first}`) : first === 'settings' ? t('rail.settings') : t('app.name');
  useEffect(() => {
    document.title = `${count > 0 ? `(${count}) ` : ''}${place} · ${t('app.name')}`;
  }, [count, place]);
}
