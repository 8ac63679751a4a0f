//! The lines of a `text/event-stream` (the HTML standard, "Server-sent events"), as they come in pieces.

/// The longest line, in bytes.
const LINE_LIMIT: usize = 256 * 1024;
/// The longest stream, in bytes. One token is about 250 bytes on the wire.
const STREAM_LIMIT: usize = 16 * 1024 * 1024;

/// More than an answer can be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Collects the data of events.
#[derive(Debug, Default)]
pub(super) struct EventStream {
    line: Vec<u8>,
    data: Option<String>,
    after_return: bool,
    seen: usize,
}

impl EventStream {
    /// Takes the next piece; returns the data of the events that it completes.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut events = Vec::new();
        for &byte in piece {
            // The byte order mark that may begin a stream.
            if self.seen == 3 && self.line == [0xEF, 0xBB, 0xBF] {
                self.line.clear();
            }
            self.seen += 1;
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                _ => self.line.push(byte),
            }
            if self.line.len() > LINE_LIMIT || self.seen > STREAM_LIMIT || self.data.as_ref().is_some_and(|data| data.len() > LINE_LIMIT) {
                return Err(TooLong);
            }
        }
        Ok(events)
    }

    /// The last event, where the server ended without the empty line that should follow it.
    pub(super) fn finish(mut self) -> Option<String> {
        self.end_line().or(self.data)
    }

    fn end_line(&mut self) -> Option<String> {
        if self.line.is_empty() {
            return self.data.take();
        }
        let line = String::from_utf8_lossy(&self.line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
        self.line.clear();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let mut stream = EventStream::default();
        let mut events: Vec<_> = pieces.iter().flat_map(|piece| stream.push(piece).unwrap()).collect();
        events.extend(stream.finish());
        events
    }

    #[test]
    fn every_line_end_and_every_cut_gives_the_same_events() {
        let text = "\u{FEFF}: comment\nevent: x\ndata: {\"ü\":1}\n\ndata:two\r\ndata: lines\r\n\r\ndata: three\rid: 4\r\r\n\ndata: [DONE]";
        let whole = events(&[text.as_bytes()]);
        assert_eq!(whole, ["{\"ü\":1}", "two\nlines", "three", "[DONE]"]);
        for size in 1..7 {
            assert_eq!(events(&text.as_bytes().chunks(size).collect::<Vec<_>>()), whole, "in pieces of {size}");
        }
    }

    #[test]
    fn endless_lines_and_streams_end() {
        assert_eq!(EventStream::default().push(&vec![b'x'; LINE_LIMIT + 1]), Err(TooLong));
        let mut stream = EventStream::default();
        let comments = b": keep-alive\n\n".repeat(10_000);
        assert!((0..200).any(|_| stream.push(&comments) == Err(TooLong)));
        let mut stream = EventStream::default();
        let lines = b"data: x\n".repeat(LINE_LIMIT);
        assert_eq!(stream.push(&lines), Err(TooLong));
    }

    #[test]
    fn bytes_that_are_no_text_are_survived() {
        assert_eq!(events(&[b"data: \xff\xfe\n\n", b"nonsense\n\n\n"]), ["\u{FFFD}\u{FFFD}"]);
    }
}
