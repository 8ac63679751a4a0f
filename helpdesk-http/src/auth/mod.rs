//! Who is asking. Every request and every live frame is let in here and nowhere else.
//!
//! Visitors prove themselves by their token. Operators prove themselves by an API token, or by whatever the host's
//! [`OperatorAuth`] accepts; where that was a cookie, the request must also come from a page of ours.

mod host;
mod operator;
mod origin;
mod visitor;

pub use host::{AuthError, NoOperators, OperatorAuth, OperatorIdentity};
pub(crate) use operator::{Caller, OperatorCache, Vouching, authorise_operator, authorise_program};
pub(crate) use origin::{Origins, allows, origin_of};
pub(crate) use visitor::{Visitor, authorise_visitor, check_origin};

use axum::http::{HeaderMap, header};

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
