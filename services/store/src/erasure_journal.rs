//! The list of erased badges that no restored backup can lack: a file beside the database.
//!
//! One line an erasure: the position, a space, the time in milliseconds, a line feed. It is written and
//! synced before anything is deleted, so it may name a badge that is still there: then the erasure was
//! asked for and cut short, and the next start completes it. Never a digest or a salt.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use domain::Position;
use proof::Timestamp;

use crate::StoreError;

/// What a journal says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasureList {
    /// Positions and times, in the order they were asked for; a position may come again.
    pub erasures: Vec<(Position, Timestamp)>,
    /// Numbers, from 1, of lines that were cut short by a crash, or damaged.
    pub unreadable: Vec<usize>,
}

struct Journal {
    file: File,
    /// The last line has no end: what comes next begins a new one.
    is_torn: bool,
}

/// The open journal of this process. Replicas have one each.
pub struct ErasureJournal {
    path: PathBuf,
    journal: Arc<Mutex<Journal>>,
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

impl ErasureJournal {
    /// Opens it, or makes it where there is none, readable by its owner only.
    ///
    /// # Errors
    /// `Unavailable` when the file system refuses.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || {
            let mut options = OpenOptions::new();
            let mut file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
            // a new file must outlive a power loss, too
            if let Some(directory) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
                File::open(directory)?.sync_all()?;
            }
            let mut last = [b'\n'];
            if file.seek(SeekFrom::End(0))? > 0 {
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
            }
            Ok(Journal { file, is_torn: last != [b'\n'] })
        };
        let journal = open().map_err(|error| unavailable(path, &error))?;
        Ok(Self { path: path.to_owned(), journal: Arc::new(Mutex::new(journal)) })
    }

    /// Adds an erasure; it is on disk when this returns.
    ///
    /// # Errors
    /// `Unavailable` when it may not be: nothing may be erased then.
    pub async fn append(&self, position: Position, at: Timestamp) -> Result<(), StoreError> {
        let journal = Arc::clone(&self.journal);
        let written = tokio::task::spawn_blocking(move || {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            let start = if journal.is_torn { "\n" } else { "" };
            let line = format!("{start}{position} {}\n", at.millis());
            journal.is_torn = true;
            journal.file.write_all(line.as_bytes())?;
            journal.is_torn = false;
            journal.file.sync_data()
        });
        match written.await {
            Ok(written) => written.map_err(|error| unavailable(&self.path, &error)),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }

    /// All that a journal says; nothing where there is no file.
    ///
    /// # Errors
    /// `Unavailable` when it is there and cannot be read.
    pub fn read(path: &Path) -> Result<ErasureList, StoreError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(ErasureList::default()),
            Err(error) => return Err(unavailable(path, &error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        let mut list = ErasureList::default();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            match parse(line) {
                Some(erasure) => list.erasures.push(erasure),
                None => list.unreadable.push(index + 1),
            }
        }
        Ok(list)
    }
}

fn parse(line: &str) -> Option<(Position, Timestamp)> {
    let (position, millis) = line.split_once(' ')?;
    Some((position.parse().ok()?, Timestamp::from_millis(millis.parse().ok()?).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamId;

    fn place(offset: u64) -> Position {
        Position::first_of(StreamId(1)).plus(offset)
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[tokio::test]
    async fn what_was_appended_is_read_and_a_torn_line_harms_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("erasures.log");
        assert_eq!(ErasureJournal::read(&path).unwrap(), ErasureList::default());
        let journal = ErasureJournal::open(&path).unwrap();
        journal.append(place(3), at(17)).await.unwrap();
        journal.append(place(1), at(18)).await.unwrap();
        drop(journal);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"28147").unwrap();
        drop(file);
        let journal = ErasureJournal::open(&path).unwrap();
        journal.append(place(2), at(19)).await.unwrap();
        let list = ErasureJournal::read(&path).unwrap();
        assert_eq!(list.erasures, [(place(3), at(17)), (place(1), at(18)), (place(2), at(19))]);
        assert_eq!(list.unreadable, [3]);
    }
}
