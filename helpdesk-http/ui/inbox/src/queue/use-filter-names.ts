import { useOperators } from '../app/operators';
import { t } from '../i18n/translate';
import { useAssistants } from '../settings/use-assistants';

/** What the ids in a filter are called. */
export function useFilterNames(): { assignee: (assignee: string) => string; assistant: (id: string) => string } {
  const operators = useOperators();
  const assistants = useAssistants();
  return {
    assignee: (assignee) => {
      if (assignee === 'me') return t('assignee.you');
      if (assignee === 'assistant') return t('author.ai');
      if (assignee === 'nobody') return t('assignee.nobody');
      return operators.find(({ id }) => id === assignee)?.name ?? t('author.operator');
    },
    assistant: (id) => assistants.find((assistant) => assistant.id === id)?.name ?? t('details.assistant'),
  };
}
