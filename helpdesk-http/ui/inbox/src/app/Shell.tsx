/** The frame of every screen: the rail, the state of the line, the palette and the sheet of shortcuts. */

import { Drawer } from '@mantine/core';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { closeRail, railOpened } from './rail-drawer';
import { ConnectionBanner } from './ConnectionBanner';
import { useObserved } from './observable';
import { Rail } from './Rail';
import classes from './Shell.module.css';
import { useShortcuts } from './shortcuts';
import { useDocumentTitle } from './title';
import { t } from '../i18n/translate';
import { Palette } from '../palette/Palette';
import { followNotifications } from '../live/notices';
import { followQueue } from '../live/queue-topic';
import { learnPresence } from '../live/desk';
import { line, lineState, onFrame } from '../live/line';
import { typists } from '../live/typists';
import { resumeOutgoing } from '../composer/outgoing';
import { tidyDrafts } from '../composer/drafts';
import { VIEWS } from '../queue/views';

const ShortcutSheet = lazy(() => import('../palette/ShortcutSheet'));

/** The first stop of the tab key: past the rail. */
function SkipLink() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <a
      className={classes.skip}
      href={`${path}#content`}
      onClick={(event) => {
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}
    >
      {t('app.skip')}
    </a>
  );
}

/** What follows the address; on its own, so that a step from chat to chat draws nothing of the frame again. */
function Place() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => closeRail(), [path]);
  useDocumentTitle(path);
  return null;
}

const skip = <SkipLink />;

export function Shell() {
  const navigate = useNavigate();
  const opened = useObserved(railOpened);
  const [sheet, setSheet] = useState(false);
  const state = useObserved(lineState, (value) => value.state);

  useEffect(() => {
    const ends = [
      followQueue(),
      onFrame((frame) => {
        if (frame.type === 'presence') learnPresence(frame);
        else if (frame.type === 'typing') typists.heard(frame);
      }),
      followNotifications((view, conversation) => void navigate({ to: '/$view/$conversation', params: { view, conversation } })),
    ];
    line.start();
    resumeOutgoing();
    tidyDrafts();
    return () => {
      line.stop();
      for (const end of ends) end();
    };
  }, [navigate]);

  const toView = (view: string) => () => void navigate({ to: '/$view', params: { view } });
  useShortcuts({
    '?': () => setSheet(true),
    'g s': () => void navigate({ to: '/settings/general' }),
    ...Object.fromEntries(VIEWS.map((view) => [`g ${view[0]}`, toView(view)])),
  });

  return (
    <div className={classes.shell} data-line={state}>
      <Place />
      <div className={classes.rail}>
        <Rail skip={skip} />
      </div>
      <Drawer.Root opened={opened} onClose={closeRail} size={270} padding={0}>
        <Drawer.Overlay backgroundOpacity={0.45} />
        <Drawer.Content aria-label={t('rail.label')}>
          <Drawer.Body className={classes.drawer}>
            <Rail />
          </Drawer.Body>
        </Drawer.Content>
      </Drawer.Root>
      <div className={classes.main}>
        <ConnectionBanner />
        <main id="content" tabIndex={-1} className={classes.content}>
          <Outlet />
        </main>
      </div>
      <Palette />
      {sheet && (
        <Suspense>
          <ShortcutSheet close={() => setSheet(false)} />
        </Suspense>
      )}
    </div>
  );
}
