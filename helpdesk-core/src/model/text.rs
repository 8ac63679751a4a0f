//! Text from outside, made safe to keep: length, control characters, line ends.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest message or note, in Unicode scalar values.
pub const MESSAGE_LIMIT: usize = 10_000;
/// The longest prompt, article or other long text of the settings, in Unicode scalar values.
pub const DOCUMENT_LIMIT: usize = 50_000;
/// The longest one-line text (a name, a label), in Unicode scalar values.
pub const LINE_LIMIT: usize = 200;

/// An input that was refused: which field, what is wrong with it, and so how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {fault}")]
pub struct Invalid {
    /// The field's name as the caller wrote it, with dots for nesting.
    pub field: String,
    /// The fault and the fix, for people.
    pub fault: String,
}

impl Invalid {
    /// A refusal of `field`.
    pub fn new(field: impl Into<String>, fault: impl Into<String>) -> Self {
        Self { field: field.into(), fault: fault.into() }
    }
}

/// The text of a message or a note: 1 to [`MESSAGE_LIMIT`] characters, not only white space, no control
/// characters but tab and line feed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageText(String);

impl MessageText {
    /// Checks and normalises `text`: carriage returns become line feeds, white space at the ends is cut.
    ///
    /// # Errors
    /// [`Invalid`] for an empty or too long text and for control characters.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        block("text", text, MESSAGE_LIMIT).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Debug for MessageText {
    /// Message text is private: only its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MessageText({} bytes)", self.0.len())
    }
}

/// Checks a text of several lines that must not be empty.
///
/// # Errors
/// [`Invalid`] naming `field` and the fault.
pub fn block(field: &str, text: &str, limit: usize) -> Result<String, Invalid> {
    let text = optional_block(field, text, limit)?;
    if text.is_empty() {
        return Err(Invalid::new(field, "must not be empty"));
    }
    Ok(text)
}

/// Checks a text of several lines that may be empty.
///
/// # Errors
/// [`Invalid`] naming `field` and the fault.
pub fn optional_block(field: &str, text: &str, limit: usize) -> Result<String, Invalid> {
    // Bytes first: a character count of a huge body would read all of it.
    if text.len() > limit.saturating_mul(4) || text.chars().count() > limit {
        return Err(Invalid::new(field, format!("is too long: at most {limit} characters")));
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if let Some(control) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Invalid::new(
            field,
            format!("contains the control character U+{:04X}; only tab and line feed are allowed", control as u32),
        ));
    }
    Ok(text.trim().to_owned())
}

/// Checks a text of one line that must not be empty.
///
/// # Errors
/// [`Invalid`] naming `field` and the fault.
pub fn line(field: &str, text: &str) -> Result<String, Invalid> {
    let text = block(field, text, LINE_LIMIT)?;
    if text.contains(['\n', '\t']) {
        return Err(Invalid::new(field, "must be a single line"));
    }
    Ok(text)
}

/// Checks an e-mail address, as far as its shape tells: one line with something on both sides of an at sign.
///
/// # Errors
/// [`Invalid`] naming `field` and the fault.
pub fn email(field: &str, text: &str) -> Result<String, Invalid> {
    let email = line(field, text)?;
    let plausible = email.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !email.contains(' '));
    if plausible { Ok(email) } else { Err(Invalid::new(field, "must be an e-mail address such as ana@example.org")) }
}

/// The first `limit` characters of `text` on one line, for previews.
#[must_use]
pub fn preview(text: &str, limit: usize) -> String {
    let mut short = String::with_capacity(text.len().min(limit));
    let mut free = limit;
    for word in text.split_whitespace() {
        let space = if short.is_empty() { "" } else { " " };
        let length = space.len() + word.chars().count();
        if length > free {
            short.extend(space.chars().chain(word.chars()).take(free));
            short.pop();
            short.push('…');
            break;
        }
        short.push_str(space);
        short.push_str(word);
        free -= length;
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_normalised_and_control_characters_refused() {
        assert_eq!(MessageText::new(" a\r\nb\rc\t ").unwrap().as_str(), "a\nb\nc");
        assert_eq!(MessageText::new("a\u{0}b").unwrap_err().field, "text");
        assert!(MessageText::new("\u{1b}[31m").unwrap_err().fault.contains("U+001B"));
        assert!(MessageText::new(" \n\t ").is_err());
    }

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert!(MessageText::new(&"ü".repeat(MESSAGE_LIMIT)).is_ok());
        assert!(MessageText::new(&"ü".repeat(MESSAGE_LIMIT + 1)).is_err());
        assert!(line("name", "two\nlines").is_err());
    }

    #[test]
    fn a_preview_is_one_short_line() {
        assert_eq!(preview("hello\n  world", 20), "hello world");
        assert_eq!(preview("abcdef", 4), "abc…");
        assert_eq!(preview("über alles", 4), "übe…");
        assert_eq!(preview("one two", 3), "on…");
        assert_eq!(preview("one two", 4), "one…");
        assert_eq!(preview("one two", 7), "one two");
    }
}
