/** The left edge: workspace, search, views with their counts, settings, and who is signed in. */

import { Kbd, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { AtSign, CircleCheck, CircleDashed, Clock3, Hand, Inbox, MessagesSquare, Search, Settings, UserCheck, type LucideIcon } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { View } from '@helpdesk/shared/wire';
import { fetchCounts } from '../api/inbox';
import { keys } from '../api/keys';
import { openPalette } from '../palette/open-palette';
import { t } from '../i18n/translate';
import { VIEWS } from '../queue/views';
import { useMe } from './me';
import classes from './Rail.module.css';
import { UserMenu } from './UserMenu';

const ICONS: Readonly<Record<View, LucideIcon>> = {
  all: Inbox,
  mine: UserCheck,
  unassigned: CircleDashed,
  waiting: Hand,
  claimed: MessagesSquare,
  pending: Clock3,
  tagged: AtSign,
  resolved: CircleCheck,
};

export const Rail = memo(function Rail({ skip }: { skip?: ReactNode }) {
  const me = useMe();
  const inSettings = useRouterState({ select: (state) => /\/settings(\/|$)/.test(state.location.pathname) });
  const { data: counts } = useQuery({ queryKey: keys.counts, queryFn: ({ signal }) => fetchCounts(signal), staleTime: Infinity });
  return (
    <nav className={classes.rail} aria-label={t('rail.label')}>
      {skip}
      <div className={classes.brand}>
        <span className={classes.mark} aria-hidden="true">
          <MessagesSquare size={17} strokeWidth={2.2} />
        </span>
        <span className={classes.workspace}>{me.workspace.name}</span>
      </div>
      <button type="button" className={classes.search} onClick={openPalette}>
        <Search size={15} aria-hidden="true" />
        <span className={classes.label}>{t('rail.search')}</span>
        <Kbd size="xs" className={classes.key}>
          Ctrl K
        </Kbd>
      </button>
      <ul className={classes.views}>
        {VIEWS.map((view) => {
          const Icon = ICONS[view];
          const count = counts?.[view];
          const name = t(`view.${view}`);
          return (
            <li key={view}>
              <Tooltip label={name} position="right" disabled={!window.matchMedia('(720px <= width < 1000px)').matches}>
                <Link to="/$view" params={{ view }} className={classes.view} activeProps={{ 'data-active': true }} activeOptions={{ includeSearch: false }} data-view={view} data-some={count ? true : undefined}>
                  <Icon size={17} aria-hidden="true" />
                  <span className={classes.label}>{name}</span>
                  {count !== undefined && (count > 0 || view === 'all') && <span className={classes.count}>{count > 9_999 ? `${Math.floor(count / 1000).toLocaleString()}k` : count.toLocaleString()}</span>}
                </Link>
              </Tooltip>
            </li>
          );
        })}
      </ul>
      <div className={classes.foot}>
        <Link to="/settings/general" className={classes.view} data-active={inSettings || undefined} data-settings="">
          <Settings size={17} aria-hidden="true" />
          <span className={classes.label}>{t('rail.settings')}</span>
        </Link>
        <UserMenu />
      </div>
    </nav>
  );
});
