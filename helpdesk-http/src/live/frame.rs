//! The frames of the live protocol.

use chrono::{DateTime, Utc};
use helpdesk_core::engine::ClientId;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::{Author, ContactConversation, Counts, Entry, NotificationKind, Operator, PageView, TeamConversation};
use crate::extract::{Number, parse};
use crate::problem::Problem;

/// The oldest version of the protocol that this server still speaks.
pub(crate) const MIN_CLIENT: u32 = 1;

macro_rules! client_frames {
    ($($(#[$doc:meta])* $name:ident = $type:literal { $($(#[$field_doc:meta])* $field:ident: $kind:ty),* $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Deserialize, ToSchema)]
            #[serde(deny_unknown_fields)]
            pub(crate) struct $name {
                /// What it is.
                #[serde(rename = "type")]
                #[schema(value_type = String, example = $type)]
                _type: IgnoredAny,
                $($(#[$field_doc])* pub(crate) $field: $kind),*
            }
        )+

        /// A frame of a client.
        #[derive(Clone, Debug)]
        pub(crate) enum ClientFrame {
            $($(#[$doc])* $name($name)),+
        }

        impl ClientFrame {
            /// Reads a frame.
            pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
                #[derive(Deserialize)]
                struct Tag {
                    #[serde(rename = "type")]
                    kind: String,
                }
                let Tag { kind } = parse(bytes)?;
                match kind.as_str() {
                    $($type => parse(bytes).map(Self::$name),)+
                    _ => Err(Problem::invalid("type", concat!("type: must be one of", $(" ", $type),+))),
                }
            }
        }
    };
}

client_frames! {
    /// The first frame of a socket.
    Hello = "hello" {
        /// The version of the protocol that the client speaks.
        protocol: u32,
        /// Who it is; none: the host's cookie says so.
        token: Option<String>,
        /// The page being viewed; a widget's.
        page: Option<PageView>,
    }
    /// Listens to a topic.
    Subscribe = "subscribe" {
        /// `conversation:{id}` or `queue`.
        topic: String,
        /// The last version of the conversation, or the last cursor of the queue; none: only what is new.
        after: Option<After>,
    }
    /// Listens no more.
    Unsubscribe = "unsubscribe" {
        /// The topic.
        topic: String,
    }
    /// Writes a message.
    Send = "send" {
        /// Names the message, so that it is safe to repeat.
        client_id: String,
        /// Where.
        conversation: Uuid,
        /// The message.
        text: String,
    }
    /// Is writing. Repeated every 3 seconds.
    Typing = "typing" {
        /// Where.
        conversation: Uuid,
        /// A note; an operator's.
        note: Option<bool>,
    }
    /// Has read.
    Read = "read" {
        /// Where.
        conversation: Uuid,
        /// Up to this entry.
        seq: Number,
    }
    /// Is still there.
    Ping = "ping" {}
}

/// A frame of a client that may come by POST.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum PostedFrame {
    Send(Send),
    Typing(Typing),
    Read(Read),
}

/// A cursor of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum After {
    /// A version of a conversation.
    Version(Number),
    /// A cursor of the queue.
    Cursor(String),
}

/// The kinds of live actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActorKind {
    Contact,
    Operator,
}

/// One end of a live connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Actor {
    /// What they are.
    #[serde(rename = "type")]
    pub(crate) kind: ActorKind,
    /// Their id.
    pub(crate) id: Uuid,
}

/// A conversation in the receiver's shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Summary {
    /// For operators.
    Team(Box<TeamConversation>),
    /// For its contact.
    Contact(Box<ContactConversation>),
}

/// Something of the queue that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum QueueChange {
    /// A conversation, as it is now.
    Conversation {
        /// The conversation.
        conversation: Box<TeamConversation>,
    },
    /// An operator, as they are now.
    Operator {
        /// The operator.
        operator: Operator,
    },
    /// The settings; load them again.
    Settings,
}

/// A frame of the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum ServerFrame {
    /// Let in.
    Welcome {
        /// The version of the protocol that is spoken.
        protocol: u32,
        /// The oldest version that is still spoken.
        min_client: u32,
        /// As whom.
        actor: Actor,
    },
    /// A conversation changed.
    Changed {
        /// Which.
        conversation: Uuid,
        /// The version that was sent before on this subscription.
        prev: u64,
        /// The version that is known with this.
        version: u64,
        /// New and changed entries.
        entries: Vec<Entry>,
        /// The conversation as it is now.
        summary: Summary,
    },
    /// The queue changed.
    Queue {
        /// Everything up to here is known with this.
        cursor: String,
        /// What changed.
        changes: Vec<QueueChange>,
        /// The counts of the views.
        #[serde(skip_serializing_if = "Option::is_none")]
        counts: Option<Counts>,
    },
    /// Somebody is writing. Shown for 5 seconds.
    Typing {
        /// Where.
        conversation: Uuid,
        /// Who.
        author: Author,
        /// A note.
        note: bool,
    },
    /// Somebody came or went.
    Presence {
        /// Who.
        actor: Actor,
        /// Came.
        online: bool,
        /// The page being viewed.
        #[serde(skip_serializing_if = "Option::is_none")]
        page: Option<PageView>,
    },
    /// More of the assistant's answer.
    AssistantDelta {
        /// Where.
        conversation: Uuid,
        /// In which turn.
        turn: u64,
        /// Unicode scalar values before this text.
        offset: u64,
        /// The text.
        text: String,
    },
    /// The assistant's answer will not be finished.
    AssistantDiscard {
        /// Where.
        conversation: Uuid,
        /// In which turn.
        turn: u64,
    },
    /// Something the team should know at once.
    Notification {
        /// What of.
        kind: NotificationKind,
        /// Where.
        conversation: Uuid,
        /// When.
        at: DateTime<Utc>,
        /// A preview.
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// A message is stored.
    Ack {
        /// Which.
        client_id: String,
        /// Where.
        conversation: Uuid,
        /// Its place.
        seq: u64,
    },
    /// The cursor is too old: load afresh, then subscribe with the new cursor.
    Resync {
        /// Of this topic.
        topic: String,
    },
    /// Something was refused.
    Error {
        /// The message concerned.
        #[serde(skip_serializing_if = "Option::is_none")]
        client_id: Option<String>,
        /// The topic concerned.
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
        /// What it is; as the `code` of problems.
        code: &'static str,
        /// What it is, for people.
        detail: String,
    },
    /// The answer to a ping.
    Pong,
}

impl ServerFrame {
    /// A refusal that concerns nothing in particular.
    pub(crate) fn error(problem: &Problem) -> Self {
        Self::Error { client_id: None, topic: None, code: problem.code(), detail: problem.detail().to_owned() }
    }

    /// The answer to what could not be read. A message is named by its `client_id` even so, as far as that can be read:
    /// who sent it waits for word of it.
    pub(crate) fn error_of_unreadable(frame: &[u8], problem: &Problem) -> Self {
        #[derive(Deserialize)]
        struct Name {
            client_id: String,
        }
        let name = serde_json::from_slice::<Name>(frame).ok().filter(|name| ClientId::new(&name.client_id).is_ok());
        Self::Error { client_id: name.map(|name| name.client_id), topic: None, code: problem.code(), detail: problem.detail().to_owned() }
    }

    /// The refusal of a message.
    pub(crate) fn error_of_send(client_id: String, problem: &Problem) -> Self {
        Self::Error { client_id: Some(client_id), topic: None, code: problem.code(), detail: problem.detail().to_owned() }
    }

    /// The refusal, or the end, of a subscription.
    pub(crate) fn error_of_topic(topic: String, problem: &Problem) -> Self {
        Self::Error { client_id: None, topic: Some(topic), code: problem.code(), detail: problem.detail().to_owned() }
    }
}
