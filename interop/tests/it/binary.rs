//! The `kafka` binary, as users run it.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

use serde_json::Value;

/// How `kafka` is compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Profile {
    /// As the tests are, so that it is there as a rule.
    Tests,
    /// As it is released.
    Release,
}

/// Builds `kafka`, which costs nothing where that has been done, and gives its path. This package's tests can't have it
/// from Cargo as those of its own package do.
pub(crate) fn kafka(profile: Profile) -> PathBuf {
    static BUILT: [OnceLock<PathBuf>; 2] = [const { OnceLock::new() }; 2];
    BUILT[profile as usize].get_or_init(|| build(profile)).clone()
}

fn build(profile: Profile) -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    cargo.args(["build", "--quiet", "--bin", "kafka", "--message-format", "json"]);
    match profile {
        Profile::Release => drop(cargo.arg("--release")),
        Profile::Tests if !cfg!(debug_assertions) => drop(cargo.arg("--release")),
        Profile::Tests => {}
    }
    let output = cargo.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "kafka does not compile");
    let messages = String::from_utf8(output.stdout).unwrap();
    let path = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_it = message.pointer("/target/name")? == "kafka";
        message.get("executable")?.as_str().filter(|_| is_it).map(PathBuf::from)
    });
    path.unwrap()
}

/// Runs the released `kafka` to its end with this on its standard input, and gives its standard output. It has to end
/// well, without a word on standard error.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Vec<u8> {
    let mut kafka = Command::new(kafka(Profile::Release));
    kafka.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = kafka.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        scope.spawn(move || input.write_all(stdin).unwrap());
        child.wait_with_output().unwrap()
    });
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{args:?}: {}, {stderr}", output.status);
    output.stdout
}
