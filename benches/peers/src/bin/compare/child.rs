//! One run: a broker and a client, each a process of its own and new.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use kafka_peers::measure::Measured;
use kafka_peers::row::{Client, Workload};
use kafka_peers::settings::Settings;

/// What a run gave.
pub(crate) struct Run {
    pub(crate) measured: Measured,
    /// The broker's counts at the end, as it words them.
    pub(crate) counts: String,
}

/// Runs one row by one client, and looks whether all that it produced has come to the broker.
pub(crate) fn measure(
    settings: &Settings,
    workload: Workload,
    client: Client,
) -> Result<Run, String> {
    let mut broker = Broker::start(settings)?;
    let program = if client.is_ours() {
        "peer-ours"
    } else {
        "peer-librdkafka"
    };
    let mut command = Command::new(beside(program)?);
    command
        .args([&workload.to_string(), &broker.address])
        .args(settings.to_args());
    if client.is_ours() {
        command.arg(client.to_string());
    }
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program} failed"));
    }
    let measured = String::from_utf8_lossy(&output.stdout).parse()?;
    let counts = broker.counts()?;
    let sent = settings.warmup + settings.records;
    if workload.produces()
        && !counts
            .split(' ')
            .any(|word| word == format!("records={sent}"))
    {
        return Err(format!(
            "{sent} records were sent, but the broker has {counts}"
        ));
    }
    Ok(Run { measured, counts })
}

/// A program of this package, in the directory of this one.
fn beside(program: &str) -> Result<PathBuf, String> {
    env::current_exe()
        .map(|path| path.with_file_name(program))
        .map_err(|error| error.to_string())
}

/// A running nullbroker, ended on drop.
struct Broker {
    process: Child,
    address: String,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Broker {
    fn start(settings: &Settings) -> Result<Self, String> {
        let mut process = Command::new(beside("nullbroker")?)
            .args(settings.to_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("nullbroker: {error}"))?;
        let (Some(questions), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("nullbroker has no pipes".to_owned());
        };
        let mut broker = Self {
            process,
            address: String::new(),
            questions,
            answers: BufReader::new(answers),
        };
        broker.address = broker.line()?;
        Ok(broker)
    }

    fn counts(&mut self) -> Result<String, String> {
        self.questions
            .write_all(b"\n")
            .map_err(|error| format!("nullbroker: {error}"))?;
        self.line()
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(0) => Err("nullbroker ended".to_owned()),
            Ok(_) => Ok(line.trim_end().to_owned()),
            Err(error) => Err(format!("nullbroker: {error}")),
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // An error means that it has ended by itself, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
