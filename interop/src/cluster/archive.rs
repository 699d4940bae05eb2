//! A class archive, by which a node's JVM starts with some 40 % less work.
//!
//! Half of what a broker's start costs is reading and checking its classes. The JVM can write those of one run to a
//! file, on a good end, and map them in later runs. One node is run for that, once a release, and ended.

use super::{Cluster, ClusterOptions};
use crate::error::{Error, Result};
use crate::maven::Jars;
use crate::places;
use std::fs;
use std::path::PathBuf;

/// The archive of the release, written now if it isn't there. A JVM that can't use it (another Java's, say) goes on without.
pub(super) fn of(jars: &Jars) -> Result<PathBuf> {
    let archive = jars.dir().join("broker.jsa");
    let _lock = places::lock(&jars.dir().join(".archive.lock"))?;
    if !archive.exists() {
        let written = jars.dir().join("broker.jsa.new");
        let _ = fs::remove_file(&written);
        let options =
            ClusterOptions { version: jars.version().to_owned(), ..ClusterOptions::default() };
        let mut flags = options.flags(None);
        flags.push(format!("-XX:ArchiveClassesAtExit={}", written.display()));
        let trained = Cluster::start(ClusterOptions { jvm_flags: Some(flags), ..options })?;
        trained.stop(1)?;
        fs::rename(&written, &archive).map_err(Error::at(&written))?;
    }
    Ok(archive)
}
