//! Counts the instructions of every case on every side under callgrind, and prints them with the ratios.
//!
//! `codec-table [PART OF A CASE'S NAME]`, once `codec-run` is built beside it (`cargo build --release --bins`). Ends with 1 if a limit does not hold.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

use kafka_codec_bench::{CASES, Case, Failure, SIDES, Side};

fn main() -> Result<ExitCode, Failure> {
    let only = std::env::args().nth(1).unwrap_or_default();
    let run = std::env::current_exe()?.with_file_name("codec-run");
    if !run.exists() {
        return Err(
            "codec-run is not there: build all programs first, with cargo build --bins".into()
        );
    }
    println!("| case | ours | kafka-protocol | rskafka | by hand | holds |");
    println!("|---|---|---|---|---|---|");
    let mut all_hold = true;
    for case in CASES.iter().filter(|case| case.name.contains(&only)) {
        let mut counts = Vec::new();
        for side in SIDES {
            counts.push(match side.prepare(case)? {
                Some(_) => Some(count(&run, side, case)?),
                None => None,
            });
        }
        all_hold &= print(case, &counts)?;
    }
    Ok(if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Instructions of one call of `measured`.
fn count(run: &Path, side: Side, case: &Case) -> Result<u64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--collect-atstart=no"])
        .arg("--toggle-collect=kafka_codec_bench::sides::measured*")
        .arg(run)
        .args([side.name(), case.name])
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    let counted = log.lines().find_map(|line| line.split_once("Collected :"));
    let (_, number) = counted.ok_or_else(|| format!("callgrind says no count:\n{log}"))?;
    match number.trim().parse()? {
        0 => Err("callgrind does not know the function that is measured".into()),
        number => Ok(number),
    }
}

/// Prints a row; returns whether all limits hold.
fn print(case: &Case, counts: &[Option<u64>]) -> Result<bool, Failure> {
    let counted = |side: Side| {
        let at = SIDES.iter().position(|known| *known == side)?;
        counts.get(at).copied().flatten()
    };
    let ours = counted(Side::Ours).ok_or("ours has every case")?;
    print!("| {} | {ours} |", case.name);
    let mut holds = true;
    for side in &SIDES[1..] {
        let Some(theirs) = counted(*side) else {
            print!(" |");
            continue;
        };
        let ratio = ours as f64 / theirs as f64;
        let limit = case.limits.iter().find(|limit| limit.side == *side);
        holds &= limit.is_none_or(|limit| ratio <= limit.ratio);
        print!(" {theirs} ({ratio:.2}) |");
    }
    println!(" {} |", if holds { "yes" } else { "no" });
    Ok(holds)
}
