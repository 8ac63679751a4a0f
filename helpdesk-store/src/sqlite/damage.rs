//! Whether the write-ahead log still holds what was committed.
//!
//! SQLite takes the end of a log to be where its checksums stop fitting. After a crash that is right: what follows was
//! never acknowledged. But if a disk, a copy or a person changed the log, everything behind the change would vanish
//! without a word. So the log is looked at before anybody opens the file, and where committed work would be lost, opening
//! is refused. Two things show it. The shared memory beside the file outlives a process, and says how far the log had been
//! written; and since each transaction is made durable before the next begins, no crash leaves two whole ones behind a gap.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use helpdesk_core::store::{StorageFault, StoreError};

use crate::sql::fault::storage;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The magic number of a log; the lowest bit says in which order its checksums take bytes.
const MAGIC: u32 = 0x377f_0682;

/// Looks at the log beside this database file, if there is one.
pub(super) fn look(file: &Path) -> Result<(), StoreError> {
    // In this order: a log is written before the shared memory tells of it.
    let told = told(&beside(file, "-shm"));
    let path = beside(file, "-wal");
    let log = match File::open(&path).and_then(|log| read(&mut BufReader::with_capacity(1 << 16, log))) {
        Ok(log) => log,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(storage(StorageFault::Failing, format!("{} cannot be read: {error}", path.display()))),
    };
    let Some(log) = log else { return Ok(()) };
    let missing = told.filter(|told| told.salts == log.salts).map_or(0, |told| told.frames.saturating_sub(log.whole));
    if missing == 0 && log.commits_behind < 2 {
        return Ok(());
    }
    let (log_file, frame, file) = (path.display(), log.whole + 1, file.display());
    Err(storage(
        StorageFault::Damaged,
        format!(
            "{log_file} is damaged at frame {frame}: what was committed from there on would be lost; keep copies of {file} and of \
             {log_file}, and restore a backup; or, to go on without what is lost, run: sqlite3 {file} 'PRAGMA wal_checkpoint(TRUNCATE)'"
        ),
    ))
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// How far the log had been written, as the shared memory tells.
struct Told {
    salts: [u8; 8],
    frames: u64,
}

/// Reads the index's header, which lies there twice; none where it is not whole.
fn told(path: &Path) -> Option<Told> {
    let mut bytes = [0; 96];
    File::open(path).ok()?.read_exact(&mut bytes).ok()?;
    let (first, second) = bytes.split_at(48);
    let begun = first[12] != 0;
    let frames = u32::from_ne_bytes(first[16..20].try_into().ok()?);
    (begun && first == second).then(|| Some(Told { salts: first[32..40].try_into().ok()?, frames: frames.into() }))?
}

/// What a log holds.
struct Log {
    salts: [u8; 8],
    /// Frames up to the first that does not fit.
    whole: u64,
    /// Ends of transactions behind that one that belong to this log all the same.
    commits_behind: u64,
}

/// Reads a log to its end; none where there is not even a header, as after a clean end.
fn read(log: &mut impl Read) -> std::io::Result<Option<Log>> {
    let mut header = [0; HEADER];
    if !filled(log, &mut header)? {
        return Ok(None);
    }
    let magic = word(&header, 0);
    let mut sum = Checksum { big_endian: magic & 1 == 1, words: (0, 0) };
    sum.add(&header[..24]);
    let size = word(&header, 8);
    let plausible = size.is_power_of_two() && (512..=65536).contains(&size);
    if magic & !1 != MAGIC || !sum.is(&header[24..]) || !plausible {
        // SQLite would take it for empty. Whether it was, only the shared memory can tell.
        let salts = header[16..24].try_into().unwrap_or_default();
        return Ok(Some(Log { salts, whole: 0, commits_behind: 0 }));
    }
    let salts: [u8; 8] = header[16..24].try_into().unwrap_or_default();
    let mut found = Log { salts, whole: 0, commits_behind: 0 };
    let (mut frame, mut fits) = (vec![0; FRAME_HEADER + size as usize], true);
    while filled(log, &mut frame)? {
        let (head, page) = frame.split_at(FRAME_HEADER);
        let ours = head[8..16] == salts;
        if fits {
            sum.add(&head[..8]);
            sum.add(page);
            fits = ours && sum.is(&head[16..24]);
        }
        if fits {
            found.whole += 1;
        } else if ours && word(head, 4) != 0 {
            found.commits_behind += 1;
        }
    }
    Ok(Some(found))
}

/// Reads as much as fits; false where the log ends before.
fn filled(log: &mut impl Read, bytes: &mut [u8]) -> std::io::Result<bool> {
    match log.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// The running checksum of a log, as the file format of SQLite describes it.
struct Checksum {
    big_endian: bool,
    words: (u32, u32),
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        let (mut first, mut second) = self.words;
        for pair in bytes.chunks_exact(8) {
            let part = |at: usize| {
                let four = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
                if self.big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
            };
            first = first.wrapping_add(part(0)).wrapping_add(second);
            second = second.wrapping_add(part(4)).wrapping_add(first);
        }
        self.words = (first, second);
    }

    fn is(&self, written: &[u8]) -> bool {
        (word(written, 0), word(written, 4)) == self.words
    }
}
