//! The files of one partition: batches back to back, in segments named by the offset of their first
//! batch.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use kafka_proto::records::Batches;

/// A segment that has grown this large is followed by another, so that what is trimmed can be given
/// back.
const SEGMENT_MAX: u64 = 64 << 20;

const EXTENSION: &str = "log";

/// Segments of one partition, ready to be appended to.
#[derive(Debug)]
pub(super) struct Segments {
    dir: PathBuf,
    /// First offsets of all segments, ascending.
    starts: Vec<i64>,
    last: Option<File>,
    last_len: u64,
}

impl Segments {
    /// Opens the directory, creating it if need be, and gives every whole batch in order. What
    /// follows the last of them (the process ended while it wrote) is cut off.
    pub(super) fn open(dir: PathBuf) -> io::Result<(Self, Vec<Bytes>)> {
        fs::create_dir_all(&dir)?;
        let mut starts = starts(&dir)?;
        starts.sort_unstable();
        let mut segments = Self { dir, starts: Vec::new(), last: None, last_len: 0 };
        let mut batches = Vec::new();
        let mut torn = false;
        for start in starts {
            let path = segments.path(start);
            if torn {
                fs::remove_file(path)?;
                continue;
            }
            let bytes = Bytes::from(fs::read(&path)?);
            let sound = read_sound(&bytes, &mut batches);
            torn = sound < bytes.len();
            segments.reopen(start, sound as u64)?;
        }
        Ok((segments, batches))
    }

    /// Appends one batch, given in two pieces. When this returns, the operating system has it.
    pub(super) fn append(
        &mut self,
        base_offset: i64,
        head: &[u8],
        payload: &[u8],
    ) -> io::Result<()> {
        if self.last.is_none() || self.last_len >= SEGMENT_MAX {
            self.reopen(base_offset, 0)?;
        }
        let Some(file) = &mut self.last else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let mut slices = [IoSlice::new(head), IoSlice::new(payload)];
        let mut left = slices.as_mut_slice();
        while !left.is_empty() {
            let written = file.write_vectored(left)?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.last_len = self.last_len.saturating_add(written as u64);
            IoSlice::advance_slices(&mut left, written);
        }
        Ok(())
    }

    /// Removes the segments that end at or before an offset.
    pub(super) fn trim(&mut self, log_start: i64) -> io::Result<()> {
        while self.starts.get(1).is_some_and(|second| *second <= log_start) {
            let first = self.starts.remove(0);
            fs::remove_file(self.path(first))?;
        }
        Ok(())
    }

    /// Removes all segments.
    pub(super) fn reset(&mut self) -> io::Result<()> {
        self.last = None;
        for start in std::mem::take(&mut self.starts) {
            fs::remove_file(self.path(start))?;
        }
        Ok(())
    }

    /// Goes on with a segment at a length, or with a new one.
    fn reopen(&mut self, start: i64, len: u64) -> io::Result<()> {
        let mut file =
            OpenOptions::new().create(true).truncate(false).write(true).open(self.path(start))?;
        file.set_len(len)?;
        io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
        if self.starts.last() != Some(&start) {
            self.starts.push(start);
        }
        self.last = Some(file);
        self.last_len = len;
        Ok(())
    }

    fn path(&self, start: i64) -> PathBuf {
        self.dir.join(format!("{start:020}.{EXTENSION}"))
    }
}

/// First offsets of the segments in a directory; other files are left alone.
fn starts(dir: &Path) -> io::Result<Vec<i64>> {
    let mut starts = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
        let start: Option<i64> =
            path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        starts.extend(start.filter(|_| is_segment));
    }
    Ok(starts)
}

/// Takes the batches up to the first one that is cut short or has a wrong checksum, and tells how
/// many bytes they are.
fn read_sound(bytes: &Bytes, batches: &mut Vec<Bytes>) -> usize {
    let mut sound = 0;
    for batch in Batches::new(bytes.clone()) {
        let Ok(batch) = batch else { break };
        if batch.verify_crc().is_err() {
            break;
        }
        sound += batch.bytes().len();
        batches.push(batch.bytes().clone());
    }
    sound
}
