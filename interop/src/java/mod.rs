//! The Java client as a peer: what it wrote we must read, what we wrote it must read.
//!
//! [`Java`] is one long-lived JVM that runs `interop/java/Peer.java`, so that a call costs milliseconds and not a JVM's
//! start. Commands and answers are JSON lines; see the head of that file.

mod classes;
mod record;

pub(crate) use classes::compile;
pub use record::{Consumed, EndOffsets, Header, Leader, Placed, Record, Topic};

use crate::error::{Error, Result};
use crate::maven::Jars;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// The peer's source, by file name.
const SOURCES: [(&str, &str); 2] = [
    ("Peer.java", include_str!("../../java/Peer.java")),
    ("Json.java", include_str!("../../java/Json.java")),
];

/// One JVM with the Java client, bound to a cluster. Calls wait for each other; start a second one for work at the same time.
#[derive(Debug)]
pub struct Java {
    bootstrap: String,
    peer: Mutex<Peer>,
}

#[derive(Debug)]
struct Peer {
    process: Child,
    commands: BufWriter<ChildStdin>,
    answers: BufReader<ChildStdout>,
    log: PathBuf,
}

/// How a transactional `produce` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Committed.
    Commit,
    /// Aborted.
    Abort,
    /// Neither: the producer is let go with the transaction open, as by a crash.
    Open,
}

impl Java {
    /// Starts the client of `jars`' release against `bootstrap`; the peer is compiled where that hasn't been done.
    pub fn start(jars: &Jars, bootstrap: &str) -> Result<Self> {
        let classes = compile(jars, "peer", &SOURCES.map(|(name, text)| (name, text.to_owned())))?;
        let log = classes.join("peer.log");
        let stderr =
            File::options().append(true).create(true).open(&log).map_err(Error::at(&log))?;
        let mut process = Command::new("java")
            .args([
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            ])
            .arg("-cp")
            .arg(format!("{}:{}", classes.display(), jars.class_path()))
            .args(["Peer", "serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(Error::io("java"))?;
        let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Error::Answer("no pipes".to_owned()));
        };
        let peer = Peer {
            process,
            commands: BufWriter::new(stdin),
            answers: BufReader::with_capacity(1 << 16, stdout),
            log,
        };
        Ok(Self { bootstrap: bootstrap.to_owned(), peer: Mutex::new(peer) })
    }

    /// Sends records with `acks=all` and returns where each went, in the order given.
    ///
    /// `codec` is a `compression.type`; `config` adds to the producer's configuration (`[("batch.size", "100")]`).
    pub fn produce(
        &self,
        topic: &str,
        codec: &str,
        records: &[Record],
        config: &[(&str, &str)],
    ) -> Result<Vec<Placed>> {
        self.produce_ending(topic, codec, records, config, End::Commit)
    }

    /// As [`produce`](Self::produce), in one transaction if `config` names a `transactional.id`, with that end.
    pub fn produce_ending(
        &self,
        topic: &str,
        codec: &str,
        records: &[Record],
        config: &[(&str, &str)],
        end: End,
    ) -> Result<Vec<Placed>> {
        let end = match end {
            End::Commit => "--end=commit",
            End::Abort => "--end=abort",
            End::Open => "--end=open",
        };
        let words = with_settings(&["produce", &self.bootstrap, topic, codec, end], config);
        let lines: Vec<String> =
            records.iter().map(|record| record.to_json().to_string()).collect();
        let mut placed = Vec::new();
        self.ask(&words, Some(&lines), |line| {
            placed.push(Placed::from_json(&line));
        })?;
        placed.into_iter().collect()
    }

    /// Sends bare values, quickly: for a million of them. None may be empty or hold a line feed.
    pub fn produce_lines(&self, topic: &str, codec: &str, lines: &[String]) -> Result<()> {
        self.ask(&words(&["produce-lines", &self.bootstrap, topic, codec]), Some(lines), drop)
    }

    /// All records of the topic from its start to its end offsets of now, every partition's in order.
    ///
    /// `config` adds to the consumer's configuration (`[("isolation.level", "read_committed")]`).
    pub fn consume(&self, topic: &str, config: &[(&str, &str)]) -> Result<Vec<Consumed>> {
        let words = with_settings(&["consume", &self.bootstrap, topic], config);
        self.list(&words, Consumed::from_json)
    }

    /// The bare values of the topic, quickly: for a million of them. Null comes as empty; values must not hold a line feed.
    pub fn lines(&self, topic: &str, mut each: impl FnMut(&[u8])) -> Result<()> {
        self.converse(&with_settings(&["lines", &self.bootstrap, topic], &[]), None, |line| {
            let value = line.strip_prefix(b"=");
            value.map(&mut each).is_some()
        })
    }

    /// All topics, internal ones too.
    pub fn topics(&self) -> Result<Vec<Topic>> {
        self.list(&words(&["topics", &self.bootstrap]), Topic::from_json)
    }

    /// Creates a topic with `config` of its own.
    pub fn create(
        &self,
        topic: &str,
        partitions: i32,
        replication_factor: i16,
        config: &[(&str, &str)],
    ) -> Result<()> {
        let (partitions, copies) = (partitions.to_string(), replication_factor.to_string());
        self.act(&with_settings(&["create", &self.bootstrap, topic, &partitions, &copies], config))
    }

    /// Deletes a topic.
    pub fn delete(&self, topic: &str) -> Result<()> {
        self.act(&words(&["delete", &self.bootstrap, topic]))
    }

    /// Raises a topic's partition count to `partitions`.
    pub fn grow(&self, topic: &str, partitions: i32) -> Result<()> {
        self.act(&words(&["grow", &self.bootstrap, topic, &partitions.to_string()]))
    }

    /// Sets configuration values of a topic.
    pub fn alter(&self, topic: &str, config: &[(&str, &str)]) -> Result<()> {
        self.act(&with_settings(&["alter", &self.bootstrap, topic], config))
    }

    /// Who leads each partition, by partition.
    pub fn leaders(&self, topic: &str) -> Result<Vec<Leader>> {
        self.list(&words(&["leaders", &self.bootstrap, topic]), Leader::from_json)
    }

    /// The log's start and end, by partition.
    pub fn end_offsets(&self, topic: &str, config: &[(&str, &str)]) -> Result<Vec<EndOffsets>> {
        self.list(
            &with_settings(&["end-offsets", &self.bootstrap, topic], config),
            EndOffsets::from_json,
        )
    }

    /// Deletes a partition's records before `offset`.
    pub fn trim(&self, topic: &str, partition: i32, offset: i64) -> Result<()> {
        self.act(&words(&[
            "trim",
            &self.bootstrap,
            topic,
            &partition.to_string(),
            &offset.to_string(),
        ]))
    }

    /// Commits an offset for a group without members.
    pub fn commit(&self, group: &str, topic: &str, partition: i32, offset: i64) -> Result<()> {
        self.act(&words(&[
            "commit",
            &self.bootstrap,
            group,
            topic,
            &partition.to_string(),
            &offset.to_string(),
        ]))
    }

    /// What a group has committed: (topic, partition, offset), sorted.
    pub fn committed(&self, group: &str) -> Result<Vec<(String, i32, i64)>> {
        let mut all =
            self.list(&words(&["committed", &self.bootstrap, group]), record::committed)?;
        all.sort();
        Ok(all)
    }

    fn act(&self, words: &[String]) -> Result<()> {
        self.ask(words, None, drop)
    }

    fn list<T>(&self, words: &[String], read: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.ask(words, None, |line| all.push(read(&line)))?;
        all.into_iter().collect()
    }

    /// One command whose answer is JSON lines.
    fn ask(
        &self,
        words: &[String],
        records: Option<&[String]>,
        mut each: impl FnMut(Value),
    ) -> Result<()> {
        self.converse(words, records, |line| match serde_json::from_slice::<Value>(line) {
            Ok(json) if json.get("done").is_none() => {
                each(json);
                true
            }
            _ => false,
        })
    }

    /// One command and its answer. `each` takes a line; the one that it refuses must be the last.
    fn converse(
        &self,
        words: &[String],
        records: Option<&[String]>,
        mut each: impl FnMut(&[u8]) -> bool,
    ) -> Result<()> {
        let mut peer = self.peer.lock().unwrap_or_else(PoisonError::into_inner);
        peer.say(words, records).map_err(Error::io("the Java peer"))?;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read =
                peer.answers.read_until(b'\n', &mut line).map_err(Error::io("the Java peer"))?;
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            if read > 0 && each(text) {
                continue;
            }
            let last: Value = serde_json::from_slice(text).unwrap_or_default();
            return match (
                last.get("done").and_then(Value::as_bool),
                last.get("error").and_then(Value::as_str),
            ) {
                (Some(true), _) => Ok(()),
                (_, Some(error)) => Err(Error::Java(error.to_owned())),
                _ => Err(Error::Answer(format!(
                    "{:?}; see {}",
                    String::from_utf8_lossy(text),
                    peer.log.display()
                ))),
            };
        }
    }
}

impl Peer {
    fn say(&mut self, words: &[String], records: Option<&[String]>) -> std::io::Result<()> {
        writeln!(self.commands, "{}", json!(words))?;
        if let Some(records) = records {
            for record in records {
                writeln!(self.commands, "{record}")?;
            }
            writeln!(self.commands)?;
        }
        self.commands.flush()
    }
}

impl Drop for Java {
    fn drop(&mut self) {
        // Where nothing is dropped, the end of the pipe ends it.
        let peer = self.peer.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = peer.process.kill();
        let _ = peer.process.wait();
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn with_settings(fixed: &[&str], config: &[(&str, &str)]) -> Vec<String> {
    let mut all = words(fixed);
    all.extend(config.iter().map(|(name, value)| format!("{name}={value}")));
    all
}
