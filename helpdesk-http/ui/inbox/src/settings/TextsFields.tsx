/** Texts that exist once per language: one language at a time, chosen above its fields. */

import { Button, Group, Menu, Select, Textarea, TextInput } from '@mantine/core';
import type { Texts } from '@helpdesk/shared/wire';
import { Plus, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { t, type TextKey } from '../i18n/translate';
import { LANGUAGES, languageLabel } from './languages';

export interface TextsField {
  /** Where the texts stand in the form, with dots into objects. */
  path: string;
  label: TextKey;
  description: TextKey;
  long: boolean;
}

/** What is needed of a form; the forms' own types know their paths and not each other. */
export interface TextsForm {
  getInputProps(path: string): object;
  setFieldValue(path: string, value: Texts): void;
  errors: Readonly<Record<string, ReactNode>>;
}

interface TextsFieldsProps {
  form: TextsForm;
  fields: readonly TextsField[];
  textsAt: (path: string) => Texts;
  /** The language whose texts everybody falls back to. */
  standard: string;
  locked: boolean;
}

export function TextsFields({ form, fields, textsAt, standard, locked }: TextsFieldsProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const used = [...new Set([standard, ...fields.flatMap(({ path }) => Object.keys(textsAt(path)))])];
  const language = chosen && used.includes(chosen) ? chosen : standard;
  const change = (next: (texts: Texts) => Texts) => {
    for (const { path } of fields) form.setFieldValue(path, next(textsAt(path)));
  };
  const add = (tag: string) => {
    // An empty text would be shown to people as one: the new language starts with what they see today.
    change((texts) => ({ ...texts, [tag]: texts[tag] ?? texts[standard] ?? '' }));
    setChosen(tag);
  };
  const remove = (tag: string) => {
    change((texts) => Object.fromEntries(Object.entries(texts).filter(([other]) => other !== tag)));
    setChosen(null);
  };
  return (
    <>
      <Group align="flex-end" gap="sm">
        <Select
          label={t('human.language')}
          w={220}
          data={used.map((tag) => ({ value: tag, label: tag === standard ? t('human.standard_language', { language: languageLabel(tag) }) : languageLabel(tag) }))}
          value={language}
          onChange={setChosen}
          allowDeselect={false}
        />
        <Menu position="bottom-start" disabled={locked}>
          <Menu.Target>
            <Button variant="default" leftSection={<Plus size={14} />} disabled={locked}>
              {t('human.add_language')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown mah={300} className="scroll">
            {LANGUAGES.filter((tag) => !used.includes(tag)).map((tag) => (
              <Menu.Item key={tag} onClick={() => add(tag)}>
                {languageLabel(tag)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        {language !== standard && (
          <Button variant="subtle" color="red" leftSection={<Trash2 size={14} />} disabled={locked} onClick={() => remove(language)}>
            {t('human.remove_language', { language: languageLabel(language) })}
          </Button>
        )}
      </Group>
      {fields.map(({ path, label, description, long }) => {
        const Field = long ? Textarea : TextInput;
        const texts = textsAt(path);
        return (
          <Field
            // Another language is another field: its undo history and its error are its own.
            key={`${path}.${language}`}
            label={t(label)}
            description={t(description)}
            placeholder={texts[standard] ?? ''}
            dir="auto"
            disabled={locked}
            {...(long ? { autosize: true, minRows: 2, maxRows: 6 } : {})}
            {...form.getInputProps(`${path}.${language}`)}
            value={texts[language] ?? ''}
            // The server names the texts as a whole, or the one language.
            error={form.errors[`${path}.${language}`] ?? form.errors[path]}
          />
        );
      })}
    </>
  );
}
