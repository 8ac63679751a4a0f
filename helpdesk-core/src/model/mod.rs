//! What the helpdesk speaks of: conversations, entries, tickets, contacts, operators, assistants, settings.
//!
//! Plain values. They know nothing of storage, transport or time; rules that move them live in [`crate::decide`].

mod account;
mod article;
mod assistant;
mod audit;
mod contact;
mod conversation;
mod country;
mod entry;
mod operator;
mod party;
mod pseudonym;
mod record;
mod settings;
pub mod text;
mod ticket;
mod token;
mod workspace;

pub use account::Account;
pub use article::Article;
pub use assistant::Assistant;
pub use audit::{Audit, AuditActor};
pub use contact::{Contact, PageView};
pub use conversation::{Closed, ClosedBy, Conversation, Preview, Priority, Status, TicketLink};
pub use country::country_of_time_zone;
pub use entry::{Activity, ActivityKind, Audience, Body, Citation, Delivery, Entry, Message, Note};
pub use operator::{Availability, Operator, Role};
pub use party::{Assignee, AssistantRef, Author, Channel, OperatorRef};
pub use pseudonym::pseudonym;
pub use record::{Record, RecordBody, RecordKey, RecordKind};
pub use settings::{
    AfterResolve, AssignTo, Brand, HumanSupport, IdentityMode, IdentitySettings, Settings, Texts, Threshold, ThresholdCount,
};
pub use text::{Invalid, MessageText};
pub use ticket::{Ticket, TicketStatus};
pub use token::ApiToken;
pub use workspace::Workspace;
