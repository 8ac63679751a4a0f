//! Text into the terms that are counted and looked up.
//!
//! Words are runs of letters and digits, lower case, without diacritics, reduced by the language's [`Stemming`]. Scripts
//! that write no spaces are cut into pairs of neighbouring characters, which finds their words without a dictionary.

use super::function_words::{is_function_character, is_function_word};
use super::stemming::Stemming;

/// Longer runs are no words; what is beyond is cut off.
const LONGEST_WORD: usize = 40;

/// All terms of a text, in order, function words included: they count for its length.
pub(super) fn terms(text: &str, stemming: Stemming) -> Vec<String> {
    let mut found = Terms { stemming, all: Vec::new(), word: String::new(), run: Vec::new(), run_script: Script::Spaced };
    for character in text.chars() {
        found.push(character);
    }
    found.end_word();
    found.end_run();
    found.all
}

/// The distinct terms of a question that can tell articles apart, at most `limit`.
pub(super) fn question_terms(question: &str, stemming: Stemming, limit: usize) -> Vec<String> {
    let mut telling = Vec::new();
    let mut grammar = Vec::new();
    for term in terms(question, stemming) {
        let list = if is_hiragana(&term) { &mut grammar } else { &mut telling };
        if list.len() < limit && !is_function_word(&term) && !list.contains(&term) {
            list.push(term);
        }
    }
    // Hiragana is mostly grammar (particles, endings); it is what is asked only where there is nothing else.
    if telling.is_empty() { grammar } else { telling }
}

fn is_hiragana(term: &str) -> bool {
    term.chars().all(|c| Script::of(c) == Script::Hiragana)
}

/// How a script forms words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    /// With spaces between them.
    Spaced,
    Han,
    Hiragana,
    Katakana,
    Hangul,
    /// Thai, Lao, Burmese, Khmer.
    SouthEastAsian,
}

impl Script {
    const fn of(character: char) -> Self {
        match character as u32 {
            0x3041..=0x309F => Self::Hiragana,
            0x30A0..=0x30FF | 0x31F0..=0x31FF => Self::Katakana,
            0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF => Self::Han,
            0x1100..=0x11FF | 0x3130..=0x318F | 0xAC00..=0xD7FF => Self::Hangul,
            0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF => Self::SouthEastAsian,
            _ => Self::Spaced,
        }
    }
}

struct Terms {
    stemming: Stemming,
    all: Vec<String>,
    word: String,
    run: Vec<char>,
    run_script: Script,
}

impl Terms {
    fn push(&mut self, character: char) {
        let character = fold_width(character);
        if is_ignorable(character) {
            return;
        }
        let script = Script::of(character);
        if !is_word_character(character, script) || is_function_character(character) {
            // An apostrophe belongs to the word before it is known what follows; `end_word` cuts what is left over.
            if matches!(character, '\'' | '’') && !self.word.is_empty() {
                self.word.push('\'');
            } else {
                self.end_word();
            }
            self.end_run();
        } else if script == Script::Spaced {
            self.end_run();
            self.word.extend(character.to_lowercase().filter(|c| !is_ignorable(*c)));
        } else {
            self.end_word();
            if script != self.run_script {
                self.end_run();
                self.run_script = script;
            }
            self.run.push(character);
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        // "company's" is the company; "don't" is one word; "l'adresse" is about the address.
        let word = word.trim_end_matches('\'');
        let word = word.strip_suffix("'s").unwrap_or(word);
        let word = match word.split_once('\'') {
            Some((article, noun)) if article.chars().count() <= 2 && noun.chars().count() > 2 => noun,
            _ => word,
        };
        let mut folded = String::with_capacity(word.len());
        for character in word.chars().filter(|c| *c != '\'').take(LONGEST_WORD) {
            super::stemming::fold_letter(character, &mut folded);
        }
        if folded.is_empty() {
            return;
        }
        // Function words are known by their whole form.
        if !is_function_word(&folded) {
            self.stemming.reduce(&mut folded);
        }
        self.all.push(folded);
    }

    fn end_run(&mut self) {
        match self.run.as_slice() {
            [] => {}
            [single] => self.all.push(single.to_string()),
            run => self.all.extend(run.windows(2).map(|pair| pair.iter().collect())),
        }
        self.run.clear();
    }
}

/// Full-width Latin letters and digits, as East Asian keyboards write them, are the ordinary ones.
fn fold_width(character: char) -> char {
    match character as u32 {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(character),
        _ => character,
    }
}

/// Thai and its neighbours write vowels as marks, which are not letters.
fn is_word_character(character: char, script: Script) -> bool {
    character.is_alphanumeric() || (script == Script::SouthEastAsian && !character.is_ascii_punctuation())
}

/// Combining accents, Arabic vowel signs and stretching, soft hyphens and joiners: two spellings of one word differ in them.
const fn is_ignorable(character: char) -> bool {
    matches!(character as u32, 0x00AD | 0x0300..=0x036F | 0x0610..=0x061A | 0x0640 | 0x064B..=0x065F | 0x0670 | 0x200B..=0x200D | 0xFEFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(text: &str) -> Vec<String> {
        terms(text, Stemming::English)
    }

    #[test]
    fn case_accents_width_and_apostrophes_do_not_matter() {
        assert_eq!(english("Café CAFE\u{301} ｃａｆｅ"), ["caf", "caf", "caf"]);
        assert_eq!(english("the company's don’t 'quoted'"), ["the", "compan", "dont", "quot"]);
        assert_eq!(terms("l'adresse", Stemming::Romance), terms("adresses", Stemming::Romance));
    }

    #[test]
    fn scripts_without_spaces_become_pairs() {
        assert_eq!(english("返品ポリシー"), ["返品", "ポリ", "リシ", "シー"]);
        assert_eq!(english("退款 ok 水"), ["退款", "ok", "水"]);
        assert_eq!(question_terms("返品はできますか", Stemming::English, 9), ["返品"]);
        assert_eq!(question_terms("おすすめ", Stemming::English, 9), ["おす", "すす", "すめ"]);
        assert_eq!(question_terms("如何退款?", Stemming::English, 9), ["退款"]);
    }

    #[test]
    fn arabic_words_meet_without_article_and_vowel_signs() {
        assert_eq!(english("الطلبات")[0], english("طَلَبات")[0]);
        assert_eq!(english("إعادة"), english("اعاده"));
    }

    #[test]
    fn a_question_keeps_what_tells_articles_apart() {
        assert_eq!(question_terms("How do I reset my passwords? Reset!", Stemming::English, 9), ["reset", "password"]);
        assert!(question_terms("Hi, how are you?", Stemming::English, 9).is_empty());
        assert_eq!(question_terms("one two alpha beta gamma", Stemming::English, 2).len(), 2);
    }

    #[test]
    fn nonsense_is_survived() {
        assert!(english("'' ’ \u{301}\u{200b} !?").is_empty());
        assert_eq!(english(&"x".repeat(10_000))[0].len(), LONGEST_WORD);
    }
}
