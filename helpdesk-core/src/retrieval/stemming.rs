//! Words reduced so that their common forms meet: light rules only, for a wrong match costs more than a missed one.
//!
//! - English: D. Harman's S-stemmer ("How effective is suffixing?", 1991) for plurals, then the -ed, -ing and final -e rules of
//!   M. Porter ("An algorithm for suffix stripping", 1980, steps 1b and 5a), and a final -y.
//! - German and the Romance languages: after J. Savoy's minimal stemmers ("Light stemming approaches for the French, Portuguese,
//!   German and Hungarian languages", 2006): number and gender only.
//! - Arabic, known by its script in any language: the light10 affixes of L. Larkey, L. Ballesteros and M. Connell ("Light stemming
//!   for Arabic information retrieval", 2007).

/// The rules of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stemming {
    English,
    German,
    Romance,
    /// No rules for words in Latin letters.
    Plain,
}

impl Stemming {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::English, Self::German, Self::Romance, Self::Plain];

    /// The rules for texts in the language of this tag. Texts of no known language are read as English.
    pub(super) fn of(language: Option<&str>) -> Self {
        let Some(tag) = language else { return Self::English };
        match base_language(tag).to_ascii_lowercase().as_str() {
            "en" => Self::English,
            "de" => Self::German,
            "fr" | "es" | "pt" | "it" | "ca" | "gl" => Self::Romance,
            _ => Self::Plain,
        }
    }

    /// Reduces a word in lower case without diacritics.
    pub(super) fn reduce(self, word: &mut String) {
        if word.chars().next().is_some_and(is_arabic) {
            arabic(word);
        } else if word.is_ascii() && word.bytes().any(|b| b.is_ascii_alphabetic()) {
            match self {
                Self::English => english(word),
                Self::German => german(word),
                Self::Romance => romance(word),
                Self::Plain => {}
            }
        }
    }
}

/// The language of a tag without region and script.
pub(super) fn base_language(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

fn english(word: &mut String) {
    let ends = |word: &str, endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if word.len() > 4 && word.ends_with("ies") && !ends(word, &["eies", "aies"]) {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if word.len() > 3 && word.ends_with('s') && !ends(word, &["us", "ss", "is"]) {
        word.truncate(word.len() - 1);
    }
    for ending in ["ing", "ed"] {
        let Some(stem) = word.strip_suffix(ending) else { continue };
        if stem.len() >= 3 && stem.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
            word.truncate(stem.len());
            // shipp-ing is to ship, but call-ing is to call.
            let bytes = word.as_bytes();
            if let [.., before, last] = bytes
                && before == last
                && !matches!(last, b'l' | b's' | b'z' | b'a' | b'e' | b'i' | b'o' | b'u')
            {
                word.truncate(word.len() - 1);
            }
        }
        break;
    }
    // Delivery is what is delivered.
    if (word.len() > 3 && word.ends_with('e')) || (word.len() > 5 && word.ends_with('y')) {
        word.truncate(word.len() - 1);
    }
}

fn german(word: &mut String) {
    let stem = if word.len() > 6 && word.ends_with("nen") {
        3
    } else if word.len() > 5 && ["en", "se", "es", "er", "em"].iter().any(|ending| word.ends_with(ending)) {
        2
    } else if word.len() > 4 && word.ends_with(['n', 'r', 's', 'e']) {
        1
    } else {
        0
    };
    word.truncate(word.len() - stem);
}

fn romance(word: &mut String) {
    if word.len() > 5 && word.ends_with("es") {
        word.truncate(word.len() - 2);
    } else if word.len() > 4 && word.ends_with(['s', 'x']) {
        word.truncate(word.len() - 1);
    }
    if word.len() > 4 && word.ends_with(['a', 'e', 'i', 'o']) {
        word.truncate(word.len() - 1);
    }
}

/// Prefixes are tried longest first; what remains must be a word still.
fn arabic(word: &mut String) {
    let length = |word: &str| word.chars().count();
    let prefix = ["وال", "بال", "كال", "فال", "ال", "لل", "و"]
        .into_iter()
        .find(|prefix| word.starts_with(prefix) && length(word) >= length(prefix) + if *prefix == "و" { 3 } else { 2 });
    if let Some(prefix) = prefix {
        word.drain(..prefix.len());
    }
    for suffix in ["ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي"] {
        if word.ends_with(suffix) && length(word) >= length(suffix) + 2 {
            word.truncate(word.len() - suffix.len());
        }
    }
}

const fn is_arabic(character: char) -> bool {
    matches!(character as u32, 0x0600..=0x06FF)
}

/// Appends a lower-case letter without its diacritics: the forms that people type without them.
pub(super) fn fold_letter(letter: char, to: &mut String) {
    let plain = match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ة' => 'ه',
        'ى' => 'ي',
        'ё' => 'е',
        'ß' => return to.push_str("ss"),
        'æ' => return to.push_str("ae"),
        'œ' => return to.push_str("oe"),
        other => other,
    };
    to.push(plain);
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Stemming::English, &["refund", "refunds", "refunded", "refunding"])]
    #[case(Stemming::English, &["change", "changes", "changed", "changing"])]
    #[case(Stemming::English, &["policy", "policies"])]
    #[case(Stemming::English, &["deliver", "delivery", "deliveries", "delivered"])]
    #[case(Stemming::English, &["ship", "ships", "shipped", "shipping"])]
    #[case(Stemming::English, &["address", "addresses"])]
    #[case(Stemming::German, &["konto", "kontos"])]
    #[case(Stemming::German, &["rechnung", "rechnungen"])]
    #[case(Stemming::German, &["passwort", "passworter"])]
    #[case(Stemming::Romance, &["commande", "commandes"])]
    #[case(Stemming::Romance, &["devolucion", "devoluciones"])]
    #[case(Stemming::Romance, &["reembolso", "reembolsos"])]
    fn forms_of_a_word_meet(#[case] stemming: Stemming, #[case] forms: &[&str]) {
        let stems: Vec<_> = forms
            .iter()
            .map(|form| {
                let mut word = (*form).to_owned();
                stemming.reduce(&mut word);
                word
            })
            .collect();
        assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{stems:?}");
    }

    #[test]
    fn short_words_stay() {
        for word in ["bus", "red", "king", "need", "is", "gas", "a", "1s"] {
            for stemming in Stemming::ALL {
                let mut reduced = word.to_owned();
                stemming.reduce(&mut reduced);
                assert!(reduced.len() + 1 >= word.len() && !reduced.is_empty(), "{word} became {reduced}");
            }
        }
    }

    #[test]
    fn the_language_of_a_tag_chooses_the_rules() {
        assert_eq!(Stemming::of(Some("de-AT")), Stemming::German);
        assert_eq!(Stemming::of(Some("pt_BR")), Stemming::Romance);
        assert_eq!(Stemming::of(Some("ru")), Stemming::Plain);
        assert_eq!(Stemming::of(None), Stemming::English);
    }
}
