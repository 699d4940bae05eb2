//! Kafka's own classes as the measure of ours: what they say of messages, what they write and what they read.
//!
//! [`Classes`] runs `interop/java/conformance` against the client of one release, with no broker. Each call is one JVM
//! that takes and gives JSON lines and ends; see the head of `Conformance.java` for the commands.

use crate::error::{Error, Result};
use crate::java;
use crate::maven::{Jars, LAST_BEFORE_4};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// The program's sources, by file name.
const SOURCES: [(&str, &str); 6] = [
    ("Batches.java", include_str!("../java/conformance/Batches.java")),
    ("Conformance.java", include_str!("../java/conformance/Conformance.java")),
    ("Generator.java", include_str!("../java/conformance/Generator.java")),
    ("Reading.java", include_str!("../java/conformance/Reading.java")),
    ("Shape.java", include_str!("../java/conformance/Shape.java")),
    ("Specs.java", include_str!("../java/conformance/Specs.java")),
];

/// Where 4.x has the classes of records, and where they were before.
const RECORD_PACKAGES: (&str, &str) =
    ("org.apache.kafka.common.record.internal.", "org.apache.kafka.common.record.");

/// The message and record classes of one release's client.
#[derive(Debug)]
pub struct Classes {
    jars: Jars,
    dir: PathBuf,
}

impl Classes {
    /// The classes of release `version`; the program is compiled against them where that hasn't been done.
    pub fn of(version: &str) -> Result<Self> {
        let jars = Jars::client(version)?;
        let moved = version == LAST_BEFORE_4;
        let sources = SOURCES.map(|(name, text)| {
            let (now, before) = RECORD_PACKAGES;
            (name, if moved { text.replace(now, before) } else { text.to_owned() })
        });
        let dir = java::compile(&jars, "conformance", &sources)?;
        Ok(Self { jars, dir })
    }

    /// The release.
    pub fn version(&self) -> &str {
        self.jars.version()
    }

    /// The answer to one command, line by line. `lines` are what it reads.
    ///
    /// # Errors
    /// When the program fails, with what it printed; when a line is no JSON.
    pub fn ask(
        &self,
        words: &[&str],
        lines: impl Iterator<Item = Value> + Send,
        mut each: impl FnMut(Value),
    ) -> Result<()> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let log = self.dir.join(format!("{}-{nth}.log", std::process::id()));
        let stderr = File::create(&log).map_err(Error::at(&log))?;
        let mut child = Command::new("java")
            .args(["-XX:+UseSerialGC", "-Xshare:auto", "-Xmx1g"])
            .arg("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
            .arg("-cp")
            .arg(format!("{}:{}", self.dir.display(), self.jars.class_path()))
            .arg("Conformance")
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(Error::io("java"))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Answer("no pipes".to_owned()));
        };
        let read = thread::scope(|scope| {
            // A program that ends early is known by its status; what it then did not read does not matter.
            scope.spawn(move || write_lines(BufWriter::new(stdin), lines).ok());
            read_lines(BufReader::with_capacity(1 << 16, stdout), &mut each)
        });
        let status = child.wait().map_err(Error::io("java"))?;
        let output = fs::read_to_string(&log).map_err(Error::at(&log))?;
        if !status.success() {
            return Err(Error::Tool {
                program: format!("java Conformance {words:?}"),
                status,
                output,
            });
        }
        let _ = fs::remove_file(&log);
        read
    }
}

fn write_lines(mut out: impl Write, lines: impl Iterator<Item = Value>) -> std::io::Result<()> {
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

fn read_lines(input: impl BufRead, each: &mut impl FnMut(Value)) -> Result<()> {
    for line in input.lines() {
        let line = line.map_err(Error::io("java Conformance"))?;
        let value = serde_json::from_str(&line)
            .map_err(|error| Error::Answer(format!("{error} in {line:?}")))?;
        each(value);
    }
    Ok(())
}
