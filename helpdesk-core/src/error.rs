//! Errors as users of the engine see them.

use crate::ai::AiError;
use crate::model::{Invalid, OperatorRef};
use crate::store::{StorageFault, StoreError};

/// Why a command was refused by the rules. Stable: each kind has a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It does not exist, or is somebody else's.
    #[error("there is no such thing, or it is not yours to see")]
    NotFound,
    /// The rights do not suffice.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// Another operator was first.
    #[error("already claimed by {}", .by.name)]
    AlreadyClaimed {
        /// Who.
        by: OperatorRef,
    },
    /// The conversation is over; start a new one.
    #[error("the conversation is resolved; start a new one")]
    ConversationResolved,
    /// Human support is switched off.
    #[error("human support is switched off")]
    HumanSupportOff,
    /// The helpdesk is switched off: nothing is stored.
    #[error("the helpdesk is switched off: nothing is stored")]
    HelpdeskOff,
    /// Visitors must prove who they are.
    #[error("this workspace talks only to visitors with a signed identity")]
    IdentityRequired,
    /// The visitor's token is not good, or no longer.
    #[error("the visitor's token is not good; begin a session")]
    TokenInvalid,
    /// The host's word on who the visitor is does not hold.
    #[error("identity is not a valid, unexpired token signed with this workspace's secret")]
    IdentityInvalid,
    /// The transcript that the client holds is not the one that was signed.
    #[error("the transcript was changed, reordered or cut; begin a new chat")]
    TranscriptInvalid,
    /// The assistant's turn is over; its answer is dropped.
    #[error("the turn is over")]
    TurnOver,
    /// The same `client_id` was used for something else.
    #[error("this client_id was used before with other content; use a new one")]
    ClientIdReused,
    /// It was changed by somebody else meanwhile.
    #[error("it was changed meanwhile: the version is now {current}; load it again")]
    VersionConflict {
        /// The version now.
        current: u64,
    },
    /// An input was refused.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl Refusal {
    /// The stable code of the kind, as APIs report it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden(_) => "forbidden",
            Self::AlreadyClaimed { .. } => "already_claimed",
            Self::ConversationResolved => "conversation_resolved",
            Self::HumanSupportOff => "human_support_off",
            Self::HelpdeskOff => "helpdesk_off",
            Self::IdentityRequired => "identity_required",
            Self::TokenInvalid => "unauthorized",
            Self::IdentityInvalid => "invalid_identity",
            Self::TranscriptInvalid => "transcript_invalid",
            Self::TurnOver => "turn_over",
            Self::ClientIdReused => "client_id_reused",
            Self::VersionConflict { .. } => "version_conflict",
            Self::Invalid(_) => "invalid",
        }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The assistant failed.
    #[error(transparent)]
    Ai(#[from] AiError),
    /// Too much contention or load for now.
    #[error("busy; try again in a moment")]
    Busy,
    /// The builder was given something that cannot work.
    #[error("configuration: {0}")]
    Configuration(String),
}

impl Error {
    /// Whether trying again, as it is, may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Configuration(_) => false,
            Self::Store(error) => error.is_retryable(),
            Self::Ai(error) => error.is_retryable(),
            Self::Busy => true,
        }
    }

    /// What is wrong with the storage, if that is the reason.
    #[must_use]
    pub const fn storage_fault(&self) -> Option<StorageFault> {
        match self {
            Self::Store(error) => error.storage_fault(),
            _ => None,
        }
    }

    /// The rule that refused it, if one did.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(Refusal::Invalid(invalid))
    }
}
