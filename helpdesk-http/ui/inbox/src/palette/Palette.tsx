/** Ctrl+K: every view, every action and every loaded conversation, by a few letters. */

import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, useSpotlight } from '@mantine/spotlight';
import type { TeamConversation } from '@helpdesk/shared/wire';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Check, CircleDot, Flag, Hand, Inbox, Moon, PanelRight, RotateCcw, Search, Settings, Sparkles, Ticket as TicketIcon, UserPlus } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { RequestError } from '@helpdesk/shared/http';
import { fetchTicket } from '../api/inbox';
import { keys } from '../api/keys';
import { mayManage, useAvailability, useMe } from '../app/me';
import { queryClient } from '../app/query-client';
import { sayFault, sayWrong } from '../app/toast';
import { toggleDetails } from '../details/details-shown';
import { t } from '../i18n/translate';
import { Face } from '../parts/Face';
import { conversationsOf, type QueuePages } from '../queue/pages';
import { VIEWS } from '../queue/views';
import { SETTINGS_PAGES } from '../settings/pages';
import { useActions } from '../thread/use-actions';
import { useConversation } from '../thread/use-conversation';
import classes from './Palette.module.css';
import { paletteStore } from './open-palette';
import { find } from './find';

interface Choice {
  id: string;
  group: string;
  label: string;
  hint?: string | undefined;
  keys?: string | undefined;
  words: string;
  icon: ReactNode;
  run: () => void;
}

export function Palette() {
  const [query, setQuery] = useState('');
  const { opened } = useSpotlight(paletteStore);
  const choices = useChoices(opened);
  const ticket = useTicketChoice(query);
  const found = useMemo(() => [...(ticket ? [ticket] : []), ...find(choices, query)], [choices, query, ticket]);
  const groups = [...new Set(found.map((choice) => choice.group))];
  return (
    <Spotlight.Root store={paletteStore} query={query} onQueryChange={setQuery} shortcut={['mod + K']} tagsToIgnore={[]} triggerOnContentEditable scrollable maxHeight={440} transitionProps={{ duration: 90 }} clearQueryOnClose attributes={{ content: { 'aria-label': t('palette.placeholder') } }}>
      <Spotlight.Search placeholder={t('palette.placeholder')} aria-label={t('palette.placeholder')} leftSection={<Search size={18} aria-hidden="true" />} />
      <Spotlight.ActionsList>
        {found.length === 0 && <Spotlight.Empty>{t('palette.nothing')}</Spotlight.Empty>}
        {groups.map((group) => (
          <Spotlight.ActionsGroup key={group} label={group}>
            {found
              .filter((choice) => choice.group === group)
              .map((choice) => (
                <Spotlight.Action key={choice.id} onClick={choice.run} className={classes.action}>
                  <span className={classes.row}>
                    <span className={classes.icon}>{choice.icon}</span>
                    <span className={classes.label} dir="auto">
                      {choice.label}
                    </span>
                    {choice.hint && (
                      <span className={classes.hint} dir="auto">
                        {choice.hint}
                      </span>
                    )}
                    {choice.keys && <kbd className={classes.keys}>{choice.keys}</kbd>}
                  </span>
                </Spotlight.Action>
              ))}
          </Spotlight.ActionsGroup>
        ))}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

/** A number may be that of a ticket that no loaded row has. */
function useTicketChoice(query: string): Choice | undefined {
  const navigate = useNavigate();
  return useMemo(() => {
    const number = /^\s*#?(\d{1,12})\s*$/.exec(query)?.[1];
    if (number === undefined) return undefined;
    const open = async () => {
      try {
        const ticket = await fetchTicket(Number(number));
        await navigate({ to: '/$view/$conversation', params: { view: 'all', conversation: ticket.conversation } });
      } catch (error) {
        if (error instanceof RequestError && error.status === 404) sayWrong(t('palette.no_ticket', { number }));
        else sayFault(error);
      }
    };
    return { id: 'ticket', group: t('palette.tickets'), label: t('palette.ticket', { number }), words: '', icon: <TicketIcon size={16} />, run: () => void open() };
  }, [query, navigate]);
}

function loadedConversations(): TeamConversation[] {
  const byId = new Map<string, TeamConversation>();
  for (const [, pages] of queryClient.getQueriesData<QueuePages>({ queryKey: keys.queues })) {
    for (const conversation of conversationsOf(pages)) byId.set(conversation.id, conversation);
  }
  return [...byId.values()].sort((left, right) => Date.parse(right.last_activity_at) - Date.parse(left.last_activity_at));
}

function useChoices(opened: boolean): Choice[] {
  const navigate = useNavigate();
  const { view = 'all', conversation: open = '' } = useParams({ strict: false }) as { view?: string; conversation?: string };
  const me = useMe();
  const conversation = useConversation(open);
  const actions = useActions(open);
  const setAvailability = useAvailability();
  const { setColorScheme } = useMantineColorScheme();
  return useMemo(() => {
    if (!opened) return [];
    const choices: Choice[] = [];
    const add = (choice: Omit<Choice, 'words'> & { words?: string }) => choices.push({ ...choice, words: `${choice.label} ${choice.words ?? ''} ${choice.hint ?? ''}`.toLocaleLowerCase() });
    if (open && conversation) {
      const group = t('palette.this_chat');
      const resolved = conversation.status === 'resolved';
      if (conversation.assignee.type !== 'operator' && !resolved) add({ id: 'claim', group, label: t('action.take_over'), keys: 'T', icon: <Hand size={16} />, run: actions.claim });
      if (conversation.assignee.id !== me.operator.id)
        add({ id: 'assign-me', group, label: t('palette.assign_me'), icon: <UserPlus size={16} />, run: () => actions.assign({ type: 'operator', id: me.operator.id, name: me.operator.name }) });
      if (conversation.assignee.type !== 'assistant')
        add({ id: 'hand', group, label: t('action.hand_to_ai'), icon: <Sparkles size={16} />, run: () => actions.assign({ type: 'assistant', id: conversation.assistant.id, name: conversation.assistant.name }) });
      add({ id: 'resolve', group, label: resolved ? t('action.reopen') : t('action.resolve'), keys: 'E', icon: resolved ? <RotateCcw size={16} /> : <Check size={16} />, run: resolved ? actions.reopen : actions.resolve });
      add({ id: 'flag', group, label: conversation.flagged ? t('action.unflag') : t('action.flag'), keys: 'F', icon: <Flag size={16} />, run: () => actions.flag(!conversation.flagged) });
      add({ id: 'details', group, label: t('details.toggle'), icon: <PanelRight size={16} />, run: toggleDetails });
    }
    for (const name of VIEWS)
      add({ id: `view-${name}`, group: t('palette.views'), label: t(`view.${name}`), keys: `G ${name[0]?.toUpperCase()}`, icon: <Inbox size={16} />, run: () => void navigate({ to: '/$view', params: { view: name } }) });
    for (const item of loadedConversations()) {
      add({
        id: item.id,
        group: t('palette.conversations'),
        label: item.contact.name,
        hint: item.last_message?.text,
        words: `${item.contact.email ?? ''} ${item.ticket ? `#${item.ticket.number} ${item.ticket.subject}` : ''}`,
        icon: <Face name={item.contact.name} id={item.contact.id} size={22} />,
        run: () => void navigate({ to: '/$view/$conversation', params: { view, conversation: item.id } }),
      });
    }
    for (const page of SETTINGS_PAGES) {
      if (page.managers && !mayManage(me)) continue;
      add({ id: `settings-${page.to}`, group: t('palette.settings'), label: t(page.key), icon: <Settings size={16} />, run: () => void navigate({ to: page.to }) });
    }
    for (const availability of ['online', 'away', 'busy', 'offline'] as const)
      add({ id: `availability-${availability}`, group: t('palette.you'), label: t('palette.availability', { availability: t(`availability.${availability}`) }), icon: <CircleDot size={16} />, run: () => setAvailability(availability) });
    for (const scheme of ['light', 'dark', 'auto'] as const)
      add({ id: `colours-${scheme}`, group: t('palette.you'), label: t('palette.colours', { colours: t(`user.colours_${scheme}`) }), icon: <Moon size={16} />, run: () => setColorScheme(scheme) });
    return choices;
  }, [opened, open, conversation, actions, me, navigate, view, setAvailability, setColorScheme]);
}
