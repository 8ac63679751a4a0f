import type { Counts } from '@helpdesk/shared/wire';
import { describe, expect, it } from 'vitest';
import { belongsIn, countsAfter, detailStatus, isWaiting, rowStatus, VIEWS } from '../src/queue/views';
import { conversation } from './samples';

const ME = 'me';
const ticket = { id: 't', number: 1, subject: '', priority: 'normal' as const };
const views = (row: Parameters<typeof belongsIn>[1]) => VIEWS.filter((view) => belongsIn(view, row, ME));

describe('views', () => {
  it('show a chat of the assistant only under all', () => {
    expect(views(conversation('a', 1))).toEqual(['all']);
  });
  it('show a request for a human as waiting, and its ticket as unassigned', () => {
    const row = conversation('a', 1, { takeover_requested_at: '2026-01-01T00:00:00Z', ticket: { ...ticket, status: 'unassigned', assignee: { type: 'nobody' } } });
    expect(views(row)).toEqual(['all', 'unassigned', 'waiting']);
    expect([rowStatus(row), detailStatus(row)]).toEqual(['waiting', 'takeover_request']);
  });
  it('show what I answer as mine and claimed, even where a request is still noted', () => {
    const row = conversation('a', 1, { assignee: { type: 'operator', id: ME }, takeover_requested_at: '2026-01-01T00:00:00Z' });
    expect(views(row)).toEqual(['all', 'mine', 'claimed']);
    expect(isWaiting(row)).toBe(false);
  });
  it('show as mine what I am responsible for while the assistant answers', () => {
    expect(views(conversation('a', 1, { ticket: { ...ticket, status: 'assigned', assignee: { type: 'operator', id: ME } } }))).toEqual(['all', 'mine']);
  });
  it('show nothing but all and resolved for a resolved one', () => {
    const row = conversation('a', 1, { status: 'resolved', assignee: { type: 'operator', id: ME }, ticket: { ...ticket, status: 'resolved', assignee: { type: 'operator', id: ME } } });
    expect(views(row)).toEqual(['all', 'resolved']);
    expect([rowStatus(row), detailStatus(row)]).toEqual(['resolved', 'resolved']);
  });
  it('where nobody answers: unassigned and waiting', () => {
    expect(views(conversation('a', 1, { assignee: { type: 'nobody' } }))).toEqual(['all', 'unassigned', 'waiting']);
  });
});

it('moves the counts with a conversation', () => {
  const counts: Counts = { all: 5, mine: 0, unassigned: 1, waiting: 1, claimed: 0, pending: 0, tagged: 0, resolved: 2 };
  const before = conversation('a', 1, { assignee: { type: 'nobody' } });
  const after = conversation('a', 1, { assignee: { type: 'operator', id: ME } });
  expect(countsAfter(counts, before, after, ME)).toEqual({ ...counts, mine: 1, unassigned: 0, waiting: 0, claimed: 1 });
});
