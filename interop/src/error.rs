//! What can go wrong while real Kafka is fetched, run or asked.

use std::io;
use std::path::Path;
use std::process::ExitStatus;

/// A failure of the kit itself, with enough said to act on without a debugger.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused something.
    #[error("{what}: {source}")]
    Io {
        /// What was tried, and on which file or address.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A program that was run (Maven, `javac`, the storage tool) ended with a failure.
    #[error("{program} ended with {status}:\n{output}")]
    Tool {
        /// The program's name.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it printed, standard output first.
        output: String,
    },
    /// A node did not come to answer.
    #[error("{what}\n{log}")]
    NotReady {
        /// Which node, and what was last seen of it.
        what: String,
        /// The end of its log.
        log: String,
    },
    /// There is no node of that id in the cluster.
    #[error("no node {0}")]
    NoSuchNode(i32),
    /// The Java client answered a command with an error: its class and message.
    #[error("the Java client says: {0}")]
    Java(String),
    /// The Java client's process ended, or printed what is no answer.
    #[error("the Java client's answer can't be used: {0}")]
    Answer(String),
}

/// The result of everything in the kit.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// For `map_err`: an I/O error with what was tried.
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// For `map_err`: an I/O error on a file.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::io(path.display().to_string())
    }
}
