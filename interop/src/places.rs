//! Where the kit keeps its files, and the locks by which several test processes share them.
//!
//! ```text
//! $KAFKA_JARS, or target/kafka        what is fetched and compiled once
//!   4.4.0/libs/*.jar, 4.4.0/.done     one release
//!   4.4.0/peer-HASH/*.class           the Java peer, compiled against it
//!   client-3.9.2/                     the same of its client alone, with the conformance program
//! target/kafka/run/PID-N              one cluster of test process PID
//!   node-1/{data,server.properties,kafka.log}
//! ```

use crate::error::{Error, Result};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Logs of clusters whose process is gone are kept this long.
const LOGS_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// The directory of what is fetched once: `$KAFKA_JARS`, or `kafka` in the workspace's target directory.
pub(crate) fn cache() -> PathBuf {
    std::env::var_os("KAFKA_JARS").map_or_else(|| target().join("kafka"), PathBuf::from)
}

/// A new directory for a cluster of this process. Directories of processes that are gone are cleared on the way.
pub(crate) fn new_run() -> Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let runs = target().join("kafka").join("run");
    fs::create_dir_all(&runs).map_err(Error::at(&runs))?;
    clear(&runs);
    let run = runs.join(format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    // An earlier process may have had the same id.
    if run.exists() {
        fs::remove_dir_all(&run).map_err(Error::at(&run))?;
    }
    fs::create_dir_all(&run).map_err(Error::at(&run))?;
    Ok(run)
}

/// Holds `path` locked against other threads and processes until the file is dropped, or the process dies.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let file = lock_file(path)?;
    flock(&file, FlockOperation::LockExclusive).map_err(|e| Error::at(path)(e.into()))?;
    Ok(file)
}

/// As [`lock`], but `None` at once where another holds it.
pub(crate) fn try_lock(path: &Path) -> Option<File> {
    let file = lock_file(path).ok()?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
    Some(file)
}

fn lock_file(path: &Path) -> Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(Error::at(path))
}

fn target() -> PathBuf {
    let workspace =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."));
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace.join("target"), |dir| workspace.join(dir))
}

/// Removes the data of runs whose process is gone, and their logs once they are old. Failures don't matter: a later run tries again.
fn clear(runs: &Path) {
    for run in fs::read_dir(runs).into_iter().flatten().flatten() {
        let name = run.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.split('-').next()?.parse().ok())
            .and_then(rustix::process::Pid::from_raw);
        let Some(owner) = owner else { continue };
        if rustix::process::test_kill_process(owner) != Err(rustix::io::Errno::SRCH) {
            continue;
        }
        let age = run.metadata().and_then(|it| it.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age > LOGS_KEPT) {
            let _ = fs::remove_dir_all(run.path());
            continue;
        }
        for node in fs::read_dir(run.path()).into_iter().flatten().flatten() {
            let _ = fs::remove_dir_all(node.path().join("data"));
        }
    }
}
