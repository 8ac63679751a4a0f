//! The sentences of a passage that answer a question.

use std::collections::BTreeSet;
use std::ops::Range;

use super::stemming::Stemming;
use super::words::{question_terms, terms};

/// The longest excerpt, in characters.
pub(super) const EXCERPT_LIMIT: usize = 500;

/// The whole sentences of `text`, one after another and at most [`EXCERPT_LIMIT`] characters, that speak most of what is asked.
/// A single sentence that is longer is cut between words.
pub(super) fn excerpt(text: &str, question: &str, stemming: Stemming) -> String {
    if text.chars().count() <= EXCERPT_LIMIT {
        return text.trim().to_owned();
    }
    let asked = question_terms(question, stemming, 64);
    let sentences: Vec<_> = sentences(text);
    let spoken: Vec<BTreeSet<usize>> = sentences
        .iter()
        .map(|range| terms(&text[range.clone()], stemming).iter().filter_map(|term| asked.iter().position(|a| a == term)).collect())
        .collect();
    let lengths: Vec<usize> = sentences.iter().map(|range| text[range.clone()].chars().count()).collect();

    let mut best: Option<(usize, Range<usize>)> = None;
    // It begins with a sentence that speaks of the question, or at the beginning where none does.
    for first in (0..sentences.len()).filter(|first| *first == 0 || !spoken[*first].is_empty()) {
        let mut length = 0;
        let mut covered: BTreeSet<usize> = BTreeSet::new();
        let mut last = first;
        for next in first..sentences.len() {
            length += lengths[next];
            if next > first && length > EXCERPT_LIMIT {
                break;
            }
            covered.extend(&spoken[next]);
            last = next;
        }
        // The earliest of equals, for what follows a sentence explains it, but sooner one that begins with what is asked.
        let worth = covered.len() * 2 + usize::from(!spoken[first].is_empty());
        if best.as_ref().is_none_or(|(most, _)| worth > *most) {
            best = Some((worth, sentences[first].start..sentences[last].end));
        }
    }
    best.map_or_else(String::new, |(_, range)| shorten(text[range].trim()))
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= EXCERPT_LIMIT {
        return text.to_owned();
    }
    let end = text.char_indices().nth(EXCERPT_LIMIT - 1).map_or(text.len(), |(at, _)| at);
    let cut = &text[..end];
    // A script without spaces is cut anywhere.
    let cut = cut.rfind(char::is_whitespace).filter(|space| *space > end / 2).map_or(cut, |space| &cut[..space]);
    format!("{}…", cut.trim_end())
}

/// The sentences and lines of a text, with the white space after them, so that together they are the text.
pub(super) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        let ends = match character {
            '\n' | '。' | '！' | '？' | '｡' => true,
            // A quotation mark or bracket may close the sentence after its stop.
            '.' | '!' | '?' | '…' | '؟' | '۔' | '।' | '"' | '”' | ')' => closes(&text[start..end]) && begins(&text[end..]),
            _ => false,
        };
        if !ends {
            continue;
        }
        let mut end = end;
        while let Some((at, space)) = characters.next_if(|(_, next)| next.is_whitespace()) {
            end = at + space.len_utf8();
        }
        found.push(start..end);
        start = end;
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

/// Whether a text that ends in a stop can be a sentence: "1." and "e.g." are none.
fn closes(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '”', ')']);
    if !text.ends_with(['.', '!', '?', '…', '؟', '۔', '।']) {
        return false;
    }
    let words = text.trim_end_matches(['.', '!', '?', '…', '؟', '۔', '।']);
    let last = words.rsplit(char::is_whitespace).next().unwrap_or(words);
    let numbering = words.trim().chars().all(|c| c.is_ascii_digit());
    let abbreviation = last.contains('.') && last.chars().filter(|c| *c != '.').count() <= 3;
    !numbering && !abbreviation
}

/// Whether a new sentence can begin here: after white space, and not in lower case.
fn begins(rest: &str) -> bool {
    let trimmed = rest.trim_start();
    trimmed.is_empty() || (trimmed.len() < rest.len() && !trimmed.starts_with(char::is_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| text[range].trim()).collect()
    }

    #[test]
    fn sentences_end_where_people_see_it() {
        assert_eq!(split("Yes. No! Maybe?\nLine"), ["Yes.", "No!", "Maybe?", "Line"]);
        assert_eq!(split("Pay 3.50 euros, e.g. by card. Then wait."), ["Pay 3.50 euros, e.g. by card.", "Then wait."]);
        assert_eq!(split("1. Open the page.\n2. Press \"Send.\" Done."), ["1. Open the page.", "2. Press \"Send.\"", "Done."]);
        assert_eq!(split("返品できます。送料は無料です。"), ["返品できます。", "送料は無料です。"]);
        assert!(split("").is_empty());
    }

    #[test]
    fn the_excerpt_is_what_speaks_of_the_question() {
        let filler = "We are glad that you are our customer and hope that you stay so. ".repeat(10);
        let text = format!("{filler}Refunds take five days. They go to the card you paid with. {filler}");
        let found = excerpt(&text, "How long does a refund take?", Stemming::English);
        assert!(found.starts_with("Refunds take five days. They go"), "{found}");
        assert!(found.chars().count() <= EXCERPT_LIMIT && found.ends_with('.'));
    }

    #[test]
    fn a_short_passage_is_given_whole_and_an_endless_sentence_is_cut() {
        assert_eq!(excerpt("One. Two. ", "zwei", Stemming::German), "One. Two.");
        let cut = excerpt(&"endless ".repeat(200), "endless", Stemming::English);
        assert!(cut.chars().count() <= EXCERPT_LIMIT && cut.ends_with("endless…"));
        assert_eq!(excerpt(&"長".repeat(2_000), "長", Stemming::English).chars().count(), EXCERPT_LIMIT);
        assert_eq!(excerpt("", "x", Stemming::English), "");
    }
}
