/** The head of a list: its name, what narrows it, its order. */

import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import type { Sort } from '@helpdesk/shared/wire';
import { ArrowDownUp, Bot, Check, CircleDot, Flag, ListFilter, Mail, Menu as MenuIcon, UserRound } from 'lucide-react';
import { useState } from 'react';
import type { QueueFilter } from '../api/inbox';
import { useMe } from '../app/me';
import { useOperators } from '../app/operators';
import { openRail } from '../app/rail-drawer';
import { plural, t } from '../i18n/translate';
import { useAssistants } from '../settings/use-assistants';
import { narrowing, NO_FILTERS, STATUSES, type QueueSearch } from './filters';
import classes from './QueuePane.module.css';

const SORTS: readonly Sort[] = ['newest', 'oldest'];

interface QueueHeaderProps {
  filter: QueueFilter;
  /** A conversation is open beside the list. */
  open: boolean;
  change: (search: QueueSearch) => void;
}

export function QueueHeader({ filter, open, change }: QueueHeaderProps) {
  // The open conversation is what the page is about.
  const Title = open ? 'h2' : 'h1';
  return (
    <header className={classes.header}>
      <ActionIcon className={classes.menu} variant="subtle" color="gray" aria-label={t('rail.open')} onClick={openRail}>
        <MenuIcon size={19} />
      </ActionIcon>
      <Title className={classes.title}>{t(`view.${filter.view}`)}</Title>
      <FilterMenu filter={filter} change={change} />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="subtle" color="gray" size="compact-sm" leftSection={<ArrowDownUp size={14} />}>
            {t(`sort.${filter.sort}`)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {SORTS.map((sort) => (
            <Menu.Item key={sort} leftSection={<Tick on={filter.sort === sort} />} onClick={() => change({ sort: sort === 'newest' ? undefined : sort })}>
              {t(`sort.${sort}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </header>
  );
}

/** Filters add to one another, so the menu stays open until they are all chosen. */
function FilterMenu({ filter, change }: Omit<QueueHeaderProps, 'open'>) {
  const [opened, setOpened] = useState(false);
  const active = narrowing(filter);
  const name = active > 0 ? plural('filter.active', active) : t('filter.title');
  return (
    <Menu position="bottom-end" width={220} opened={opened} onChange={setOpened} closeOnItemClick={false}>
      <Menu.Target>
        <Tooltip label={name} disabled={opened}>
          <ActionIcon variant={active > 0 ? 'light' : 'subtle'} color={active > 0 ? 'iris' : 'gray'} aria-label={name}>
            <ListFilter size={17} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown className={`scroll ${classes.filters}`}>
        <Menu.Item leftSection={<Mail size={15} />} rightSection={<Tick on={Boolean(filter.unread)} />} onClick={() => change({ unread: filter.unread ? undefined : true })}>
          {t('filter.unread')}
        </Menu.Item>
        <Menu.Item leftSection={<Flag size={15} />} rightSection={<Tick on={Boolean(filter.flagged)} />} onClick={() => change({ flagged: filter.flagged ? undefined : true })}>
          {t('filter.flagged')}
        </Menu.Item>
        <Choices filter={filter} change={change} />
        {active > 0 && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => change(NO_FILTERS)} closeMenuOnClick>
              {t('filter.clear')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Choices({ filter, change }: Omit<QueueHeaderProps, 'open'>) {
  const me = useMe().operator.id;
  const operators = useOperators();
  const assistants = useAssistants();
  const assignees = [
    { value: 'me', label: t('assignee.you') },
    { value: 'assistant', label: t('author.ai') },
    { value: 'nobody', label: t('assignee.nobody') },
    ...operators.filter(({ id }) => id !== me).map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <>
      <Choice icon={<UserRound size={15} />} label={t('filter.assignee')} value={filter.assignee} options={assignees} choose={(assignee) => change({ assignee })} />
      <Choice icon={<CircleDot size={15} />} label={t('filter.status')} value={filter.status} options={STATUSES.map((status) => ({ value: status, label: t(`detail_status.${status}`) }))} choose={(status) => change({ status })} />
      {assistants.length > 1 && (
        <Choice icon={<Bot size={15} />} label={t('filter.assistant')} value={filter.assistant} options={assistants.map(({ id, name }) => ({ value: id, label: name }))} choose={(assistant) => change({ assistant })} />
      )}
    </>
  );
}

/** One of several; choosing the chosen one again takes it away. */
function Choice<Value extends string>({ icon, label, value, options, choose }: { icon: React.ReactNode; label: string; value: Value | undefined; options: { value: Value; label: string }[]; choose: (value: Value | undefined) => void }) {
  return (
    <Menu.Sub position="left-start">
      <Menu.Sub.Target>
        <Menu.Sub.Item leftSection={icon}>{label}</Menu.Sub.Item>
      </Menu.Sub.Target>
      <Menu.Sub.Dropdown className={`scroll ${classes.filters}`}>
        {options.map((option) => (
          <Menu.Item key={option.value} rightSection={<Tick on={option.value === value} />} onClick={() => choose(option.value === value ? undefined : option.value)}>
            {option.label}
          </Menu.Item>
        ))}
      </Menu.Sub.Dropdown>
    </Menu.Sub>
  );
}

const Tick = ({ on }: { on: boolean }) => <Check size={14} style={{ visibility: on ? 'visible' : 'hidden' }} aria-hidden={!on} aria-label={on ? t('filter.on') : undefined} role={on ? 'img' : undefined} />;
