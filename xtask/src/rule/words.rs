//! What no file of the project may say.
//!
//! The list is here and nowhere else. Its phrases are written in pieces, so that this file passes its own check.

use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};

/// Files that people do not write, where a phrase may stand by chance.
const BUILT: [&str; 1] = ["helpdesk-http/assets"];

/// A phrase, and what is wrong with it.
#[derive(Debug)]
struct Phrase {
    text: &'static str,
    place: Place,
    files: Files,
    wrong: &'static str,
}

/// Where in a line a phrase counts.
#[derive(Debug, Clone, Copy)]
enum Place {
    Anywhere,
    /// Not inside a longer name or number.
    Word,
    /// At the beginning of a path, not in the middle of one.
    PathStart,
}

/// Which files a phrase is sought in.
#[derive(Debug, Clone, Copy)]
enum Files {
    All,
    Named(&'static str),
}

const PHRASES: [Phrase; 13] = [
    path_start(concat!("/wo", "rk/")),
    path_start(concat!("/ho", "me/")),
    path_start(concat!("/ro", "ot/")),
    path_start(concat!("/Us", "ers/")),
    briefing(concat!("shared/de", "sign.md")),
    briefing(concat!("shared/fea", "tures.md")),
    briefing(concat!("shared/sty", "le.md")),
    briefing(concat!("shared/conven", "tions.md")),
    briefing(concat!("shared/front", "end.md")),
    briefing(concat!("shared/depend", "encies.md")),
    unfinished(concat!("TO", "DO")),
    unfinished(concat!("FIX", "ME")),
    Phrase {
        text: "\"resolved\": \"http",
        place: Place::Anywhere,
        files: Files::Named("package-lock.json"),
        wrong: "the lock file names a registry; npm leaves it out with omit-lockfile-registry-resolved=true in .npmrc",
    },
];

const fn path_start(text: &'static str) -> Phrase {
    Phrase { text, place: Place::PathStart, files: Files::All, wrong: "a path of somebody's own machine" }
}

const fn briefing(text: &'static str) -> Phrase {
    Phrase { text, place: Place::Anywhere, files: Files::All, wrong: "a document that is not in this repository" }
}

const fn unfinished(text: &'static str) -> Phrase {
    Phrase { text, place: Place::Word, files: Files::All, wrong: "unfinished work belongs in an issue" }
}

/// Fails on files that say what they must not.
pub(crate) fn check(root: &Path, files: &[PathBuf]) -> Result<()> {
    let mut faults = Vec::new();
    let mut seen = 0;
    for file in files.iter().filter(|file| !is_built(file)) {
        let bytes = std::fs::read(root.join(file)).context(format!("reading {}", file.display()))?;
        // Pictures and other binaries have no lines to judge.
        let Ok(text) = std::str::from_utf8(&bytes) else {
            continue;
        };
        seen += 1;
        faults.extend(faults_in(file, text));
    }
    if faults.is_empty() {
        println!("{seen} text files say nothing that they must not");
        return Ok(());
    }
    Err(Failure::new(format!("words that must not be in the project:\n{}", faults.join("\n"))))
}

fn is_built(file: &Path) -> bool {
    BUILT.iter().any(|folder| file.starts_with(folder))
}

fn faults_in(file: &Path, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for phrase in PHRASES.iter().filter(|phrase| phrase.concerns(file)) {
            if phrase.is_in(line) {
                faults.push(format!("{}:{}: `{}`: {}", file.display(), index + 1, phrase.text, phrase.wrong));
            }
        }
    }
    faults
}

impl Phrase {
    fn concerns(&self, file: &Path) -> bool {
        match self.files {
            Files::All => true,
            Files::Named(name) => file.file_name().is_some_and(|own| own == name),
        }
    }

    fn is_in(&self, line: &str) -> bool {
        line.match_indices(self.text).any(|(start, found)| {
            let before = line[..start].chars().next_back();
            let after = line[start + found.len()..].chars().next();
            match self.place {
                Place::Anywhere => true,
                Place::Word => !before.is_some_and(is_name) && !after.is_some_and(is_name),
                Place::PathStart => !before.is_some_and(|it| is_name(it) || "./}-".contains(it)),
            }
        })
    }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, text: &str) -> usize {
        faults_in(Path::new(file), text).len()
    }

    #[test]
    fn a_path_of_a_machine_is_found_where_a_path_begins() {
        let path = concat!("/wo", "rk/");
        for line in [path.to_owned(), format!("see `{path}notes`"), format!("cd {path}main"), format!("\"{path}\"")] {
            assert_eq!(found("a.md", &line), 1, "{line}");
        }
        for line in [format!("https://shop.example{path}"), format!("target{path}"), format!("..{path}"), format!("{{base}}{path}")] {
            assert_eq!(found("a.md", &line), 0, "{line}");
        }
    }

    #[test]
    fn a_mark_of_unfinished_work_is_a_word_of_its_own() {
        let mark = concat!("TO", "DO");
        assert_eq!(found("a.rs", &format!("// {mark}: later")), 1);
        assert_eq!(found("a.rs", &format!("{mark}S_LISTED")), 0);
    }

    #[test]
    fn registries_are_named_in_no_lock_file_of_npm() {
        let line = r#"      "resolved": "https://registry.example/a.tgz","#;
        assert_eq!(found("helpdesk-http/ui/package-lock.json", line), 1);
        assert_eq!(found("docs/npm.md", line), 0);
        // The members of a workspace are links into it.
        let own = r#"      "resolved": "widget","#;
        assert_eq!(found("package-lock.json", own), 0);
    }

    #[test]
    fn the_line_is_named() {
        let text = format!("fine\nfine\n// {}\n", concat!("FIX", "ME"));
        assert!(faults_in(Path::new("a.rs"), &text)[0].starts_with("a.rs:3: "));
    }
}
