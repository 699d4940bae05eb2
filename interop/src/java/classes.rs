//! Our Java programs, compiled where that hasn't been done.

use crate::error::{Error, Result};
use crate::maven::{self, Jars};
use crate::places;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::process::Command;

/// Compiles `sources` (file names with their texts) against `jars`, once for every text that they ever had, and returns the
/// directory of their classes, whose name begins with `program`.
pub(crate) fn compile(jars: &Jars, program: &str, sources: &[(&str, String)]) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    sources.hash(&mut hasher);
    let dir = jars.dir().join(format!("{program}-{:016x}", hasher.finish()));
    let _lock = places::lock(&jars.dir().join(".lock"))?;
    let done = dir.join(".done");
    if !done.exists() {
        fs::create_dir_all(&dir).map_err(Error::at(&dir))?;
        let mut javac = Command::new("javac");
        javac.arg("-cp").arg(jars.class_path()).arg("-d").arg(&dir);
        for (name, text) in sources {
            let source = dir.join(name);
            fs::write(&source, text).map_err(Error::at(&source))?;
            javac.arg(source);
        }
        maven::run(&mut javac)?;
        fs::write(&done, "").map_err(Error::at(&done))?;
    }
    Ok(dir)
}
