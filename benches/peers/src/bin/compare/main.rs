//! The comparison: every row by every client in turn, several times, then the table.
//!
//! `compare [--runs N] [--only CLIENT] [--workload NAME] [--setting number ...]`. Ends with 0 if every row of ours
//! holds its limit, or if only one client was asked for; with 1 if one does not or could not be measured.

#![forbid(unsafe_code)]

mod child;
mod table;

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use kafka_peers::row::{Client, Workload};
use kafka_peers::settings::Settings;
use table::Table;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("compare: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, String> {
    if cfg!(debug_assertions) {
        return Err("a debug build measures nothing: run it with --release".to_owned());
    }
    let (settings, rest) = Settings::parse(env::args().skip(1))?;
    let plan = Plan::parse(rest)?;
    build()?;
    let mut table = Table::default();
    for round in 0..plan.runs {
        for workload in plan.workloads() {
            let mut clients = plan.clients().collect::<Vec<_>>();
            // Whoever went first goes last, so that nobody always finds the machine as warm as the other left it.
            if round % 2 == 1 {
                clients.reverse();
            }
            for client in clients {
                if !table.has_failed(workload, client) {
                    let result = child::measure(&settings, workload, client);
                    eprintln!("{}", describe(round, workload, client, &result));
                    table.add(workload, client, result.ok());
                }
            }
        }
    }
    println!("{settings:?}, the best of {} runs", plan.runs);
    table.print(plan.workloads());
    Ok(plan.only.is_some() || table.holds(plan.workloads()))
}

fn describe(
    round: usize,
    workload: Workload,
    client: Client,
    result: &Result<child::Run, String>,
) -> String {
    let what = match result {
        Ok(run) => format!(
            "{:6.1} ns cpu, {:6.1} ns wall a record; broker: {}",
            run.measured.cpu_per_record(),
            run.measured.wall_per_record(),
            run.counts
        ),
        Err(error) => format!("not measured: {error}"),
    };
    format!("run {}: {workload:16} {client:15} {what}", round + 1)
}

/// What is to be run, and how often.
struct Plan {
    runs: usize,
    only: Option<Client>,
    workload: Option<Workload>,
}

impl Plan {
    fn parse(words: Vec<String>) -> Result<Self, String> {
        let mut plan = Self {
            runs: 5,
            only: None,
            workload: None,
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("{word} wants a value"))?;
            match word.as_str() {
                "--runs" => {
                    let runs = value.parse().ok().filter(|runs| *runs > 0);
                    plan.runs =
                        runs.ok_or_else(|| format!("--runs wants a number, not {value:?}"))?;
                }
                "--only" => plan.only = Some(value.parse()?),
                "--workload" => plan.workload = Some(value.parse()?),
                _ => return Err(format!("what is {word:?}?")),
            }
        }
        Ok(plan)
    }

    fn clients(&self) -> impl Iterator<Item = Client> {
        Client::ALL
            .into_iter()
            .filter(|client| self.only.is_none_or(|only| only == *client))
    }

    fn workloads(&self) -> impl Iterator<Item = Workload> {
        Workload::ALL
            .into_iter()
            .filter(|workload| self.workload.is_none_or(|only| only == *workload))
    }
}

/// `cargo run --bin compare` builds this program alone; the others are built here. Without cargo they are taken as
/// they lie beside it.
fn build() -> Result<(), String> {
    let Some(cargo) = env::var_os("CARGO") else {
        return Ok(());
    };
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let status = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--bins", "--manifest-path"])
        .arg(manifest)
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("the build failed".to_owned())
    }
}
