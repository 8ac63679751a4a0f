//! Articles cut into passages: whole paragraphs under one heading, short enough to be read at once.

use super::excerpt::sentences;

/// Paragraphs are gathered up to this length, in bytes.
const GATHERED: usize = 600;
/// A paragraph beyond this is cut between its sentences.
const LONGEST: usize = 1_500;

/// A part of an article.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The heading it stands under; empty without one.
    pub(super) heading: String,
    /// Its text.
    pub(super) text: String,
}

/// Cuts an article's text. Empty text makes no part.
pub(super) fn cut(body: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut heading = String::new();
    let mut gathered = String::new();
    let mut finish = |gathered: &mut String, heading: &str| {
        if !gathered.is_empty() {
            parts.push(Part { heading: heading.to_owned(), text: std::mem::take(gathered) });
        }
    };
    for block in blocks(body) {
        match block {
            Block::Heading(text) => {
                finish(&mut gathered, &heading);
                heading = text;
            }
            Block::Paragraph(text) => {
                for piece in pieces(&text) {
                    if gathered.len() + piece.len() > GATHERED {
                        finish(&mut gathered, &heading);
                    }
                    if !gathered.is_empty() {
                        gathered.push_str("\n\n");
                    }
                    gathered.push_str(piece);
                }
            }
        }
    }
    finish(&mut gathered, &heading);
    parts
}

enum Block {
    Heading(String),
    Paragraph(String),
}

fn blocks(body: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph = String::new();
    let mut finish = |paragraph: &mut String, heading: Option<String>| {
        if !paragraph.is_empty() {
            blocks.push(Block::Paragraph(std::mem::take(paragraph)));
        }
        blocks.extend(heading.map(Block::Heading));
    };
    for line in body.lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("```") {
            finish(&mut paragraph, None);
        } else if let Some(heading) = heading(line) {
            finish(&mut paragraph, Some(heading));
        } else {
            if !paragraph.is_empty() {
                paragraph.push('\n');
            }
            paragraph.push_str(&plain(line));
        }
    }
    finish(&mut paragraph, None);
    blocks
}

/// The text of a heading line: one to six number signs and a space.
fn heading(line: &str) -> Option<String> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    let text = text.strip_prefix(' ')?;
    ((1..=6).contains(&level)).then(|| plain(text.trim().trim_end_matches('#').trim_end()))
}

/// A line without the marks of strong text and code, and with links written out.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = rest.find('[') {
        let Some((label, address, length)) = link(&rest[open..]) else {
            text.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
            continue;
        };
        text.push_str(&rest[..open]);
        text.push_str(label);
        if label != address {
            text.push_str(" (");
            text.push_str(address);
            text.push(')');
        }
        rest = &rest[open + length..];
    }
    text.push_str(rest);
    text.replace("**", "").replace('`', "")
}

/// A link `[label](address)` at the beginning of `text`: its parts and its length.
fn link(text: &str) -> Option<(&str, &str, usize)> {
    let (label, after) = text[1..].split_once("](")?;
    let (address, _) = after.split_once(')')?;
    let plain = !label.is_empty() && !label.contains(['[', ']']) && !address.contains(char::is_whitespace);
    plain.then(|| (label, address, label.len() + address.len() + "[](".len() + 1))
}

/// A paragraph as it is, or cut between sentences where it is too long; within a sentence only where that is too long itself.
fn pieces(paragraph: &str) -> Vec<&str> {
    if paragraph.len() <= LONGEST {
        return vec![paragraph];
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut end = 0;
    for sentence in sentences(paragraph) {
        if sentence.end - start > GATHERED && end > start {
            pieces.push(paragraph[start..end].trim());
            start = end;
        }
        end = sentence.end;
        while end - start > LONGEST {
            let cut = paragraph.floor_char_boundary(start + LONGEST);
            let cut = paragraph[start..cut].rfind(char::is_whitespace).filter(|space| *space > 0).map_or(cut, |space| start + space);
            pieces.push(paragraph[start..cut].trim());
            start = cut;
        }
    }
    pieces.push(paragraph[start..].trim());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(heading: &str, text: &str) -> Part {
        Part { heading: heading.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn headings_divide_and_paragraphs_gather() {
        let body = "Intro.\n\nMore.\n\n## Returns ##\nWithin **30** days.\n- free\n- easy\n\n#hashtag\n";
        assert_eq!(cut(body), [part("", "Intro.\n\nMore."), part("Returns", "Within 30 days.\n- free\n- easy\n\n#hashtag")]);
        assert!(cut(" \n\n# Only a heading\n").is_empty());
    }

    #[test]
    fn links_are_written_out() {
        assert_eq!(
            plain("See [our page](https://a.example/x) or [1] or [b](c d), `now`."),
            "See our page (https://a.example/x) or [1] or [b](c d), now."
        );
        assert_eq!(plain("[[x](y)"), "[x (y)");
    }

    #[test]
    fn long_text_is_cut_between_sentences_and_none_is_lost() {
        let body = "This sentence is repeated until it is too long. ".repeat(100);
        let parts = cut(&body);
        assert!(parts.len() > 5 && parts.iter().all(|part| part.text.len() <= LONGEST && part.text.ends_with("too long.")));
        assert_eq!(parts.iter().map(|part| part.text.matches("This").count()).sum::<usize>(), 100);
        let wall = "ü".repeat(20_000);
        let parts = cut(&wall);
        assert_eq!(parts.iter().map(|part| part.text.chars().count()).sum::<usize>(), 20_000);
        assert!(parts.iter().all(|part| part.text.len() <= LONGEST));
    }
}
