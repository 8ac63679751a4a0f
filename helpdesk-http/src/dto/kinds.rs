//! The closed lists of words.

use helpdesk_core::{bus, model, store};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $core:path { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl From<$core> for $name {
            fn from(kind: $core) -> Self {
                use $core as Core;
                match kind {
                    $(Core::$variant => Self::$variant),+
                }
            }
        }

        impl From<$name> for $core {
            fn from(kind: $name) -> Self {
                use $core as Core;
                match kind {
                    $($name::$variant => Core::$variant),+
                }
            }
        }
    )+};
}

kinds! {
    /// Where a conversation stands.
    Status = model::Status {
        /// Somebody of ours owes the next step.
        Open,
        /// The contact owes the next step.
        Pending,
        /// Closed.
        Resolved,
    }
    /// How urgent it is.
    Priority = model::Priority { Low, Normal, High, Urgent }
    /// Where a ticket stands.
    TicketStatus = model::TicketStatus { Unassigned, Assigned, Resolved, Archived }
    /// How far a message got.
    Delivery = model::Delivery { Queued, Sent, Delivered, Read, Failed }
    /// What an operator may do.
    Role = model::Role { Operator, Manager, Owner }
    /// Whether an operator can be given work; set by hand.
    Availability = model::Availability { Online, Away, Busy, Offline }
    /// What happened.
    ActivityKind = model::ActivityKind { Assigned, Claimed, TakeoverRequested, HandedBack, StatusChanged, Escalated, Merged }
    /// What the human button counts before it shows.
    ThresholdCount = model::ThresholdCount { AssistantReplies, Messages }
    /// To whom operators may assign.
    AssignTo = model::AssignTo { Anyone, Participants }
    /// What a contact's message to a resolved conversation does.
    AfterResolve = model::AfterResolve { New, Reopen }
    /// Whether visitors without a signed identity may chat.
    IdentityMode = model::IdentityMode { Open, VerifiedOnly }
    /// The order of a queue.
    Sort = store::Sort {
        /// Latest activity first.
        Newest,
        /// Earliest activity first.
        Oldest,
    }
    /// What the team is told of at once.
    NotificationKind = bus::NotificationKind { ConversationCreated, TakeoverRequested, Message }
}

/// The views of the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    /// Everything.
    #[default]
    All,
    /// I answer, or am responsible for its open ticket.
    Mine,
    /// An open ticket that nobody is responsible for, or nobody answers.
    Unassigned,
    /// Nobody answers, or a takeover is requested and no operator answers yet.
    Waiting,
    /// An operator answers.
    Claimed,
    /// It waits for the contact.
    Pending,
    /// I was mentioned. Nothing mentions operators yet: empty.
    Tagged,
    /// Resolved.
    Resolved,
}

impl View {
    /// The store's view; none for what no store keeps.
    pub(crate) const fn in_store(self) -> Option<store::QueueView> {
        use store::QueueView;
        Some(match self {
            Self::All => QueueView::All,
            Self::Mine => QueueView::Mine,
            Self::Unassigned => QueueView::Unassigned,
            Self::Waiting => QueueView::Waiting,
            Self::Claimed => QueueView::Claimed,
            Self::Pending => QueueView::Pending,
            Self::Resolved => QueueView::Resolved,
            Self::Tagged => return None,
        })
    }
}
