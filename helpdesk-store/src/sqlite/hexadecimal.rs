//! Bytes in hexadecimal, as SQLite's `unhex` takes them back.

use uuid::Uuid;

/// Ids as one parameter: a JSON array of their bytes in hexadecimal.
pub(super) fn hexadecimal(ids: impl Iterator<Item = Uuid>) -> String {
    let quoted: Vec<String> = ids.map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", quoted.join(","))
}

/// Bytes in hexadecimal, as `unhex` takes them back.
pub(super) fn hexadecimal_text(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}
