//! The shapes of conversations, written down.

use helpdesk_core::engine::Details;
use helpdesk_core::model::{self, Role};
use helpdesk_core::testing::{SequentialIds, samples};

use super::{ContactConversation, TeamConversation};

fn details() -> Details {
    let ids = SequentialIds::new();
    let contact = samples::contact(&ids);
    let operator = samples::operator(&ids, "Ana", Role::Operator);
    let assistant = model::Assistant::new(helpdesk_core::id::AssistantId::generate(&ids), "Robin", "retrieval");
    let mut conversation = samples::conversation(&ids, contact.id, &assistant);
    conversation.labels = vec!["refund".to_owned()];
    conversation.assignee = model::Assignee::Operator(operator.reference());
    let mut ticket = samples::ticket(&ids, &conversation);
    ticket.assignee = Some(operator.reference());
    Details {
        conversation: conversation.into(),
        contact: contact.into(),
        contact_online: true,
        ticket: Some(ticket.into()),
        human_button: false,
    }
}

#[test]
fn a_conversation_for_the_team() {
    insta::assert_json_snapshot!(TeamConversation::of(details()));
}

#[test]
fn a_conversation_for_its_contact() {
    insta::assert_json_snapshot!(ContactConversation::of(details()));
}
