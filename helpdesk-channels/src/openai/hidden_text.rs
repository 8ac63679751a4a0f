//! Text that models write and no contact should see: tool calls in the many spellings of models, thoughts, control tokens.
//!
//! It comes in pieces of any size, so whatever may begin such a text is held back until it is known what it is. What turns out to be
//! ordinary is passed on unchanged; the rest is kept aside, for [`escalation::from_text`](super::escalation::from_text) to read.

use super::escalation::TOOL_NAME;

/// Elements whose content is hidden; `function` only in the form `<function=name>`.
const TOOL_ELEMENTS: [&str; 9] =
    ["tool_call", "tool_calls", "tool_use", "tool_code", "tool_response", "function_call", "function_calls", "invoke", TOOL_NAME];
const THOUGHT_ELEMENTS: [&str; 2] = ["think", "thinking"];
const NAME_PREFIXES: [&str; 3] = ["functions.", "default_api.", ""];
const MISTRAL_MARK: &str = "[TOOL_CALLS]";
const FENCE: &str = "```";
/// A longer name of an element or a token is none that matters.
const LONGEST_NAME: usize = 40;

/// Divides what may be seen from what may not.
#[derive(Debug)]
pub(super) struct HiddenText {
    pending: String,
    open: Option<Kind>,
    /// The last character that was passed on, to know where a word begins.
    before: char,
    hidden: String,
}

/// What is held back, from its first character on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// An element up to this closing tag; `None` for one that is only a tag.
    Element {
        closing: Option<String>,
        thought: bool,
    },
    /// A control token of this length.
    Token(usize),
    /// Everything that follows.
    Rest,
    Fence,
    Json,
    /// The tool's name, of this length with its prefix, and perhaps a call.
    Name(usize),
}

enum Opening {
    No,
    /// Too little is there to know.
    Maybe,
    Yes(Kind),
}

impl HiddenText {
    pub(super) const fn new() -> Self {
        Self { pending: String::new(), open: None, before: '\n', hidden: String::new() }
    }

    /// Takes the next piece; returns what may be seen by now.
    pub(super) fn push(&mut self, piece: &str) -> String {
        self.pending.push_str(piece);
        let mut visible = String::new();
        loop {
            match self.open.take() {
                None => {
                    let (at, opening) = self.next_opening();
                    self.pass(at, &mut visible);
                    match opening {
                        Opening::Yes(kind) => self.open = Some(kind),
                        Opening::No | Opening::Maybe => return visible,
                    }
                }
                Some(kind) => match end_of(&kind, &self.pending) {
                    Some(end) => self.close(&kind, end, &mut visible),
                    None => {
                        self.open = Some(kind);
                        return visible;
                    }
                },
            }
        }
    }

    /// The end: what may still be seen, and all that was hidden.
    pub(super) fn finish(mut self) -> (String, String) {
        let mut visible = String::new();
        let length = self.pending.len();
        match self.open.take() {
            Some(kind) => self.close(&kind, length, &mut visible),
            None if is_half_opening(&self.pending) => {}
            None => self.pass(length, &mut visible),
        }
        (visible, self.hidden)
    }

    fn next_opening(&self) -> (usize, Opening) {
        let mut before = self.before;
        for (at, character) in self.pending.char_indices() {
            match opening(&self.pending[at..], character, before) {
                Opening::No => before = character,
                found => return (at, found),
            }
        }
        (self.pending.len(), Opening::No)
    }

    fn pass(&mut self, end: usize, visible: &mut String) {
        let passed = self.pending.drain(..end);
        visible.push_str(passed.as_str());
        self.before = passed.as_str().chars().next_back().unwrap_or(self.before);
    }

    fn close(&mut self, kind: &Kind, end: usize, visible: &mut String) {
        let is_ordinary = matches!(kind, Kind::Fence | Kind::Json) && !looks_like_call(&self.pending[..end]);
        if is_ordinary {
            return self.pass(end, visible);
        }
        let text = self.pending.drain(..end);
        if !matches!(kind, Kind::Element { thought: true, .. } | Kind::Token(_)) {
            self.hidden.push_str(text.as_str());
            self.hidden.push('\n');
        }
    }
}

/// Whether hidden text begins at the beginning of `text`.
fn opening(text: &str, first: char, before: char) -> Opening {
    match first {
        '<' => element(text),
        '`' if FENCE.starts_with(text) && text.len() < FENCE.len() => Opening::Maybe,
        '`' if text.starts_with(FENCE) => Opening::Yes(Kind::Fence),
        '{' => match text[1..].trim_start().chars().next() {
            None => Opening::Maybe,
            Some('"') => Opening::Yes(Kind::Json),
            Some(_) => Opening::No,
        },
        '[' => list(text),
        'a'..='z' if !(before.is_alphanumeric() || before == '_') => name(text),
        _ => Opening::No,
    }
}

fn element(text: &str) -> Opening {
    let inner = &text[1..];
    if inner.starts_with(['|', '｜']) {
        return token(text);
    }
    let is_closing = inner.starts_with('/');
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    let length = inner.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '-' | '.'))).unwrap_or(inner.len());
    let tag = inner[..length].to_ascii_lowercase();
    if length == inner.len() {
        return if length <= LONGEST_NAME { Opening::Maybe } else { Opening::No };
    }
    let name = tag.rsplit(':').next().unwrap_or(&tag);
    let thought = THOUGHT_ELEMENTS.contains(&name);
    let is_function = name == "function" && (is_closing || inner[length..].starts_with('='));
    if !thought && !is_function && !TOOL_ELEMENTS.contains(&name) {
        return Opening::No;
    }
    Opening::Yes(Kind::Element { closing: (!is_closing).then(|| format!("</{tag}>")), thought })
}

/// A control token such as `<|im_end|>`. After those that begin a tool call or another channel, nothing is for the contact.
fn token(text: &str) -> Opening {
    let Some(end) = text.find('>') else {
        return if text.len() <= LONGEST_NAME && !text.contains(char::is_whitespace) { Opening::Maybe } else { Opening::No };
    };
    let token = &text[..=end];
    if end > LONGEST_NAME || token.contains(char::is_whitespace) || !token.contains(char::is_alphabetic) {
        Opening::No
    } else if ["tool", "function", "call", "python", "channel", "constrain"].iter().any(|word| token.contains(word)) {
        Opening::Yes(Kind::Rest)
    } else {
        Opening::Yes(Kind::Token(end + 1))
    }
}

/// Whether the end of an answer that was cut is the beginning of hidden text, beyond doubt.
fn is_half_opening(text: &str) -> bool {
    let tag = text.trim_start_matches(['<', '/']).to_ascii_lowercase();
    let is_tag = || tag.len() > 2 && TOOL_ELEMENTS.iter().chain(&THOUGHT_ELEMENTS).any(|name| name.starts_with(&tag));
    let is_token = || tag.starts_with(['|', '｜']) && tag.chars().nth(1).is_some_and(char::is_alphabetic);
    text.starts_with('<') && (is_tag() || is_token()) || text.starts_with("[TO") && MISTRAL_MARK.starts_with(text)
}

fn list(text: &str) -> Opening {
    if text.starts_with(MISTRAL_MARK) {
        return Opening::Yes(Kind::Rest);
    }
    if MISTRAL_MARK.starts_with(text) {
        return Opening::Maybe;
    }
    let inner = text[1..].trim_start();
    match inner.chars().next() {
        None => Opening::Maybe,
        Some('{') => Opening::Yes(Kind::Json),
        // A list of calls in the manner of Python.
        Some('a'..='z') => match name(inner) {
            Opening::Yes(_) => Opening::Yes(Kind::Json),
            other => other,
        },
        Some(_) => Opening::No,
    }
}

fn name(text: &str) -> Opening {
    for prefix in NAME_PREFIXES {
        if text.len() < prefix.len() {
            if prefix.starts_with(text) {
                return Opening::Maybe;
            }
        } else if let Some(rest) = text.strip_prefix(prefix) {
            if rest.starts_with(TOOL_NAME) {
                return Opening::Yes(Kind::Name(prefix.len() + TOOL_NAME.len()));
            }
            if TOOL_NAME.starts_with(rest) {
                return Opening::Maybe;
            }
        }
    }
    Opening::No
}

/// Where what is held back ends; none: not yet.
fn end_of(kind: &Kind, text: &str) -> Option<usize> {
    match kind {
        Kind::Element { closing: Some(closing), .. } => {
            // Lower-casing ASCII moves no byte.
            text.to_ascii_lowercase().find(closing).map(|at| at + closing.len())
        }
        Kind::Element { closing: None, .. } => text.find('>').map(|at| at + 1),
        Kind::Token(length) => Some(*length),
        Kind::Rest => None,
        Kind::Fence => text[FENCE.len()..].find(FENCE).map(|at| at + 2 * FENCE.len()),
        Kind::Json => balanced(text),
        Kind::Name(length) => end_of_call(text, *length),
    }
}

/// The end of a call that begins with a name of this length, or of the name alone where no call follows.
fn end_of_call(text: &str, name: usize) -> Option<usize> {
    let rest = &text[name..];
    // A number of the call may stand between: `name:0{...}`.
    let rest = rest.strip_prefix(':').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit())).trim_start();
    let at = text.len() - rest.len();
    match rest.chars().next()? {
        '(' | '{' => balanced(rest).map(|end| at + end),
        _ => Some(name),
    }
}

/// The end of the bracket at the beginning of the text, its strings respected.
fn balanced(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped, mut before) = (0_usize, None, false, ' ');
    for (at, character) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if character == '\\' => escaped = true,
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None => match character {
                '"' => quote = Some('"'),
                // An apostrophe within a word opens nothing.
                '\'' if !before.is_alphanumeric() => quote = Some('\''),
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            },
        }
        before = character;
    }
    None
}

/// Whether a block of code or JSON is a tool call rather than something shown to the contact on purpose.
fn looks_like_call(text: &str) -> bool {
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    text.contains(TOOL_NAME)
        || (has("name") && (has("arguments") || has("parameters")))
        || has("tool_calls")
        || has("function_call")
        || (has("reason") && has("subject"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// What is seen and hidden, which must not depend on where the text is cut.
    fn divide(text: &str) -> (String, String) {
        let characters: Vec<String> = text.chars().map(String::from).collect();
        let in_pieces = |size: usize| {
            let mut filter = HiddenText::new();
            let mut visible: String = characters.chunks(size).map(|piece| filter.push(&piece.concat())).collect();
            let (end, hidden) = filter.finish();
            visible.push_str(&end);
            (visible, hidden)
        };
        let whole = in_pieces(usize::MAX);
        for size in 1..12 {
            assert_eq!(in_pieces(size), whole, "in pieces of {size}");
        }
        whole
    }

    #[rstest]
    #[case("Hi! <tool_call>{\"name\": \"escalate_to_human\"}</tool_call> Bye.", "Hi!  Bye.")]
    #[case("<TOOL_CALL>x</tool_call>", "")]
    #[case("Wait. <tool_call>{\"name\": \"escalate_to_human\", \"argum", "Wait. ")]
    #[case("[TOOL_CALLS][{\"name\": \"escalate_to_human\"}] and more", "")]
    #[case("Sure.\n```json\n{\"name\": \"escalate_to_human\", \"arguments\": {}}\n```\nDone.", "Sure.\n\nDone.")]
    #[case("```tool_code\nprint(default_api.escalate_to_human(reason='x'))\n```", "")]
    #[case("One moment. functions.escalate_to_human({\"reason\": \"a) b\"}) Soon.", "One moment.  Soon.")]
    #[case("escalate_to_human(reason=\"it's (bad\", subject='x')", "")]
    #[case("[escalate_to_human(reason=\"x\")]", "")]
    #[case("functions.escalate_to_human:0{\"reason\": \"x\"}", "")]
    #[case("{\"name\": \"escalate_to_human\", \"parameters\": {\"reason\": \"x}\"}}", "")]
    #[case("OK {\"type\":\"function\",\"name\":\"other\",\"parameters\":{}}", "OK ")]
    #[case("[ {\"name\": \"x\", \"arguments\": {}} ]", "")]
    #[case("<function=escalate_to_human>{\"reason\": \"x\"}</function>!", "!")]
    #[case("<invoke name=\"escalate_to_human\"></invoke>", "")]
    #[case("<think>The customer wants <b>.</think>Hello", "Hello")]
    #[case("Hello</think> you<|im_end|>", "Hello you")]
    #[case("Hi<｜tool▁calls▁begin｜>escalate_to_human", "Hi")]
    #[case("Hi<|channel|>commentary to=functions.escalate_to_human", "Hi")]
    #[case("I call escalate_to_human now.", "I call  now.")]
    #[case("Action: escalate_to_human\nInput: {\"reason\": \"a\", \"subject\": \"b\"}", "Action: \nInput: ")]
    #[case("cut <tool_ca", "cut ")]
    fn tool_calls_and_thoughts_are_not_seen(#[case] text: &str, #[case] visible: &str) {
        assert_eq!(divide(text).0, visible);
    }

    #[rstest]
    #[case("Is 3 < 4 and 5 > 2? I <3 you, x<y.")]
    #[case("Use `code` or ```\nfn main() { println!(\"{}\", 1) }\n``` so.")]
    #[case("An <b>element</b>, an <invoice> and <functional> things, a | b <| c.")]
    #[case("{ not json } and {\"colour\": \"blue\", \"size\": [1, 2]} and [x](y) [1] [ ] [T")]
    #[case("elephants escalate, functions. default settings: escalators; preescalate_to_human")]
    #[case("日本語の「返品」は <b> です。{")]
    #[case("ends with e")]
    #[case("[\"a\", \"b\"] ``")]
    #[case("")]
    fn ordinary_text_is_passed_unchanged(#[case] text: &str) {
        let (visible, hidden) = divide(text);
        assert_eq!(visible, text);
        assert_eq!(hidden, "");
    }

    #[test]
    fn what_is_hidden_is_kept_for_reading_but_thoughts_are_not() {
        let (_, hidden) = divide("<think>secret</think>Action: escalate_to_human\nInput: {\"reason\": \"a\", \"subject\": \"b\"}<|eot|>");
        assert_eq!(hidden, "escalate_to_human\n{\"reason\": \"a\", \"subject\": \"b\"}\n");
    }

    #[test]
    fn ordinary_text_is_not_held_back() {
        let mut filter = HiddenText::new();
        assert_eq!(filter.push("Hello there, how"), "Hello there, how");
        assert_eq!(filter.push(" ar"), " ar");
        assert_eq!(filter.push("e you <"), "e you ");
        assert_eq!(filter.push("3"), "");
        assert_eq!(filter.push(" !"), "<3 !");
    }

    proptest::proptest! {
        #[test]
        fn no_text_and_no_cut_breaks_it(text in "(\\PC|<tool_call>|</tool_call>|escalate_to_human|```|\\{\"|\"\\}|[\\[\\](){}'\"<>|`e\\\\]|\n){0,60}") {
            divide(&text);
        }
    }
}
