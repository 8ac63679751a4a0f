//! No source file grows past what a reader can hold.

use std::path::{Path, PathBuf};

use crate::failure::{Context, Failure, Result};

/// Lines a source file may have. About 150 is normal.
const MOST_LINES: usize = 600;

/// Extensions of the files people write and read.
const SOURCES: [&str; 3] = ["rs", "ts", "tsx"];

/// Fails on source files that are too long.
pub(crate) fn check(root: &Path, files: &[PathBuf]) -> Result<()> {
    let mut long = Vec::new();
    let mut seen = 0;
    for file in files.iter().filter(|file| is_source(file)) {
        let text = std::fs::read(root.join(file)).context(format!("reading {}", file.display()))?;
        seen += 1;
        let lines = count_lines(&text);
        if lines > MOST_LINES {
            long.push(format!("{lines} lines: {}", file.display()));
        }
    }
    if long.is_empty() {
        println!("{seen} source files, none longer than {MOST_LINES} lines");
        return Ok(());
    }
    Err(Failure::new(format!("source files longer than {MOST_LINES} lines; split them by subject:\n{}", long.join("\n"))))
}

/// Generated files are as long as they are.
fn is_source(file: &Path) -> bool {
    let generated = file.starts_with("helpdesk-http/assets") || file.file_name().is_some_and(|name| name == "schema.d.ts");
    let source = file.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| SOURCES.contains(&extension));
    source && !generated
}

fn count_lines(text: &[u8]) -> usize {
    let ends = text.iter().filter(|byte| **byte == b'\n').count();
    let open_end = text.last().is_some_and(|byte| *byte != b'\n');
    ends + usize::from(open_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_line_without_an_end_counts() {
        assert_eq!(count_lines(b""), 0);
        assert_eq!(count_lines(b"one\n"), 1);
        assert_eq!(count_lines(b"one\ntwo"), 2);
    }

    #[test]
    fn only_written_sources_are_measured() {
        for measured in ["src/lib.rs", "helpdesk-http/ui/inbox/src/app.tsx", "helpdesk-http/ui/shared/transport.ts"] {
            assert!(is_source(Path::new(measured)), "{measured}");
        }
        for other in ["README.md", "helpdesk-http/assets/inbox/page.ts", "helpdesk-http/ui/shared/schema.d.ts"] {
            assert!(!is_source(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn the_file_that_is_too_long_is_named() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("short.rs"), "\n".repeat(MOST_LINES)).unwrap();
        std::fs::write(root.path().join("long.rs"), "\n".repeat(MOST_LINES + 1)).unwrap();
        let short = PathBuf::from("short.rs");
        let long = PathBuf::from("long.rs");
        assert_eq!(check(root.path(), std::slice::from_ref(&short)), Ok(()));
        let failure = check(root.path(), &[short, long]).unwrap_err().to_string();
        assert!(failure.contains("601 lines: long.rs"), "{failure}");
        assert!(!failure.contains("short.rs"), "{failure}");
    }
}
