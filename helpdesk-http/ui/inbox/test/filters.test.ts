import { describe, expect, it } from 'vitest';
import type { QueueFilter } from '../src/api/inbox';
import { filterKey, narrowing, passes, readSearch, searchText } from '../src/queue/filters';
import { withConversation } from '../src/queue/pages';
import { conversation, pages } from './samples';

const ME = 'me-id';
const filter = (more: Partial<QueueFilter>): QueueFilter => ({ view: 'all', sort: 'newest', ...more });

describe('filters in the address', () => {
  it('survive the way there and back', () => {
    const search = { sort: 'oldest', status: 'pending', assignee: 'me', assistant: 'a', flagged: true, unread: true } as const;
    expect(readSearch(search)).toEqual(search);
    expect(searchText(search)).toBe('?sort=oldest&status=pending&assignee=me&assistant=a&flagged=true&unread=true');
  });

  it('leave out what is usual and what nobody understands', () => {
    expect(readSearch({ sort: 'newest', status: 'lost', assignee: '', assistant: 7, flagged: 'yes', unread: false, panel: 'details' })).toEqual({});
    expect(searchText({})).toBe('');
  });

  it('are counted, and tell lists apart', () => {
    expect(narrowing({ sort: 'oldest' })).toBe(0);
    expect(narrowing({ flagged: true, assignee: 'nobody' })).toBe(2);
    expect(filterKey(filter({ flagged: true }))).not.toBe(filterKey(filter({ unread: true })));
    expect(filterKey(filter({}))).toBe(filterKey(filter({ flagged: undefined })));
  });
});

describe('a filtered list', () => {
  const mine = conversation('a', 1, { assignee: { type: 'operator', id: ME }, flagged: true, unread: 2 });

  it('judges as the server does', () => {
    expect(passes(filter({}), mine, ME)).toBe(true);
    expect(passes(filter({ flagged: true, unread: true, assignee: 'me', status: 'open' }), mine, ME)).toBe(true);
    expect(passes(filter({ assignee: ME }), mine, ME)).toBe(true);
    expect(passes(filter({ assignee: 'me' }), mine, 'other')).toBe(false);
    expect(passes(filter({ assignee: 'assistant' }), mine, ME)).toBe(false);
    expect(passes(filter({ assignee: 'nobody' }), conversation('a', 1, { assignee: { type: 'nobody' } }), ME)).toBe(true);
    expect(passes(filter({ status: 'resolved' }), mine, ME)).toBe(false);
    expect(passes(filter({ unread: true }), conversation('a', 1), ME)).toBe(false);
    expect(passes(filter({ assistant: 'other' }), mine, ME)).toBe(false);
  });

  it('lets a conversation go with the change that no longer passes, and takes in what now does', () => {
    const unread = filter({ unread: true });
    const held = withConversation(pages([mine]), unread, { ...mine, version: 2, unread: 0 }, ME);
    expect(held.pages[0]?.items).toEqual([]);
    expect(withConversation(held, unread, { ...mine, version: 3, unread: 1 }, ME).pages[0]?.items).toHaveLength(1);
  });
});
