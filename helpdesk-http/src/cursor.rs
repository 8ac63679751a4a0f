//! Cursors: places in lists, opaque to clients.
//!
//! Base64url of a letter that says which list, and the place. A cursor of another list, or one made up, is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use helpdesk_core::id::{ChangeNumber, ConversationId};
use helpdesk_core::store::{ChangeCursor, QueueCursor};
use uuid::Uuid;

use crate::dto::Page;
use crate::extract::Limit;
use crate::problem::Problem;

/// A place in a list, as clients carry it.
pub(crate) trait Cursor: Sized {
    /// Which list; the first byte.
    const LIST: u8;

    /// The place.
    fn bytes(&self) -> Vec<u8>;

    /// The place that these bytes are.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;

    /// As clients get it.
    fn encode(&self) -> String {
        let mut whole = vec![Self::LIST];
        whole.extend(self.bytes());
        URL_SAFE_NO_PAD.encode(whole)
    }

    /// Takes back what a client carried in `field`.
    fn decode(field: &str, text: &str) -> Result<Self, Problem> {
        let decoded = (text.len() <= 128).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten();
        let place = decoded.as_deref().and_then(|bytes| bytes.strip_prefix(&[Self::LIST]));
        place
            .and_then(Self::from_bytes)
            .ok_or_else(|| Problem::invalid(field, format!("{field}: this is no cursor of this list; begin again without one")))
    }
}

/// Takes an optional cursor of the query.
pub(crate) fn decode<C: Cursor>(text: Option<&str>) -> Result<Option<C>, Problem> {
    text.map(|text| C::decode("cursor", text)).transpose()
}

/// A page of a list that is ordered by id. A full page may go on; an empty one follows then.
pub(crate) fn by_id<T, U>(rows: Vec<T>, limit: Limit, id: impl Fn(&T) -> Uuid, shape: impl Fn(&T) -> U) -> Page<U> {
    let full = rows.len() >= limit.0 as usize;
    let next_cursor = rows.last().filter(|_| full).map(|last| IdCursor(id(last)).encode());
    Page { items: rows.iter().map(shape).collect(), next_cursor }
}

fn split<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8])> {
    bytes.split_first_chunk::<N>()
}

impl Cursor for QueueCursor {
    const LIST: u8 = b'q';

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.at.timestamp_micros().to_be_bytes().to_vec();
        bytes.extend(self.id.as_uuid().as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (micros, id) = split::<8>(bytes)?;
        let at = chrono::DateTime::from_timestamp_micros(i64::from_be_bytes(*micros))?;
        // Years beyond four digits are valid times, but no row has one and not every store can compare them.
        let plausible = (0..=253_402_300_799).contains(&at.timestamp());
        plausible.then_some(Self { at, id: ConversationId::from_uuid(Uuid::from_slice(id).ok()?) })
    }
}

/// A place in a list that is ordered by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdCursor(pub(crate) Uuid);

impl Cursor for IdCursor {
    const LIST: u8 = b'i';

    fn bytes(&self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }
}

impl Cursor for ChangeCursor {
    const LIST: u8 = b'c';

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.incarnation.as_bytes().to_vec();
        bytes.extend(self.number.0.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (incarnation, number) = split::<16>(bytes)?;
        let number = u64::from_be_bytes(number.try_into().ok()?);
        i64::try_from(number).ok()?;
        Some(Self { incarnation: Uuid::from_bytes(*incarnation), number: ChangeNumber(number) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let at = chrono::DateTime::from_timestamp_micros(1_795_000_000_123_456).unwrap();
        let place = QueueCursor { at, id: ConversationId::from_uuid(Uuid::from_u128(7)) };
        assert_eq!(QueueCursor::decode("cursor", &place.encode()).unwrap(), place);
        let change = ChangeCursor { incarnation: Uuid::from_u128(9), number: ChangeNumber(41) };
        assert_eq!(ChangeCursor::decode("after", &change.encode()).unwrap(), change);
    }

    #[test]
    fn made_up_cursors_and_those_of_other_lists_are_refused() {
        let other = IdCursor(Uuid::from_u128(1)).encode();
        let negative = URL_SAFE_NO_PAD.encode([&b"q"[..], &i64::MIN.to_be_bytes(), &[0; 16]].concat());
        let beyond = URL_SAFE_NO_PAD.encode([&b"q"[..], &i64::MAX.to_be_bytes(), &[0; 16]].concat());
        for text in ["", "x", "%00", "cXg", other.as_str(), negative.as_str(), beyond.as_str(), &"A".repeat(10_000)] {
            assert_eq!(QueueCursor::decode("cursor", text).unwrap_err().code(), "invalid", "{text:.40}");
        }
    }
}
