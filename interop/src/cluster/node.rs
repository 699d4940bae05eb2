//! One node of a cluster: its files, its ports, and its process while it has one.

use super::ports::Port;
use crate::error::{Error, Result};
use crate::maven::Jars;
use crate::process::Guarded;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How much of a log an error shows.
const LOG_END_LINES: usize = 40;

/// A broker and controller in one JVM.
#[derive(Debug)]
pub struct Node {
    id: i32,
    port: Port,
    controller: Port,
    dir: PathBuf,
    life: Mutex<Life>,
}

#[derive(Debug, Default)]
struct Life {
    process: Option<Guarded>,
    flags: Vec<String>,
    paused: bool,
}

impl Node {
    pub(super) fn new(id: i32, port: Port, controller: Port, dir: PathBuf) -> Self {
        Self { id, port, controller, dir, life: Mutex::default() }
    }

    /// The broker id.
    pub fn id(&self) -> i32 {
        self.id
    }

    /// The port that clients connect to, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// `127.0.0.1:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port.number())
    }

    /// The JVM's process id, while it runs.
    pub fn pid(&self) -> Option<i32> {
        self.life().process.as_mut().and_then(|process| process.is_running().then(|| process.pid()))
    }

    /// Whether the JVM is there, running or paused.
    pub fn is_running(&self) -> bool {
        self.pid().is_some()
    }

    /// The file of all that the JVM printed, over all its restarts.
    pub fn log(&self) -> PathBuf {
        self.dir.join("kafka.log")
    }

    /// The port of the quorum.
    pub(super) fn controller_port(&self) -> u16 {
        self.controller.number()
    }

    pub(super) fn properties(&self) -> PathBuf {
        self.dir.join("server.properties")
    }

    /// The directory of what it has stored: for each partition a directory `TOPIC-PARTITION` with the log's segments.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    pub(super) fn log_end(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_END_LINES)..].join("\n")
    }

    /// Whether it runs and isn't paused.
    pub(super) fn is_awake(&self) -> bool {
        self.is_running() && !self.life().paused
    }

    pub(super) fn launch(&self, jars: &Jars, flags: &[String]) -> Result<()> {
        self.life().flags = flags.to_vec();
        self.relaunch(jars)
    }

    /// Starts the JVM with the flags of its first start.
    pub(super) fn relaunch(&self, jars: &Jars) -> Result<()> {
        let mut life = self.life();
        if life.process.as_mut().is_some_and(Guarded::is_running) {
            return Err(Error::Answer(format!("node {} runs already", self.id)));
        }
        let flags: Vec<&str> = life.flags.iter().map(String::as_str).collect();
        let mut java: Command = jars.java(&flags);
        java.arg("kafka.Kafka").arg(self.properties());
        life.process = Some(Guarded::spawn(&java, &self.log(), &self.data())?);
        life.paused = false;
        Ok(())
    }

    pub(super) fn pause(&self, pause: bool) -> Result<()> {
        let mut life = self.life();
        life.paused = pause;
        life.process.as_mut().map_or(
            Ok(()),
            |process| {
                if pause { process.pause() } else { process.resume() }
            },
        )
    }

    /// Acts on the process, where there is one.
    pub(super) fn on_process(&self, act: impl FnOnce(&mut Guarded) -> Result<()>) -> Result<()> {
        self.life().process.as_mut().map_or(Ok(()), act)
    }

    /// Kills the JVM and removes its data.
    pub(super) fn destroy(&self) {
        self.life().process = None;
        let _ = fs::remove_dir_all(self.data());
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        // A panic elsewhere leaves the process what it is.
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
