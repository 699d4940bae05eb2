//! Every row of the list of hostile input, C01 to C58, is a test of some crate: its name says which rows it is for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rows of the list.
const ROWS: std::ops::RangeInclusive<u8> = 1..=58;

/// Crates that meet bytes from a peer.
const CRATES: &[&str] = &["kafka-proto", "kafka-engine", "kafka-sim", "kafka-handle", "fuzz"];

/// The text of every Rust file below a folder, by its path.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            found.push((path, text));
        }
    }
}

/// The rows that a name begins with: 8 and 9 of `c08_c09_varints_that_do_not_end`.
fn rows(name: &str) -> impl Iterator<Item = u8> {
    name.split('_').map_while(|part| {
        let digits = part.strip_prefix('c').filter(|digits| digits.len() == 2)?;
        digits.parse().ok()
    })
}

/// The names of a file's tests.
fn tests(text: &str) -> impl Iterator<Item = &str> {
    let mut marked = false;
    text.lines().filter_map(move |line| {
        let line = line.trim_start();
        match line.strip_prefix("fn ") {
            Some(function) if std::mem::take(&mut marked) => function.split('(').next(),
            None if line.starts_with("#[") || line.starts_with("//") => {
                marked |= line.starts_with("#[test]");
                None
            }
            _ => {
                marked = false;
                None
            }
        }
    })
}

#[test]
fn every_row_is_a_test() {
    let mut found = Vec::new();
    for name in CRATES {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name), &mut found);
    }
    let mut tested: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for (path, text) in &found {
        for (name, row) in tests(text).flat_map(|name| rows(name).map(move |row| (name, row))) {
            tested.entry(row).or_default().push(format!("{}: {name}", path.display()));
        }
    }
    let missing: Vec<u8> = ROWS.filter(|row| !tested.contains_key(row)).collect();
    assert!(missing.is_empty(), "rows without a test: {missing:?}");
    let unknown: Vec<_> = tested.iter().filter(|(row, _)| !ROWS.contains(row)).collect();
    assert!(unknown.is_empty(), "tests for rows that are not in the list: {unknown:?}");
}

#[test]
fn rows_are_read_from_names() {
    let check =
        |name: &str, want: &[u8]| assert_eq!(rows(name).collect::<Vec<_>>(), want, "{name}");
    check("c08_c09_varints_that_do_not_end", &[8, 9]);
    check("c58_too_long", &[58]);
    check("codec_c01", &[]);
    check("c1_c002", &[]);
    let text = "#[test]\n// Why.\nfn c01_a() {}\nfn c02_no_test() {}\n    #[test]\n    #[ignore]\n    fn c03_b() {";
    assert_eq!(tests(text).collect::<Vec<_>>(), ["c01_a", "c03_b"]);
}
