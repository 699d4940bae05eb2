//! Names the commit that the binary is built from: a seed of `kafka sim` means something only together with it.
//!
//! `KAFKA_BUILT_FROM` is the commit, with `-modified` behind it if what is built differs from it, or the version where
//! there is no repository of this project: in a package, for one.

use std::path::Path;
use std::process::Command;

/// Where this package stands in its repository. Elsewhere it is a copy in somebody else's, whose commits say nothing of it.
const PLACE: &str = "kafka-cli/";

/// What the binary is made of, as seen from the root.
const SOURCES: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "kafka-cli",
    "kafka-engine",
    "kafka-handle",
    "kafka-proto",
    "kafka-sim",
    "kafka-tokio",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = || format!("v{}", env!("CARGO_PKG_VERSION"));
    println!("cargo::rustc-env=KAFKA_BUILT_FROM={}", commit().unwrap_or_else(version));
}

fn commit() -> Option<String> {
    if git(&["rev-parse", "--show-prefix"])? != PLACE {
        return None;
    }
    // A commit moves a branch or the head, and a change that is not in one moves a source.
    for moved in ["HEAD", "refs/heads"] {
        watch(&git(&["rev-parse", "--git-path", moved])?);
    }
    for source in SOURCES {
        watch(&format!("../{source}"));
    }
    let commit = git(&["rev-parse", "--short=10", "HEAD"])?;
    let mut status = vec!["-C", "..", "--no-optional-locks", "status", "--porcelain", "--"];
    status.extend(SOURCES);
    let modified = if git(&status)?.is_empty() { "" } else { "-modified" };
    Some(format!("{commit}{modified}"))
}

/// Has this run again when a file, or one in a folder, changes. One that is not there would have it run each time.
fn watch(path: &str) {
    if Path::new(path).exists() {
        println!("cargo::rerun-if-changed={path}");
    }
}

/// What git says, if it is there and has something to say.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    let text = output.status.success().then(|| String::from_utf8(output.stdout))?.ok()?;
    Some(text.trim().to_owned())
}
