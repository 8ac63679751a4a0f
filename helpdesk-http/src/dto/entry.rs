//! Entries of a timeline.

use chrono::{DateTime, Utc};
use helpdesk_core::model::{self, Audience};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{ActivityKind, Assignee, Author, Delivery, Status};

/// One thing that happened in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Entry {
    /// Its place: dense from 1, never changed.
    pub(crate) seq: u64,
    /// The conversation's version that last changed it; the higher one replaces the lower.
    pub(crate) rev: u64,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
    /// Who did it.
    pub(crate) author: Author,
    /// The channel it went over.
    #[schema(example = "widget")]
    pub(crate) channel: String,
    /// What it is.
    pub(crate) body: Body,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Body {
    /// Said by one side to the other.
    Message {
        /// Plain text, or the small Markdown that both pages draw.
        text: String,
        /// Files; none yet.
        attachments: Vec<serde_json::Value>,
        /// How far it got.
        delivery: Delivery,
        /// The help articles that an answer rests on.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[schema(required = false)]
        citations: Vec<Citation>,
    },
    /// Said within the team. No contact gets it.
    Note {
        /// The text.
        text: String,
        /// The operators it names.
        mentions: Vec<Uuid>,
    },
    /// Something that happened.
    Activity(Activity),
    /// Was removed; the place stays.
    Erased,
}

/// A help article that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Citation {
    /// Its title.
    pub(crate) title: String,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Activity {
    /// What.
    pub(crate) kind: ActivityKind,
    /// The text of a divider: the transition message of a human request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// The operator concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) actor: Option<Author>,
    /// The new assignee.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assignee: Option<Assignee>,
    /// The new status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    /// Why an assistant escalated; team only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// The id of the ticket concerned; team only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<Uuid>,
}

impl Entry {
    /// The entry as this audience gets it; none if it must not see it.
    pub(crate) fn for_audience(entry: &model::Entry, audience: Audience) -> Option<Self> {
        // The engine filters too. This is the last door, so it looks again.
        entry.is_visible_to(audience).then(|| Self {
            seq: entry.seq.0,
            rev: entry.rev.0,
            at: entry.at,
            author: (&entry.author).into(),
            channel: entry.channel.as_str().to_owned(),
            body: Body::for_audience(&entry.body, audience),
        })
    }

    /// Those of the entries that this audience may see.
    pub(crate) fn all<'a>(entries: impl IntoIterator<Item = &'a model::Entry>, audience: Audience) -> Vec<Self> {
        entries.into_iter().filter_map(|entry| Self::for_audience(entry, audience)).collect()
    }
}

impl Body {
    fn for_audience(body: &model::Body, audience: Audience) -> Self {
        match body {
            model::Body::Message(message) => Self::Message {
                text: message.text.clone(),
                attachments: Vec::new(),
                delivery: message.delivery.into(),
                citations: message
                    .citations
                    .iter()
                    .map(|citation| Citation { title: citation.title.clone(), url: citation.url.clone() })
                    .collect(),
            },
            model::Body::Note(note) => {
                Self::Note { text: note.text.clone(), mentions: note.mentions.iter().map(|operator| operator.as_uuid()).collect() }
            }
            model::Body::Activity(activity) => {
                let team = audience == Audience::Team;
                Self::Activity(Activity {
                    kind: activity.kind.into(),
                    text: activity.text.clone(),
                    actor: activity.operator.as_ref().map(Into::into),
                    assignee: activity.assignee.as_ref().map(Into::into),
                    status: activity.status.map(Into::into),
                    reason: activity.reason.clone().filter(|_| team),
                    ticket: activity.ticket.map(|ticket| ticket.as_uuid()).filter(|_| team),
                })
            }
            model::Body::Erased => Self::Erased,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpdesk_core::id::{AssistantId, OperatorId, Seq, TicketId, Version};
    use helpdesk_core::model::{AssistantRef, Channel, OperatorRef};

    fn entry(author: model::Author, body: model::Body) -> model::Entry {
        let at = "2026-11-22T09:00:00.000123Z".parse().unwrap();
        model::Entry { seq: Seq(3), rev: Version(7), at, author, channel: Channel::widget(), body }
    }

    fn operator() -> OperatorRef {
        OperatorRef { id: OperatorId::from_uuid(Uuid::from_u128(5)), name: "Ana".to_owned() }
    }

    #[test]
    fn a_message_of_the_assistant() {
        let author = model::Author::Assistant(AssistantRef { id: AssistantId::from_uuid(Uuid::from_u128(4)), name: "Helper".to_owned() });
        let citations = vec![model::Citation { title: "Returns".to_owned(), url: None }];
        let body = model::Body::Message(model::Message { text: "30 days".to_owned(), delivery: model::Delivery::Sent, citations });
        insta::assert_json_snapshot!(Entry::for_audience(&entry(author, body), Audience::Contact), @r#"
        {
          "seq": 3,
          "rev": 7,
          "at": "2026-11-22T09:00:00.000123Z",
          "author": {
            "type": "assistant",
            "id": "00000000-0000-0000-0000-000000000004",
            "name": "Helper"
          },
          "channel": "widget",
          "body": {
            "type": "message",
            "text": "30 days",
            "attachments": [],
            "delivery": "sent",
            "citations": [
              {
                "title": "Returns"
              }
            ]
          }
        }
        "#);
    }

    #[test]
    fn a_contact_gets_no_note_and_no_inner_activity() {
        let note = model::Body::Note(model::Note { text: "beware".to_owned(), mentions: vec![] });
        let note = entry(model::Author::Operator(operator()), note);
        assert!(Entry::for_audience(&note, Audience::Contact).is_none());
        assert!(Entry::for_audience(&note, Audience::Team).is_some());
        let assigned = entry(model::Author::System, model::Body::Activity(model::Activity::new(model::ActivityKind::Assigned)));
        assert!(Entry::all([&note, &assigned], Audience::Contact).is_empty());
    }

    #[test]
    fn the_reason_and_the_ticket_of_a_public_activity_stay_with_the_team() {
        let mut activity = model::Activity::new(model::ActivityKind::TakeoverRequested);
        activity.text = Some("A team member will be with you shortly.".to_owned());
        activity.reason = Some("is upset".to_owned());
        activity.ticket = Some(TicketId::from_uuid(Uuid::from_u128(9)));
        activity.operator = Some(operator());
        let entry = entry(model::Author::System, model::Body::Activity(activity));
        insta::assert_json_snapshot!(Entry::for_audience(&entry, Audience::Contact).unwrap().body, @r#"
        {
          "type": "activity",
          "kind": "takeover_requested",
          "text": "A team member will be with you shortly.",
          "actor": {
            "type": "operator",
            "id": "00000000-0000-0000-0000-000000000005",
            "name": "Ana"
          }
        }
        "#);
        let team = serde_json::to_value(Entry::for_audience(&entry, Audience::Team).unwrap().body).unwrap();
        assert_eq!(team["reason"], "is upset");
    }
}
