//! The shapes of the wire, as `docs/protocol.md` promises them, and how the core's values take them.
//!
//! What a contact must not learn is left out by type, not by filter: contacts and the team get different shapes.

mod article;
mod assistant;
mod audit;
mod contact;
mod conversation;
mod counts;
mod entry;
mod kinds;
mod operator;
mod page;
mod party;
mod session;
mod settings;
mod settings_patch;
#[cfg(test)]
mod snapshots;
mod ticket;
mod timeline;
mod token;

pub(crate) use article::{Article, ArticlePatch, NewArticle};
pub(crate) use assistant::{Assistant, AssistantPatch};
pub(crate) use audit::AuditLine;
pub(crate) use contact::{Contact, PageView};
pub(crate) use conversation::{ContactConversation, TeamConversation};
pub(crate) use counts::Counts;
pub(crate) use entry::Entry;
pub(crate) use kinds::{
    ActivityKind, AfterResolve, AssignTo, Availability, Delivery, IdentityMode, NotificationKind, Priority, Role, Sort, Status,
    ThresholdCount, TicketStatus, View,
};
pub(crate) use operator::Operator;
pub(crate) use page::Page;
pub(crate) use party::{Assignee, AssigneeKind, Author, Named};
pub(crate) use session::{PROTOCOL, SignedEntry, WidgetSettings};
pub(crate) use settings::Settings;
pub(crate) use settings_patch::SettingsPatch;
pub(crate) use ticket::Ticket;
pub(crate) use timeline::Timeline;
pub(crate) use token::Token;
