//! Writes what targets have from the pack of messages as files below a folder, for libFuzzer to begin with:
//! `cargo run -p kafka-fuzz --example unpack -- FOLDER`

use std::path::Path;
use std::process::ExitCode;

use kafka_fuzz::{TARGETS, pack};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1) else {
        eprintln!("usage: unpack FOLDER");
        return ExitCode::from(2);
    };
    for (target, _) in TARGETS {
        let folder = Path::new(&folder).join(target);
        if let Err(error) = write(&folder, &pack::inputs(target)) {
            eprintln!("{}: {error}", folder.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Makes the folder anew, so that nothing of an older pack stays.
fn write(folder: &Path, inputs: &[(String, Vec<u8>)]) -> std::io::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    inputs.iter().try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
}
