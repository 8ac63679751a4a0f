/** The frame of the settings: their menu, and the page that is chosen. */

import { ActionIcon, Select } from '@mantine/core';
import './styles';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { BookOpen, Bot, Headset, KeyRound, Menu as MenuIcon, ScrollText, SlidersHorizontal, type LucideIcon } from 'lucide-react';
import { mayManage, useMe } from '../app/me';
import { openRail } from '../app/rail-drawer';
import { pagePath } from '../app/base';
import { t } from '../i18n/translate';
import { SETTINGS_PAGES } from './pages';
import classes from './SettingsScreen.module.css';

const ICONS: Readonly<Record<(typeof SETTINGS_PAGES)[number]['to'], LucideIcon>> = {
  '/settings/general': SlidersHorizontal,
  '/settings/human-support': Headset,
  '/settings/assistants': Bot,
  '/settings/articles': BookOpen,
  '/settings/tokens': KeyRound,
  '/settings/audit': ScrollText,
};

export function SettingsScreen() {
  const me = useMe();
  const navigate = useNavigate();
  const path = useLocation().pathname;
  const here = path.startsWith(pagePath) ? path.slice(pagePath.length) : path;
  const pages = SETTINGS_PAGES.filter((page) => !page.managers || mayManage(me));
  const current = pages.find((page) => here.startsWith(page.to));
  return (
    <div className={classes.screen}>
      <nav className={classes.menu} aria-label={t('settings.label')}>
        <p>{t('rail.settings')}</p>
        <ul>
          {pages.map((page) => {
            const Icon = ICONS[page.to];
            return (
              <li key={page.to}>
                <Link to={page.to} className={classes.link}>
                  <Icon size={16} aria-hidden="true" />
                  {t(page.key)}
                </Link>
              </li>
            );
          })}
        </ul>
      </nav>
      <div className={classes.narrow}>
        <ActionIcon variant="subtle" color="gray" aria-label={t('rail.open')} onClick={openRail}>
          <MenuIcon size={19} />
        </ActionIcon>
        <Select
          aria-label={t('settings.label')}
          data={pages.map((page) => ({ value: page.to, label: t(page.key) }))}
          value={current?.to ?? null}
          onChange={(to) => to && void navigate({ to })}
          allowDeselect={false}
          className={classes.select}
        />
      </div>
      <div className={`scroll ${classes.content}`}>
        <Outlet />
      </div>
    </div>
  );
}
