//! librdkafka as a peer: its Python package, in an environment of its own, runs `interop/python/librdkafka.py`.

use crate::error::{Error, Result};
use crate::{maven, places};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The package that has librdkafka in it, compiled.
const PACKAGE: &str = "confluent-kafka==2.16.1";

const SCRIPT: &str = include_str!("../python/librdkafka.py");

/// A Python that has librdkafka.
#[derive(Debug, Clone)]
pub struct Librdkafka {
    python: PathBuf,
}

impl Librdkafka {
    /// Makes the environment, `librdkafka` in the cache, where that hasn't been done; `python3` and the network are needed then.
    pub fn fetch() -> Result<Self> {
        let dir = places::cache().join("librdkafka");
        fs::create_dir_all(&dir).map_err(Error::at(&dir))?;
        let _lock = places::lock(&dir.join(".lock"))?;
        let (environment, done) = (dir.join("venv"), dir.join(".done"));
        let python = environment.join("bin").join("python");
        if fs::read_to_string(&done).is_ok_and(|package| package == PACKAGE) {
            return Ok(Self { python });
        }
        // What an interrupted fetch left may be half of it.
        let _ = fs::remove_dir_all(&environment);
        maven::run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        maven::run(pip.args(["--only-binary", ":all:", PACKAGE]))?;
        fs::write(&done, PACKAGE).map_err(Error::at(&done))?;
        Ok(Self { python })
    }

    /// Has it do all that the script knows, with `topic` on the brokers at `bootstrap`, and gives the lines that it printed.
    pub fn run(&self, bootstrap: &str, topic: &str) -> Result<Vec<String>> {
        let mut python = Command::new(&self.python);
        let output = maven::run(python.args(["-c", SCRIPT, bootstrap, topic]))?;
        let printed = String::from_utf8_lossy(&output.stdout);
        Ok(printed.lines().map(str::to_owned).collect())
    }
}
