//! The queue: views, filters, orders, cursors and counts, held against the rules that the model has for them.

use std::cmp::Reverse;

use super::StoreFixture;
use super::scene::{self, Scene};
use crate::id::{AssistantId, ContactId, ConversationId, IdGen as _, TicketId, Version};
use crate::model::{Assignee, AssistantRef, Contact, Conversation, Priority, Status, Ticket, TicketLink, TicketStatus};
use crate::store::{AssigneeFilter, QueueCursor, QueueQuery, QueueRow, QueueView, Sort, ViewCounts, Write};
use crate::testing::dice::Dice;
use crate::testing::samples;

const VIEWS: [QueueView; 7] = [
    QueueView::All,
    QueueView::Mine,
    QueueView::Unassigned,
    QueueView::Waiting,
    QueueView::Claimed,
    QueueView::Pending,
    QueueView::Resolved,
];

/// A desk with many conversations in all states, several of them active at the same moment.
struct Desk<'a> {
    scene: Scene<'a>,
    rows: Vec<Conversation>,
    contacts: Vec<Contact>,
    tickets: Vec<Ticket>,
    /// The tickets that conversations are linked to: these, and one that is not stored.
    linked: Vec<TicketId>,
    assistants: Vec<AssistantRef>,
    dice: Dice,
}

/// Opens so many tickets.
async fn opened(scene: &Scene<'_>, count: usize) -> Vec<Ticket> {
    let mut tickets: Vec<_> = (0..count).map(|_| samples::ticket(&scene.fixture.ids, &scene.conversation())).collect();
    let numbers = scene.put(tickets.iter().map(|ticket| Write::OpenTicket(Box::new(ticket.clone())))).await.tickets;
    for ticket in &mut tickets {
        ticket.number = numbers.iter().find(|(id, _)| *id == ticket.id).unwrap().1;
    }
    tickets
}

impl<'a> Desk<'a> {
    async fn with(fixture: &'a StoreFixture, conversations: usize) -> Self {
        let scene = Scene::new(fixture);
        let contacts: Vec<Contact> = (0..5).map(|_| scene.contact()).collect();
        scene.put(contacts.iter().map(scene::contact)).await;
        let tickets = opened(&scene, 4).await;
        let linked = tickets.iter().map(|ticket| ticket.id).chain([TicketId::generate(&fixture.ids)]).collect();
        let other = AssistantRef { id: AssistantId::generate(&fixture.ids), name: "Other".to_owned() };
        let assistants = vec![scene.workspace.assistant.reference(), other];
        let mut desk = Self { scene, rows: Vec::new(), contacts, tickets, linked, assistants, dice: Dice::new(7) };
        for _ in 0..conversations {
            let mut row = desk.scene.conversation();
            // Ids do not rise with activity: the draw decides over their high bits.
            row.id = ConversationId::from_uuid(uuid::Uuid::from_u128(
                fixture.ids.next().as_u128() | (u128::from(desk.dice.below(1 << 30)) << 96),
            ));
            row.contact = desk.dice.pick(&desk.contacts).id;
            row.assistant = desk.dice.pick(&desk.assistants);
            desk.shuffle(&mut row);
            desk.rows.push(row);
        }
        for some in desk.rows.chunks(25) {
            desk.scene.put(some.iter().map(scene::conversation)).await;
        }
        desk
    }

    /// Puts a conversation in any state.
    fn shuffle(&mut self, row: &mut Conversation) {
        let [first, second] = &self.scene.workspace.operators;
        let dice = &mut self.dice;
        let operators = [first.reference(), second.reference()];
        row.assignee = match dice.below(4) {
            0 => Assignee::Nobody,
            1 | 2 => Assignee::Assistant,
            _ => Assignee::Operator(dice.pick(&operators)),
        };
        row.status = dice.pick(&[Status::Open, Status::Open, Status::Pending, Status::Resolved]);
        row.takeover_requested_at = dice.once_in(3).then(|| samples::moment(1));
        row.ticket = dice.once_in(2).then(|| {
            let status = dice.pick(&[TicketStatus::Unassigned, TicketStatus::Assigned, TicketStatus::Resolved, TicketStatus::Archived]);
            let assignee = (status != TicketStatus::Unassigned).then(|| dice.pick(&operators));
            TicketLink { id: dice.pick(&self.linked), status, assignee }
        });
        row.flagged = dice.once_in(3);
        row.unread_for_team = dice.below(3);
        row.unread_for_contact = dice.below(3);
        row.priority = dice.pick(&[Priority::Low, Priority::Normal, Priority::High, Priority::Urgent]);
        row.last_activity_at = samples::moment(i64::try_from(dice.below(15)).unwrap()) + chrono::TimeDelta::microseconds(1);
    }

    fn query(&self, view: QueueView) -> QueueQuery {
        QueueQuery::of(self.scene.workspace.operators[0].id, view)
    }

    /// What a query should find, by the model's own rules.
    fn expected(&self, query: &QueueQuery) -> Vec<QueueRow> {
        let mut rows: Vec<_> = self.rows.iter().filter(|row| query.holds(row)).collect();
        match query.sort {
            Sort::Newest => rows.sort_unstable_by_key(|row| Reverse((row.last_activity_at, row.id))),
            Sort::Oldest => rows.sort_unstable_by_key(|row| (row.last_activity_at, row.id)),
        }
        rows.into_iter().map(|row| self.row(row)).collect()
    }

    fn row(&self, conversation: &Conversation) -> QueueRow {
        let contact = self.contacts.iter().find(|contact| contact.id == conversation.contact);
        let linked = conversation.ticket.as_ref().map(|link| link.id);
        let ticket = self.tickets.iter().find(|ticket| Some(ticket.id) == linked);
        QueueRow {
            conversation: conversation.clone().into(),
            contact: contact.cloned().map(Into::into),
            ticket: ticket.cloned().map(Into::into),
        }
    }

    /// Follows the cursors of a query to the end.
    async fn walk(&self, query: &QueueQuery) -> Vec<QueueRow> {
        let mut query = query.clone();
        let mut found: Vec<QueueRow> = Vec::new();
        loop {
            let page = self.scene.store().queue(self.scene.workspace.id, &query).await.unwrap();
            assert!(page.items.len() <= query.limit as usize, "more rows than asked for");
            found.extend(page.items);
            assert!(found.len() <= self.rows.len(), "pages repeat themselves: {query:?}");
            match page.next {
                Some(next) => {
                    assert_ne!(Some(next), query.cursor, "the cursor stands still");
                    query.cursor = Some(next);
                }
                None => return found,
            }
        }
    }

    async fn check(&self, query: &QueueQuery) {
        let (found, expected) = (self.walk(query).await, self.expected(query));
        let ids = |rows: &[QueueRow]| rows.iter().map(|row| row.conversation.id).collect::<Vec<_>>();
        assert_eq!(ids(&found), ids(&expected), "{query:?}");
        assert_eq!(found, expected, "{query:?}");
    }

    /// The counts by the model's own rules.
    fn expected_counts(&self, operator: crate::id::OperatorId) -> ViewCounts {
        let count = |view: QueueView| self.rows.iter().filter(|row| view.holds(row, operator)).count() as u64;
        ViewCounts {
            all: count(QueueView::All),
            mine: count(QueueView::Mine),
            unassigned: count(QueueView::Unassigned),
            waiting: count(QueueView::Waiting),
            claimed: count(QueueView::Claimed),
            pending: count(QueueView::Pending),
            resolved: count(QueueView::Resolved),
        }
    }

    async fn check_counts(&self) {
        let [first, second] = &self.scene.workspace.operators;
        for operator in [first.id, second.id, self.scene.workspace.owner.id] {
            let counts = self.scene.store().counts(self.scene.workspace.id, operator).await.unwrap();
            assert_eq!(counts, self.expected_counts(operator));
        }
    }
}

/// Each view shows what [`QueueView::holds`] says, for each operator.
pub async fn every_view_agrees_with_its_rule(fixture: &StoreFixture) {
    let desk = Desk::with(fixture, 150).await;
    for view in VIEWS {
        let mut query = desk.query(view);
        assert!(!desk.expected(&query).is_empty(), "{view:?} is tried with something in it");
        for operator in desk.scene.workspace.operators.iter().chain([&desk.scene.workspace.owner]) {
            query.operator = operator.id;
            desk.check(&query).await;
        }
    }
}

/// Filters, alone and several at once, in any view.
pub async fn every_filter_agrees_with_its_rule(fixture: &StoreFixture) {
    let desk = Desk::with(fixture, 150).await;
    let all = desk.query(QueueView::All);
    let [first, second] = &desk.scene.workspace.operators;
    let assignees = [
        AssigneeFilter::Assistant,
        AssigneeFilter::Nobody,
        AssigneeFilter::Operator(first.id),
        AssigneeFilter::Operator(second.id),
        AssigneeFilter::Operator(desk.scene.workspace.owner.id),
    ];
    let statuses = [Status::Open, Status::Pending, Status::Resolved];
    let assistants = [desk.assistants[0].id, desk.assistants[1].id, AssistantId::generate(&fixture.ids)];

    let mut alone: Vec<QueueQuery> = Vec::new();
    alone.extend(assignees.map(|filter| QueueQuery { assignee: Some(filter), ..all.clone() }));
    alone.extend(statuses.map(|status| QueueQuery { status: Some(status), ..all.clone() }));
    alone.extend(assistants.map(|assistant| QueueQuery { assistant: Some(assistant), ..all.clone() }));
    alone.extend([true, false].map(|flagged| QueueQuery { flagged: Some(flagged), ..all.clone() }));
    alone.extend([true, false].map(|unread| QueueQuery { unread: Some(unread), ..all.clone() }));
    for query in alone {
        desk.check(&query).await;
    }

    let mut dice = Dice::new(11);
    for _ in 0..100 {
        let query = QueueQuery {
            view: dice.pick(&VIEWS),
            status: dice.once_in(3).then(|| dice.pick(&statuses)),
            assignee: dice.once_in(3).then(|| dice.pick(&assignees)),
            assistant: dice.once_in(3).then(|| dice.pick(&assistants)),
            flagged: dice.once_in(3).then(|| dice.once_in(2)),
            unread: dice.once_in(3).then(|| dice.once_in(2)),
            sort: dice.pick(&[Sort::Newest, Sort::Oldest]),
            limit: dice.pick(&[3, 20, 200]),
            ..all.clone()
        };
        desk.check(&query).await;
    }
}

/// Pages of any size give every row once, in either order, though many were active at the same moment: rows are ordered
/// by last activity and then by id, and one order is the other one backwards.
pub async fn pages_go_on_behind_the_cursor_in_both_orders(fixture: &StoreFixture) {
    let desk = Desk::with(fixture, 60).await;
    for sort in [Sort::Newest, Sort::Oldest] {
        for limit in [1, 2, 7, 59, 60, 61, 200] {
            desk.check(&QueueQuery { sort, limit, ..desk.query(QueueView::All) }).await;
        }
        desk.check(&QueueQuery { sort, limit: 1, ..desk.query(QueueView::Unassigned) }).await;

        // A cursor is a place: the row it was made from may have gone, or never have been.
        let rows = desk.expected(&QueueQuery { sort, ..desk.query(QueueView::All) });
        let mut query = QueueQuery { sort, limit: 200, ..desk.query(QueueView::All) };
        query.cursor = Some(QueueCursor { at: rows[20].conversation.last_activity_at, id: ConversationId::generate(&fixture.ids) });
        let behind = |row: &&QueueRow| {
            let place = (row.conversation.last_activity_at, row.conversation.id);
            let (row, cursor) = (place, query.cursor.map(|cursor| (cursor.at, cursor.id)).unwrap());
            if sort == Sort::Newest { row < cursor } else { row > cursor }
        };
        let expected: Vec<_> = rows.iter().filter(behind).cloned().collect();
        assert_eq!(desk.walk(&query).await, expected);
    }
}

/// What few conversations have is found behind thousands that have it not, in either order: pages may be short on the way, but go on.
pub async fn what_is_rare_is_found_behind_many(fixture: &StoreFixture) {
    let mut desk = Desk::with(fixture, 0).await;
    for number in 0..5_300 {
        let mut row = desk.scene.conversation();
        row.contact = desk.contacts[0].id;
        row.flagged = number < 3 || (4_900..5_010).contains(&number) && number % 5 == 0;
        row.last_activity_at = samples::moment(0) + chrono::TimeDelta::milliseconds(number);
        desk.rows.push(row);
    }
    for some in desk.rows.chunks(200) {
        desk.scene.put(some.iter().map(scene::conversation)).await;
    }
    for sort in [Sort::Newest, Sort::Oldest] {
        for limit in [20, 200] {
            desk.check(&QueueQuery { sort, limit, flagged: Some(true), ..desk.query(QueueView::All) }).await;
        }
    }
}

/// A conversation that changes is shown once, at its new place and with its new state.
pub async fn a_row_moves_with_its_activity(fixture: &StoreFixture) {
    let mut desk = Desk::with(fixture, 40).await;
    for index in 0..40 {
        let mut row = desk.rows[index].clone();
        desk.shuffle(&mut row);
        row.version = Version(2);
        desk.scene.put([scene::conversation(&row)]).await;
        desk.rows[index] = row;
        if index % 8 == 0 {
            for view in VIEWS {
                desk.check(&desk.query(view)).await;
            }
        }
    }
    for view in VIEWS {
        desk.check(&QueueQuery { limit: 7, ..desk.query(view) }).await;
    }
}

/// Each count is that of the rows that its view shows; in an empty workspace there are none.
pub async fn counts_agree_with_the_views(fixture: &StoreFixture) {
    let empty = Desk::with(fixture, 0).await;
    empty.check_counts().await;
    empty.check(&empty.query(QueueView::All)).await;
    Desk::with(fixture, 150).await.check_counts().await;
}

/// However conversations change, counts stay those of the rows.
pub async fn counts_follow_every_change(fixture: &StoreFixture) {
    let mut desk = Desk::with(fixture, 25).await;
    for round in 2..8 {
        for index in 0..desk.rows.len() {
            let mut row = desk.rows[index].clone();
            desk.shuffle(&mut row);
            row.version = Version(round);
            desk.scene.put([scene::conversation(&row)]).await;
            desk.rows[index] = row;
        }
        desk.check_counts().await;
    }
    // Several writes of one conversation in one commit count as the last of them.
    let mut row = desk.rows[0].clone();
    let mut writes = Vec::new();
    for version in 8..12 {
        desk.shuffle(&mut row);
        row.version = Version(version);
        writes.push(scene::conversation(&row));
    }
    desk.scene.put(writes).await;
    desk.rows[0] = row;
    desk.check_counts().await;
    // A refused commit counts for nothing.
    let mut refused = desk.scene.writing([scene::conversation(&desk.scene.conversation())]);
    refused.guards.push(scene::guard(desk.rows[0].id, 1));
    assert!(matches!(desk.scene.commit(refused).await, crate::store::Outcome::Conflict(_)));
    desk.check_counts().await;
}

/// A contact's conversations, and nobody else's, latest activity first, in pages of any size.
pub async fn a_contact_has_its_conversations(fixture: &StoreFixture) {
    let mut desk = Desk::with(fixture, 60).await;
    for index in 0..20 {
        let mut row = desk.rows[index].clone();
        desk.shuffle(&mut row);
        row.version = Version(2);
        desk.scene.put([scene::conversation(&row)]).await;
        desk.rows[index] = row;
    }
    for contact in desk.contacts.iter().map(|contact| contact.id).chain([ContactId::generate(&fixture.ids)]) {
        let all = desk.expected(&desk.query(QueueView::All));
        let expected: Vec<_> = all.into_iter().filter(|row| row.conversation.contact == contact).collect();
        for limit in [1, 3, 200] {
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let page = desk.scene.store().conversations_of(desk.scene.workspace.id, contact, cursor, limit).await.unwrap();
                assert!(page.items.len() <= limit as usize, "more rows than asked for");
                found.extend(page.items);
                assert!(found.len() <= expected.len(), "pages repeat themselves");
                match page.next {
                    Some(next) => cursor = Some(next),
                    None => break,
                }
            }
            assert_eq!(found, expected);
        }
    }
}
