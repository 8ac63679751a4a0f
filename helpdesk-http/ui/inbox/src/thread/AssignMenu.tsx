/** Who answers this conversation: shown, and changed here. */

import { Button, Menu } from '@mantine/core';
import type { TeamConversation } from '@helpdesk/shared/wire';
import { Check, ChevronDown, UserX } from 'lucide-react';
import { useState } from 'react';
import { useMe } from '../app/me';
import { useOperators } from '../app/operators';
import { t } from '../i18n/translate';
import { Face } from '../parts/Face';
import classes from './AssignMenu.module.css';
import { useActions } from './use-actions';
import { useThreadShortcuts } from './use-thread-shortcuts';

export function AssignMenu({ conversation, mine, wide = false }: { conversation: TeamConversation; mine: boolean; wide?: boolean }) {
  const [opened, setOpened] = useState(false);
  const me = useMe().operator;
  const operators = useOperators();
  const actions = useActions(conversation.id);
  const { assignee, assistant } = conversation;
  const others = operators.filter((operator) => operator.id !== me.id);
  const name = assignee.type === 'assistant' ? (assignee.name ?? assistant.name) : assignee.type === 'nobody' ? t('assignee.nobody') : mine ? t('assignee.you') : (assignee.name ?? t('author.operator'));
  useThreadShortcuts(conversation.id, wide ? {} : { a: () => setOpened(true) });
  const tick = (on: boolean) => (on ? <Check size={14} aria-label={t('assignee.current')} /> : undefined);
  return (
    <Menu position="bottom-end" width={250} opened={opened} onChange={setOpened}>
      <Menu.Target>
        <Button
          className={wide ? classes.block : classes.button}
          fullWidth={wide}
          size="compact-md"
          h={32}
          fw={wide ? 500 : undefined}
          variant="default"
          classNames={wide ? { label: classes.blockLabel } : undefined}
          leftSection={
            assignee.type === 'nobody' ? <UserX size={15} /> : <Face name={mine ? me.name : name} id={assignee.id} kind={assignee.type === 'assistant' ? 'assistant' : 'operator'} size={20} />
          }
          rightSection={<ChevronDown size={14} />}
        >
          <span className={classes.name}>{name}</span> <span className="visually-hidden">{t('assign.label')}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={380} className="scroll">
        <Menu.Label>{t('assign.answers')}</Menu.Label>
        <Menu.Item leftSection={<Face name={me.name} id={me.id} kind="operator" size={22} availability={me.availability} />} rightSection={tick(mine)} onClick={() => actions.assign({ type: 'operator', id: me.id, name: me.name })}>
          {t('assign.me')}
        </Menu.Item>
        <Menu.Item
          leftSection={<Face name={assistant.name} kind="assistant" size={22} />}
          rightSection={tick(assignee.type === 'assistant')}
          onClick={() => actions.assign({ type: 'assistant', id: assistant.id, name: assistant.name })}
        >
          {t('action.hand_to_ai')} <span className={classes.hint}>({assistant.name})</span>
        </Menu.Item>
        {others.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>{t('assign.team')}</Menu.Label>
            {others.map((operator) => (
              <Menu.Item
                key={operator.id}
                leftSection={<Face name={operator.name} id={operator.id} kind="operator" size={22} availability={operator.online ? operator.availability : 'offline'} />}
                rightSection={tick(assignee.type === 'operator' && assignee.id === operator.id)}
                onClick={() => actions.assign({ type: 'operator', id: operator.id, name: operator.name })}
              >
                {operator.name}
              </Menu.Item>
            ))}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

