/** The API of the fake: one function from a request to an answer. */

import type { Article, Assignee, Assistant, ClientFrame, Operator, ServerFrame, View, WorkspaceSettings } from '@helpdesk/shared/wire';
import type { QueueFilter } from '../../src/api/inbox';
import { passes } from '../../src/queue/filters';
import { belongsIn } from '../../src/queue/views';
import type { FakeDesk } from './desk';
import { receive, typing } from './live';

export interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  operator: string;
}

export interface ApiAnswer {
  status: number;
  body?: unknown;
}

const ok = (body: unknown): ApiAnswer => ({ status: 200, body });
export const problem = (status: number, code: string, detail: string, more: object = {}): ApiAnswer => ({ status, body: { type: 'about:blank', title: code, status, code, detail, ...more } });
const missing = problem(404, 'not_found', 'There is no such thing.');

function page<Item>(items: Item[], query: URLSearchParams): { items: Item[]; next_cursor: string | null } {
  const limit = Math.min(200, Number(query.get('limit') ?? 50));
  const start = Number(query.get('cursor') ?? 0);
  const next = start + limit;
  return { items: items.slice(start, next), next_cursor: next < items.length ? String(next) : null };
}

/** Keyset paging as the server does it: the cursor is the place after the last row, wherever rows moved since. */
function queue(desk: FakeDesk, query: URLSearchParams, operator: string): ApiAnswer {
  const view = (query.get('view') ?? 'all') as View;
  const sign = query.get('sort') === 'oldest' ? 1 : -1;
  const filter: QueueFilter = {
    view,
    sort: query.get('sort') === 'oldest' ? 'oldest' : 'newest',
    status: (query.get('status') ?? undefined) as QueueFilter['status'],
    assignee: query.get('assignee') ?? undefined,
    assistant: query.get('assistant') ?? undefined,
    flagged: query.get('flagged') === 'true' || undefined,
    unread: query.get('unread') === 'true' || undefined,
  };
  const limit = Math.min(200, Number(query.get('limit') ?? 50));
  const cursor = query.get('cursor');
  const key = (row: { last_activity_at: string; id: string }) => `${row.last_activity_at} ${row.id}`;
  const rows = [...desk.conversations.keys()]
    .map((id) => desk.row(id))
    .filter((row) => belongsIn(view, row, operator) && passes(filter, row, operator))
    .filter((row) => cursor === null || sign * (key(row) < cursor ? -1 : key(row) > cursor ? 1 : 0) > 0)
    .sort((left, right) => sign * (key(left) < key(right) ? -1 : 1));
  const items = rows.slice(0, limit);
  const last = items[items.length - 1];
  return ok({ items, next_cursor: rows.length > limit && last ? key(last) : null });
}

export function answer(desk: FakeDesk, { method, path, query, body, operator }: ApiRequest): ApiAnswer {
  const me = desk.operator(operator);
  const parts = path.split('/').filter(Boolean);
  const [collection, id, action] = parts;
  if (collection === 'me') {
    if (method === 'PATCH' && String(body['name'] ?? '').includes('REFUSE')) return problem(422, 'invalid', 'name: must be another one', { field: 'name' });
    if (method === 'PATCH') desk.changeOperator(operator, body as Partial<Operator>);
    return ok({ operator: desk.operator(operator), workspace: desk.workspace, logout_url: '/logout' });
  }
  if (collection === 'frames') {
    const frames: ServerFrame[] = [];
    receive(desk, operator, body as unknown as ClientFrame, (frame) => void frames.push(frame));
    return ok({ frames });
  }
  if (collection === 'counts') return ok(desk.counts(operator));
  if (collection === 'operators') return ok(page(desk.operators, query));
  if (collection === 'conversations') {
    if (id === undefined) return queue(desk, query, operator);
    if (!desk.conversations.has(id)) return missing;
    return conversation(desk, me, method, id, action, query, body);
  }
  if (collection === 'contacts' && id !== undefined) {
    if (action === undefined) return desk.contacts.has(id) ? ok(desk.contacts.get(id)) : missing;
    const rows = [...desk.conversations.keys()].map((key) => desk.row(key)).filter((row) => row.contact.id === id);
    return ok(page(rows.sort((left, right) => (left.last_activity_at < right.last_activity_at ? 1 : -1)), query));
  }
  if (collection === 'tickets') {
    const held = [...desk.conversations.values()].find((conversation) => String(conversation.row.ticket?.number) === id);
    if (!held?.row.ticket) return missing;
    const { row } = held;
    return ok({ ...row.ticket, requester: row.contact, assistant: row.assistant, channel: row.channel, conversation: row.id, created_at: row.created_at });
  }
  return settings(desk, me, method, parts, query, body);
}

function conversation(desk: FakeDesk, me: Operator, method: string, id: string, action: string | undefined, query: URLSearchParams, body: Record<string, unknown>): ApiAnswer {
  const held = desk.get(id);
  const result = () => ok({ conversation: desk.row(id) });
  if (action === undefined) return ok(desk.row(id));
  if (action === 'timeline') {
    const limit = Math.min(200, Number(query.get('limit') ?? 50));
    const { seq, version } = held.row;
    const before = query.get('before');
    const entries = before !== null ? held.entries.filter((entry) => entry.seq < Number(before)).slice(-limit) : held.entries.filter((entry) => entry.seq > Number(query.get('after') ?? 0)).slice(0, limit);
    return ok({ entries, seq, version });
  }
  if (method !== 'POST') return problem(405, 'method_not_allowed', 'Not this way.');
  switch (action) {
    case 'messages':
    case 'notes': {
      const text = String(body['text'] ?? '');
      if (text.includes('REFUSE')) return problem(422, 'invalid', 'The text is refused.', { field: 'text' });
      const clientId = body['client_id'] as string | undefined;
      const { entry, again } = action === 'notes' ? desk.notes(id, me, text, clientId) : desk.says(id, me, text, clientId);
      return { status: again ? 200 : 201, body: { entry } };
    }
    case 'claim': {
      const { assignee } = held.row;
      if (assignee.type === 'operator' && assignee.id !== me.id) return problem(409, 'already_claimed', 'Somebody else was first.', { claimed_by: { id: assignee.id, name: assignee.name } });
      if (assignee.id !== me.id) desk.assign(id, me, { type: 'operator', id: me.id, name: me.name }, 'claimed');
      return result();
    }
    case 'assign': {
      const wanted = body['assignee'] as Assignee;
      if (wanted.type === 'assistant') desk.assign(id, me, { type: 'assistant', ...held.row.assistant }, 'handed_back');
      else if (wanted.type === 'operator') desk.assign(id, me, { type: 'operator', id: wanted.id, name: desk.operator(wanted.id ?? '').name }, 'assigned');
      else desk.assign(id, me, { type: 'nobody' }, 'assigned');
      return result();
    }
    case 'status':
      desk.status(id, me, body['status'] as 'open' | 'resolved');
      return result();
    case 'flag':
      desk.commit(id, { flagged: Boolean(body['flagged']) });
      return result();
    case 'read':
      if (held.row.unread > 0) desk.commit(id, { unread: 0 });
      return result();
    case 'typing':
      typing(desk, me.id, id, Boolean(body['note']));
      return { status: 202 };
  }
  return missing;
}

/** Collections of settings. Each write raises the version and leaves a line in the audit log. */
function settings(desk: FakeDesk, me: Operator, method: string, [collection, id]: string[], query: URLSearchParams, body: Record<string, unknown>): ApiAnswer {
  const write = method !== 'GET';
  if (write && me.role === 'operator') return problem(403, 'forbidden', 'Only owners and managers may change settings.');
  const list = collection === 'assistants' ? desk.assistants : collection === 'articles' ? desk.articles : undefined;
  if (collection === 'settings' && id === 'identity-secret') {
    desk.settings.identity.secret_set = true;
    desk.note(me, 'settings.identity_secret', 'settings', null);
    return ok({ secret: 'hd_identity_4sJ2kq8XwLr0PzTt6nVbYc' });
  }
  if (collection === 'settings') {
    if (!write) return ok(desk.settings);
    const { version, ...change } = body;
    if (version !== desk.settings.version) return problem(409, 'version_conflict', 'The settings have changed meanwhile.');
    const support = change['human_support'] as Partial<WorkspaceSettings['human_support']> | undefined;
    const standard = desk.settings.default_language;
    for (const [name, texts] of Object.entries(support ?? {})) {
      if (typeof texts === 'object' && name !== 'threshold' && !(texts as Record<string, string>)[standard]?.trim()) return problem(422, 'invalid', 'A text in the default language is needed.', { field: `human_support.${name}.${standard}` });
    }
    const origins = change['allowed_origins'] as string[] | undefined;
    if (origins?.some((origin) => !/^https?:\/\/[^/]+$/.test(origin))) return problem(422, 'invalid', 'allowed_origins.0: must be an origin such as https://shop.example', { field: 'allowed_origins.0' });
    desk.settings = merge(desk.settings, change);
    desk.settings.version += 1;
    desk.note(me, 'settings.changed', 'settings', change);
    desk.settingsChanged();
    return ok(desk.settings);
  }
  if (list) {
    const found = list.find((item) => item.id === id);
    if (id === undefined && !write) return ok(page<Assistant | Article>(list, query));
    if (id === undefined) {
      if (!String(body['title'] ?? '').trim()) return problem(422, 'invalid', 'A title is needed.', { field: 'title' });
      const made = { id: desk.id(), version: 1, updated_at: desk.time(), ...body } as never;
      (list as unknown[]).unshift(made);
      desk.note(me, 'article.created', String(body['title']), null);
      return { status: 201, body: made };
    }
    if (!found) return missing;
    if (method === 'DELETE') {
      (list as unknown[]).splice(list.findIndex((item) => item === found), 1);
      return { status: 204 };
    }
    if (write) {
      if (body['version'] !== found.version) return problem(409, 'version_conflict', 'It has changed meanwhile.');
      Object.assign(found, body, { version: found.version + 1 });
      desk.note(me, `${collection?.slice(0, -1)}.changed`, id, Object.keys(body));
    }
    return ok(found);
  }
  if (collection === 'tokens') {
    if (!write) return ok({ items: desk.tokens });
    if (method === 'DELETE') {
      desk.tokens.splice(desk.tokens.findIndex((token) => token.id === id), 1);
      return { status: 204 };
    }
    const token = { id: desk.id(), name: String(body['name']), created_at: desk.time(), last_four: 'k9Qz' };
    desk.tokens.unshift(token);
    desk.note(me, 'token.created', token.name, null);
    return { status: 201, body: { token, secret: 'hd_0190a0000000_Vn3rT7yHc2Lp8sWq5dXe1mBz6uJaf0k9Qz' } };
  }
  if (collection === 'audit') return ok(page(desk.audit, query));
  return missing;
}

/** Objects merge, everything else is replaced; texts are replaced whole. */
function merge<Target extends object>(target: Target, change: object): Target {
  const next: Record<string, unknown> = { ...(target as Record<string, unknown>) };
  for (const [name, value] of Object.entries(change)) {
    const old = next[name];
    const isTexts = value !== null && typeof value === 'object' && !Array.isArray(value) && Object.values(value).every((text) => typeof text === 'string') && name !== 'brand' && name !== 'threshold';
    next[name] = value !== null && typeof value === 'object' && !Array.isArray(value) && old !== null && typeof old === 'object' && !isTexts ? merge(old, value) : value;
  }
  return next as Target;
}
