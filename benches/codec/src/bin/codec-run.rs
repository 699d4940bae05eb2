//! `codec-run SIDE CASE`: does the work a few times to warm up, and then once more where callgrind counts.
//!
//! Ends with 2 if the side has no such work.

use std::process::ExitCode;

use kafka_codec_bench::{Case, Failure, Side, measured};

/// Enough for caches of the allocator and lazily detected features of the processor to be there.
const WARM_UP: usize = 4;

fn main() -> Result<ExitCode, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [side, case] = arguments.as_slice() else {
        return Err("usage: codec-run SIDE CASE".into());
    };
    let side = Side::named(side).ok_or("no such side")?;
    let case = Case::named(case).ok_or("no such case")?;
    let Some(mut work) = side.prepare(case)? else {
        return Ok(ExitCode::from(2));
    };
    let mut buf = Vec::new();
    for _ in 0..WARM_UP {
        std::hint::black_box(work(&mut buf)?);
        buf.clear();
    }
    measured(&mut work, &mut buf)?;
    Ok(ExitCode::SUCCESS)
}
