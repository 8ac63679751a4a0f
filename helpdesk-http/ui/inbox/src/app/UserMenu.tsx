/** Who is signed in: availability, colours, keyboard, sign out. */

import { Menu, SegmentedControl, Switch, useMantineColorScheme } from '@mantine/core';
import type { Availability } from '@helpdesk/shared/wire';
import { Check, ChevronsUpDown, Keyboard, LogOut, PencilLine } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { t } from '../i18n/translate';
import { Face } from '../parts/Face';
import { useAvailability, useMe } from './me';
import { useObserved } from './observable';
import { singleKeys } from './shortcuts';
import classes from './UserMenu.module.css';

const NameDialog = lazy(() => import('./NameDialog'));

const AVAILABILITIES: readonly Availability[] = ['online', 'away', 'busy', 'offline'];

export function UserMenu() {
  const me = useMe();
  const setAvailability = useAvailability();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const keysOn = useObserved(singleKeys);
  const { operator } = me;
  const [naming, setNaming] = useState(false);
  return (
    <>
      <Menu position="top-start" width={250} closeOnItemClick={false}>
        <Menu.Target>
          <button type="button" className={classes.user}>
            <Face name={operator.name} id={operator.id} kind="operator" size={30} availability={operator.availability} silent />
            <span className={classes.names}>
              <span className={classes.name}>{operator.name}</span>
              <span className={classes.state}>{t(`availability.${operator.availability}`)}</span>
            </span>
            <span className="visually-hidden">{t('user.menu')}</span>
            <ChevronsUpDown size={15} className={classes.chevrons} aria-hidden="true" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('user.availability')}</Menu.Label>
          {AVAILABILITIES.map((availability) => (
            <Menu.Item
              key={availability}
              leftSection={<span className={classes.dot} data-availability={availability} />}
              rightSection={operator.availability === availability ? <Check size={14} aria-label={t('assignee.current')} /> : undefined}
              onClick={() => setAvailability(availability)}
            >
              {t(`availability.${availability}`)}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<PencilLine size={15} />} closeMenuOnClick onClick={() => setNaming(true)}>
            {t('user.change_name')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{t('user.colours')}</Menu.Label>
          <div className={classes.control}>
            <SegmentedControl
              fullWidth
              size="xs"
              value={colorScheme}
              onChange={(value) => setColorScheme(value as 'auto' | 'light' | 'dark')}
              aria-label={t('user.colours')}
              data={(['auto', 'light', 'dark'] as const).map((value) => ({ value, label: t(`user.colours_${value}`) }))}
            />
          </div>
          <div className={classes.control}>
            <Switch size="xs" label={t('user.single_keys')} checked={keysOn} onChange={(event) => singleKeys.set(event.currentTarget.checked)} thumbIcon={<Keyboard size={9} />} />
          </div>
          {me.logout_url && (
            <>
              <Menu.Divider />
              <Menu.Item component="a" href={me.logout_url} leftSection={<LogOut size={15} />}>
                {t('user.sign_out')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {naming && (
        <Suspense>
          <NameDialog close={() => setNaming(false)} />
        </Suspense>
      )}
    </>
  );
}
