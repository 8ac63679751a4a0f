/** What the keyboard can do. */

import { Kbd, Modal, Switch } from '@mantine/core';
import { useObserved } from '../app/observable';
import { singleKeys } from '../app/shortcuts';
import { t, type TextKey } from '../i18n/translate';
import classes from './ShortcutSheet.module.css';

const GROUPS: readonly { title: TextKey; rows: readonly { keys: readonly string[]; text: TextKey }[] }[] = [
  {
    title: 'shortcuts.everywhere',
    rows: [
      { keys: ['Ctrl', 'K'], text: 'shortcuts.palette' },
      { keys: ['?'], text: 'shortcuts.sheet' },
      { keys: ['G', 'A'], text: 'shortcuts.all' },
      { keys: ['G', 'M'], text: 'shortcuts.mine' },
      { keys: ['G', 'U'], text: 'shortcuts.unassigned' },
      { keys: ['G', 'W'], text: 'shortcuts.waiting' },
      { keys: ['G', 'C'], text: 'shortcuts.claimed' },
      { keys: ['G', 'P'], text: 'shortcuts.pending' },
      { keys: ['G', 'R'], text: 'shortcuts.resolved' },
      { keys: ['G', 'S'], text: 'shortcuts.settings' },
    ],
  },
  {
    title: 'shortcuts.chat',
    rows: [
      { keys: ['J'], text: 'shortcuts.next' },
      { keys: ['K'], text: 'shortcuts.previous' },
      { keys: ['T'], text: 'shortcuts.take_over' },
      { keys: ['A'], text: 'shortcuts.assign' },
      { keys: ['E'], text: 'shortcuts.resolve' },
      { keys: ['F'], text: 'shortcuts.flag' },
      { keys: ['R'], text: 'shortcuts.reply' },
      { keys: ['N'], text: 'shortcuts.note' },
      { keys: ['Esc'], text: 'shortcuts.close' },
    ],
  },
  {
    title: 'shortcuts.writing',
    rows: [
      { keys: ['Enter'], text: 'shortcuts.send' },
      { keys: ['Shift', 'Enter'], text: 'shortcuts.new_line' },
      { keys: ['Alt', 'L'], text: 'shortcuts.reply' },
      { keys: ['Alt', 'P'], text: 'shortcuts.note' },
      { keys: ['Alt', 'J'], text: 'shortcuts.next' },
      { keys: ['Alt', 'K'], text: 'shortcuts.previous' },
      { keys: ['Alt', 'E'], text: 'shortcuts.resolve' },
    ],
  },
];

export default function ShortcutSheet({ close }: { close: () => void }) {
  const on = useObserved(singleKeys);
  return (
    <Modal opened onClose={close} title={t('shortcuts.title')} size="lg">
      <div className={classes.groups}>
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3 className={classes.title}>{t(group.title)}</h3>
            <dl className={classes.rows}>
              {group.rows.map((row) => (
                <div key={row.keys.join()} className={classes.row}>
                  <dt>{t(row.text)}</dt>
                  <dd>
                    {row.keys.map((key) => (
                      <Kbd key={key} size="xs">
                        {key}
                      </Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Switch mt="md" size="sm" label={t('user.single_keys')} checked={on} onChange={(event) => singleKeys.set(event.currentTarget.checked)} />
    </Modal>
  );
}
