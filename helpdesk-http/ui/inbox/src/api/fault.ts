/** What went wrong, in words for people and in the parts that forms need. */

import { RequestError } from '@helpdesk/shared/http';
import { t } from '../i18n/translate';

/** A sentence for people. The server's `detail` is written for them; a lost line is not its business. */
export function faultText(error: unknown): string {
  if (!(error instanceof RequestError)) return t('fault.unknown');
  if (error.status === 0) return t('fault.offline');
  if (error.status === 429) return t('fault.rate_limited');
  if (error.status === 403) return t('fault.forbidden');
  return withoutField(error.message, faultField(error)) || t('fault.unknown');
}

/** The server names the field at fault before its sentence; beside the field itself that is noise. */
function withoutField(message: string, field: string | undefined): string {
  const prefix = `${field}: `;
  if (field === undefined || !message.startsWith(prefix)) return message;
  const rest = message.slice(prefix.length);
  return rest.charAt(0).toLocaleUpperCase() + rest.slice(1);
}

/** The field of the request that is at fault, with dots into objects. */
export function faultField(error: unknown): string | undefined {
  return error instanceof RequestError ? (error.problem?.field ?? undefined) : undefined;
}

export const hasCode = (error: unknown, code: string): boolean => error instanceof RequestError && error.code === code;

/** Who holds the conversation that somebody else has claimed. */
export function claimedBy(error: unknown): string | undefined {
  if (!(error instanceof RequestError)) return undefined;
  const winner = error.problem?.['claimed_by'];
  if (winner === null || typeof winner !== 'object') return undefined;
  const name = (winner as { name?: unknown }).name;
  return typeof name === 'string' ? name : undefined;
}
