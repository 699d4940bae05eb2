//! The list of mutants and the code know of the same ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where a mutant may be.
const SOURCES: [&str; 2] = ["../kafka-engine/src", "../kafka-handle/src"];

#[test]
fn the_list_and_the_code_have_the_same_mutants() {
    let list = fs::read_to_string("mutants.txt").expect("the list is there");
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let listed: Vec<String> =
        lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    let mut written = BTreeSet::new();
    for sources in SOURCES {
        collect(Path::new(sources), &mut written);
    }
    assert!(!written.is_empty(), "there are mutants");
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), written);
    assert_eq!(listed.len(), written.len(), "none is listed twice");
}

fn collect(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, names);
        } else if let Ok(text) = fs::read_to_string(&path) {
            let found = text.split("mutant!(\"").skip(1).filter_map(|rest| rest.split('"').next());
            names.extend(found.map(str::to_owned));
        }
    }
}
