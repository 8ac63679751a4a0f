import { h, type Child } from '../draw';
import type { AuthorType } from '@helpdesk/shared/wire';
import { icon } from './icons';

/** A person's initial, or the assistant's mark. */
export const avatar = (type: AuthorType, name?: string | null): Child => (
  <span class="avatar" data-type={type} aria-hidden="true">
    {type === 'operator' ? ([...(name ?? '')][0] ?? '').toUpperCase() : icon(type === 'system' ? 'chat' : 'spark')}
  </span>
);
