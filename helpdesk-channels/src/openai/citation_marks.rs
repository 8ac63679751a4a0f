//! The marks by which the model cites: taken out of the text, and remembered.
//!
//! Also the last polish of a text on its way: no white space at its ends, no control characters.

/// A longer text in brackets is no mark.
const LONGEST_MARK: usize = 24;
/// More white space than this between two words says nothing.
const LONGEST_SPACE: usize = 64;

/// Takes marks such as `[1]`, `[1, 2]` and `【1†source】` out of a text that comes in pieces.
#[derive(Debug)]
pub(super) struct CitationMarks {
    /// How many sources there are; without any, brackets are text.
    sources: usize,
    /// What may be a mark, from its bracket on.
    mark: String,
    /// White space that is passed on only if something follows it.
    space: String,
    after_mark: bool,
    begun: bool,
    /// The sources that were cited, by their place from 0, in the order of their first mark.
    cited: Vec<usize>,
}

impl CitationMarks {
    pub(super) const fn new(sources: usize) -> Self {
        Self { sources, mark: String::new(), space: String::new(), after_mark: false, begun: false, cited: Vec::new() }
    }

    /// Takes the next piece; returns what is ready.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let mut ready = String::new();
        for character in piece.chars() {
            self.take(character, &mut ready);
        }
        ready
    }

    /// The end: what is left, and the sources that were cited.
    pub(super) fn finish(mut self) -> (String, Vec<usize>) {
        let mut ready = String::new();
        if self.mark.ends_with([']', '】']) {
            self.end_mark(&mut ready);
        }
        self.release(&mut ready);
        (ready, self.cited)
    }

    fn take(&mut self, character: char, ready: &mut String) {
        if self.mark.is_empty() {
            return self.plain(character, ready);
        }
        if self.mark.ends_with([']', '】']) {
            // In front of an address the brackets are those of a link.
            if character == '(' {
                self.release(ready)
            } else {
                self.end_mark(ready)
            }
            return self.take(character, ready);
        }
        let belongs = character.is_ascii_alphanumeric() || matches!(character, ' ' | ',' | ';' | '-' | '–' | '^' | '†' | '#' | ']' | '】');
        if belongs && self.mark.len() < LONGEST_MARK {
            self.mark.push(character);
        } else {
            self.release(ready);
            self.take(character, ready);
        }
    }

    fn plain(&mut self, character: char, ready: &mut String) {
        match character {
            '[' | '【' if self.sources > 0 => self.mark.push(character),
            '\n' if self.after_mark => {
                self.space.retain(|space| space == '\n');
                self.hold(character);
            }
            space if space.is_whitespace() && space != '\r' => {
                if !self.after_mark || self.space.is_empty() {
                    self.hold(space);
                }
            }
            control if control.is_control() => {}
            visible => self.pass(visible, ready),
        }
    }

    fn hold(&mut self, space: char) {
        if self.space.len() < LONGEST_SPACE && (!space.is_control() || matches!(space, '\n' | '\t')) {
            self.space.push(space);
        }
    }

    fn pass(&mut self, visible: char, ready: &mut String) {
        if self.after_mark
            && matches!(visible, '.' | ',' | ';' | ':' | '!' | '?' | ')' | '…' | '。' | '、' | '，' | '！' | '？' | '؟' | '،')
        {
            self.space.clear();
        }
        if self.begun {
            ready.push_str(&self.space);
        }
        self.space.clear();
        ready.push(visible);
        self.begun = true;
        self.after_mark = false;
    }

    /// Passes on what turned out to be no mark.
    fn release(&mut self, ready: &mut String) {
        for character in std::mem::take(&mut self.mark).chars() {
            // Its bracket is text now.
            match character {
                '[' | '【' => self.pass(character, ready),
                other => self.plain(other, ready),
            }
        }
    }

    fn end_mark(&mut self, ready: &mut String) {
        let Some(numbers) = numbers(&self.mark) else { return self.release(ready) };
        for number in numbers {
            // A number of no source is an invention, and no less a mark.
            if number <= self.sources && !self.cited.contains(&(number - 1)) {
                self.cited.push(number - 1);
            }
        }
        self.mark.clear();
        self.after_mark = true;
    }
}

/// The numbers of a mark; none if it is something else.
fn numbers(mark: &str) -> Option<Vec<usize>> {
    let inner = mark.trim_matches(['[', ']', '【', '】']).to_ascii_lowercase();
    let inner = inner.replace("sources", " ").replace("source", " ").replace("articles", " ").replace("article", " ");
    let mut numbers = Vec::new();
    for part in inner.split([',', ';', ' ', '-', '–', '†', '^', '#']).filter(|part| !part.is_empty()) {
        let number = part.parse().ok().filter(|number| (1..100).contains(number))?;
        numbers.push(number);
    }
    (!numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn strip(text: &str, sources: usize) -> (String, Vec<usize>) {
        let characters: Vec<String> = text.chars().map(String::from).collect();
        let in_pieces = |size: usize| {
            let mut marks = CitationMarks::new(sources);
            let mut ready: String = characters.chunks(size).map(|piece| marks.push(&piece.concat())).collect();
            let (end, cited) = marks.finish();
            ready.push_str(&end);
            (ready, cited)
        };
        let whole = in_pieces(usize::MAX);
        for size in 1..5 {
            assert_eq!(in_pieces(size), whole, "in pieces of {size}");
        }
        whole
    }

    #[rstest]
    #[case("Refunds take five days [2]. They are free[1][2].", "Refunds take five days. They are free.", &[1, 0])]
    #[case("See [1] for more [1, 3]\nNext", "See for more\nNext", &[0, 2])]
    #[case("So it is [1]", "So it is", &[0])]
    #[case("送料は無料です【1†source】。", "送料は無料です。", &[0])]
    #[case("As told [Source 2], yes [^3].", "As told, yes.", &[1, 2])]
    #[case("Invented [9].", "Invented.", &[])]
    #[case(" [1] First", "First", &[0])]
    fn marks_are_taken_out_and_remembered(#[case] text: &str, #[case] visible: &str, #[case] cited: &[usize]) {
        assert_eq!(strip(text, 3), (visible.to_owned(), cited.to_vec()));
    }

    #[rstest]
    #[case("A [link](https://a.example) and [1](https://b.example), the year [2024], [x], [ ], [0], [] [[")]
    #[case("a  b\n\n- c\td [1")]
    fn other_brackets_are_text(#[case] text: &str) {
        assert_eq!(strip(text, 3), (text.to_owned(), Vec::new()));
    }

    #[test]
    fn without_sources_nothing_is_a_mark() {
        assert_eq!(strip("Step [1].", 0), ("Step [1].".to_owned(), Vec::new()));
    }

    #[test]
    fn ends_are_trimmed_and_control_characters_dropped() {
        assert_eq!(strip("\n\n  Hi\u{0}\u{1b}[0m\r\nyou \n ", 0).0, "Hi[0m\nyou");
    }

    proptest::proptest! {
        #[test]
        fn no_text_and_no_cut_breaks_it(text in "(\\PC|[\\[\\]【】(,0-9 \n\r.])*") {
            let (visible, cited) = strip(&text, 2);
            assert_eq!(visible.trim(), visible);
            assert!(cited.len() <= 2);
        }
    }
}
