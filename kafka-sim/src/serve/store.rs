//! The data directory: a catalogue, and a directory per topic id with a directory of segments per
//! partition.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use kafka_proto::Uuid;

use super::segments::Segments;
use crate::{Cluster, ClusterOptions, StoreOp};

const CATALOGUE: &str = "catalogue.txt";
const CATALOGUE_NEXT: &str = "catalogue.next";
const TOPICS: &str = "topics";

/// What a cluster writes down, in files.
#[derive(Debug)]
pub(super) struct Store {
    dir: PathBuf,
    partitions: BTreeMap<(Uuid, i32), Segments>,
}

/// What an earlier cluster wrote down.
#[derive(Debug)]
pub(super) struct Recovered {
    catalogue: Option<String>,
    logs: Vec<(Uuid, i32, Vec<Bytes>)>,
}

impl Recovered {
    pub(super) fn into_cluster(self, options: ClusterOptions) -> io::Result<Cluster> {
        let Some(catalogue) = self.catalogue else {
            return Ok(Cluster::new(options));
        };
        let logs = self
            .logs
            .into_iter()
            .map(|(topic, partition, batches)| (topic, partition, batches.into_iter()));
        Cluster::restore(options, &catalogue, logs)
            .map_err(|text| io::Error::new(io::ErrorKind::InvalidData, text))
    }
}

impl Store {
    /// Opens a data directory, creating it if need be, and reads all of it.
    pub(super) fn open(dir: &Path) -> io::Result<(Self, Recovered)> {
        fs::create_dir_all(dir.join(TOPICS))?;
        let catalogue = match fs::read_to_string(dir.join(CATALOGUE)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let mut store = Self { dir: dir.to_owned(), partitions: BTreeMap::new() };
        let mut logs = Vec::new();
        for (topic, partition, path) in store.on_disk()? {
            let (segments, batches) = Segments::open(path)?;
            store.partitions.insert((topic, partition), segments);
            logs.push((topic, partition, batches));
        }
        Ok((store, Recovered { catalogue, logs }))
    }

    /// Writes one thing down. When this returns, the operating system has it.
    pub(super) fn apply(&mut self, op: StoreOp) -> io::Result<()> {
        match op {
            StoreOp::Catalogue(text) => {
                // The old catalogue stays until the new one is whole.
                let next = self.dir.join(CATALOGUE_NEXT);
                fs::write(&next, text)?;
                fs::rename(next, self.dir.join(CATALOGUE))
            }
            StoreOp::Append { topic, partition, base_offset, head, payload } => {
                self.segments(topic, partition)?.append(base_offset, &head, &payload)
            }
            StoreOp::Trim { topic, partition, log_start } => {
                self.segments(topic, partition)?.trim(log_start)
            }
            StoreOp::Reset { topic, partition } => self.segments(topic, partition)?.reset(),
            StoreOp::Delete { topic } => {
                self.partitions.retain(|(of, _), _| *of != topic);
                match fs::remove_dir_all(self.topic_dir(topic)) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    done => done,
                }
            }
        }
    }

    fn segments(&mut self, topic: Uuid, partition: i32) -> io::Result<&mut Segments> {
        let dir = self.topic_dir(topic).join(partition.to_string());
        let entry = match self.partitions.entry((topic, partition)) {
            std::collections::btree_map::Entry::Occupied(entry) => return Ok(entry.into_mut()),
            std::collections::btree_map::Entry::Vacant(entry) => entry,
        };
        Ok(entry.insert(Segments::open(dir)?.0))
    }

    fn topic_dir(&self, topic: Uuid) -> PathBuf {
        self.dir.join(TOPICS).join(topic.to_string())
    }

    /// Every partition directory. Names that are no id and no number are left alone.
    fn on_disk(&self) -> io::Result<Vec<(Uuid, i32, PathBuf)>> {
        let mut found = Vec::new();
        for topic in fs::read_dir(self.dir.join(TOPICS))? {
            let topic = topic?.path();
            let Some(id) = name_of(&topic) else { continue };
            for partition in fs::read_dir(&topic)? {
                let path = partition?.path();
                if let Some(partition) = name_of(&path) {
                    found.push((id, partition, path));
                }
            }
        }
        Ok(found)
    }
}

fn name_of<T: std::str::FromStr>(path: &Path) -> Option<T> {
    path.file_name()?.to_str()?.parse().ok()
}
