//! Tickets and their numbers.

use super::StoreFixture;
use super::scene::{Scene, done};
use crate::id::{TicketId, TicketNumber, Version};
use crate::model::{Ticket, TicketStatus};
use crate::store::{Outcome, TicketRef, Write};
use crate::testing::samples;

fn ticket(scene: &Scene<'_>) -> Ticket {
    samples::ticket(&scene.fixture.ids, &scene.conversation())
}

async fn open(scene: &Scene<'_>, ticket: &mut Ticket) {
    let committed = scene.put([Write::OpenTicket(Box::new(ticket.clone()))]).await;
    let [(id, number)] = committed.tickets[..] else { panic!("one ticket was opened: {committed:?}") };
    assert_eq!(id, ticket.id);
    ticket.number = number;
}

async fn find(scene: &Scene<'_>, refs: &[TicketRef]) -> Vec<Ticket> {
    let mut found = scene.store().tickets(scene.workspace.id, refs).await.unwrap();
    found.sort_unstable_by_key(|ticket| ticket.id);
    found
}

/// A ticket is found by both its names; absent ones are left out.
pub async fn a_ticket_is_found_by_id_and_by_number(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut tickets = [ticket(&scene), ticket(&scene), ticket(&scene)];
    for ticket in &mut tickets {
        open(&scene, ticket).await;
    }
    for ticket in &tickets {
        assert_eq!(find(&scene, &[TicketRef::Id(ticket.id)]).await, std::slice::from_ref(ticket));
        assert_eq!(find(&scene, &[TicketRef::Number(ticket.number)]).await, std::slice::from_ref(ticket));
    }
    let mixed = [
        TicketRef::Number(tickets[2].number),
        TicketRef::Id(TicketId::generate(&fixture.ids)),
        TicketRef::Number(TicketNumber(1_000_000)),
        TicketRef::Number(TicketNumber::ZERO),
        TicketRef::Id(tickets[0].id),
    ];
    assert_eq!(find(&scene, &mixed).await, [tickets[0].clone(), tickets[2].clone()]);
    assert_eq!(find(&scene, &[]).await, []);
}

/// A later ticket has a higher number, from 1 on; a refused commit may leave a gap but no number twice.
pub async fn numbers_rise(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut last = TicketNumber::ZERO;
    for round in 0..5 {
        let mut opened = ticket(&scene);
        open(&scene, &mut opened).await;
        assert!(opened.number > last, "{} comes after {last}", opened.number);
        last = opened.number;
        if round % 2 == 0 {
            let mut refused = scene.writing([Write::OpenTicket(Box::new(ticket(&scene)))]);
            refused.guards.push(super::scene::guard(scene.conversation().id, 1));
            assert!(matches!(scene.commit(refused).await, Outcome::Conflict(_)));
        }
    }
}

/// Whatever number the value has, a ticket that changes keeps the one that it drew.
pub async fn a_ticket_keeps_its_number(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut opened = ticket(&scene);
    opened.number = TicketNumber(77);
    open(&scene, &mut opened).await;
    assert_eq!(find(&scene, &[TicketRef::Id(opened.id)]).await, [opened.clone()]);
    for (version, number) in [(2, TicketNumber::ZERO), (3, TicketNumber(99))] {
        let mut changed = opened.clone();
        changed.version = Version(version);
        changed.status = TicketStatus::Resolved;
        changed.number = number;
        let committed = scene.put([Write::Ticket(Box::new(changed.clone()))]).await;
        assert_eq!(committed.tickets, [], "a number was drawn though no ticket was opened");
        changed.number = opened.number;
        assert_eq!(find(&scene, &[TicketRef::Number(opened.number)]).await, [changed]);
        assert_eq!(find(&scene, &[TicketRef::Number(TicketNumber(99))]).await, []);
    }
}

/// Each gets its own number, and may be changed in the commit that opens it.
pub async fn a_commit_may_open_several_tickets(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut tickets = [ticket(&scene), ticket(&scene), ticket(&scene)];
    let mut changed = tickets[1].clone();
    changed.version = Version(2);
    changed.subject = "Changed at once".to_owned();
    let writes = tickets.iter().map(|ticket| Write::OpenTicket(Box::new(ticket.clone())));
    let commit = scene.writing(writes.chain([Write::Ticket(Box::new(changed.clone()))]));
    let committed = done(scene.commit(commit).await);
    assert_eq!(committed.tickets.len(), 3);
    tickets[1] = changed;
    for ticket in &mut tickets {
        ticket.number = committed.tickets.iter().find(|(id, _)| *id == ticket.id).unwrap().1;
    }
    assert!(tickets[0].number < tickets[1].number && tickets[1].number < tickets[2].number);
    assert_eq!(find(&scene, &tickets.clone().map(|ticket| TicketRef::Id(ticket.id))).await, tickets);
}
