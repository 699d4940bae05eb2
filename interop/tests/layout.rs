//! The project's own layout: sizes, borders, and what must be absent where.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Hand-written files are at most this long; schema and table files are exempt.
const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const ADAPTER_LINES_MAX: usize = 400;
const EXAMPLE_LINES_MAX: usize = 60;

/// Crates that the codec may depend on: alone, and with all features.
const CODEC_CRATES_MAX: (usize, usize) = (8, 24);

/// Schema and table files.
const TABLES: &[&str] = &[
    "kafka-proto/src/messages/",
    "kafka-proto/src/error_code.rs",
    "kafka-engine/src/config/keys.rs",
];

const ADAPTERS: &[&str] = &["kafka-tokio/src", "kafka-blocking/src"];

/// Every package of the workspace.
const PACKAGES: &[&str] = &[
    "kafka-proto",
    "kafka-engine",
    "kafka-handle",
    "kafka-tokio",
    "kafka-blocking",
    "kafka-sim",
    "kafka-cli",
    "interop",
    "fuzz",
    "benches",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Rust sources below a folder, as paths from the root.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let shown = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((shown, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found.sort();
    found
}

fn all_sources() -> Vec<(String, String)> {
    PACKAGES.iter().flat_map(|package| sources(package)).collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Functions longer than they may be, as `file:line name (lines)`.
fn long_functions(path: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut long = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let is_function = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "pub(super) fn ",
            "async fn ",
            "pub async fn ",
            "const fn ",
            "pub const fn ",
        ]
        .iter()
        .any(|start| code.starts_with(start));
        if !is_function {
            continue;
        }
        let depth = indent(line);
        let closes = |line: &&str| indent(line) == depth && line.trim_start().starts_with('}');
        let Some(length) = lines[at..].iter().position(closes).map(|end| end + 1) else { continue };
        if length > FUNCTION_LINES_MAX && !is_one_match(&lines[at..at + length], depth) {
            long.push(format!("{path}:{} has {length} lines: {}", at + 1, code.trim_end()));
        }
    }
    long
}

/// Whether the body of a function is a single `match`, up to bindings of one line before it.
fn is_one_match(function: &[&str], depth: usize) -> bool {
    let statements =
        function.iter().filter(|line| !line.trim().is_empty() && indent(line) == depth + 4);
    let blocks: Vec<&str> =
        statements.map(|line| line.trim()).filter(|line| !line.ends_with(';')).collect();
    matches!(blocks.as_slice(), [first, last] if first.starts_with("match ") && last.starts_with('}'))
}

/// The text without comments and re-exports.
fn code(text: &str) -> String {
    let lines: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let (mut code, text) = (String::new(), lines.join("\n"));
    for (at, part) in text.split("pub use ").enumerate() {
        let kept = if at == 0 { part } else { part.split_once(';').map_or("", |(_, rest)| rest) };
        code.push_str(kept);
    }
    code
}

#[test]
fn files_are_short() {
    let long: Vec<String> = all_sources()
        .iter()
        .filter(|(path, _)| !TABLES.iter().any(|table| path.starts_with(table)))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(path, lines)| format!("{path}: {lines}"))
        .collect();
    assert!(long.is_empty(), "over {FILE_LINES_MAX} lines, give them a second room: {long:#?}");
}

#[test]
fn functions_are_short() {
    let long: Vec<String> = all_sources()
        .iter()
        .filter(|(path, _)| !TABLES.iter().any(|table| path.starts_with(table)))
        .flat_map(|(path, text)| long_functions(path, text))
        .collect();
    assert!(long.is_empty(), "over {FUNCTION_LINES_MAX} lines: {long:#?}");
}

#[test]
fn adapters_know_nothing_of_kafka() {
    let apis = ["ApiVersions", "Metadata", "Fetch", "Produce", "ListOffsets", "InitProducerId"];
    let wire = [
        "CreateTopicsRequest",
        "DeleteTopicsRequest",
        "ErrorCode",
        "ApiKey",
        "kafka_proto",
        "kafka_engine::link",
    ];
    let policy = ["retry", "retries", "backoff"];
    for adapter in ADAPTERS {
        let mut lines = 0;
        for (path, text) in sources(adapter) {
            lines += text.lines().count();
            let code = code(&text);
            let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            for banned in apis.iter().chain(&wire).chain(&policy) {
                assert!(!words.contains(banned), "{path} names {banned}: that is the engine's");
            }
        }
        assert!(
            lines <= ADAPTER_LINES_MAX,
            "{adapter} has {lines} lines, {ADAPTER_LINES_MAX} are allowed"
        );
    }
}

#[test]
fn the_codec_and_the_engine_have_no_std() {
    for package in ["kafka-proto", "kafka-engine"] {
        let lib = fs::read_to_string(root().join(package).join("src/lib.rs")).unwrap();
        assert!(lib.lines().any(|line| line == "#![no_std]"), "{package} is not no_std");
    }
    // A build with mutants asks the environment which one is awake; no other build has that code.
    let sound = |(path, _): &(String, String)| !path.ends_with("src/mutant.rs");
    for (path, text) in sources("kafka-engine/src").into_iter().filter(sound) {
        let code = code(text.split("#[cfg(test)]").next().unwrap());
        for banned in ["std::", "HashMap", "HashSet", "thread_rng", "extern crate std"] {
            let named = code.replace("core::", "").replace("alloc::", "");
            assert!(!named.contains(banned), "{path} names {banned}");
        }
    }
}

#[test]
fn every_package_takes_the_workspace_lints() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    for package in PACKAGES {
        let manifest = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{package} has lints of its own");
    }
}

/// The crates below kafka-proto, each once, as `cargo tree` shows them.
fn codec_crates(edges: &str, features: &[&str]) -> Vec<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "-p", "kafka-proto", "--prefix", "none", "--no-dedupe", "-e", edges])
        .args(features)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).unwrap();
    let mut crates: Vec<String> = text.lines().map(String::from).collect();
    crates.sort();
    crates.dedup();
    crates.retain(|shown| !shown.starts_with("kafka-proto "));
    assert!(!crates.is_empty());
    crates
}

#[test]
fn the_codec_has_few_dependencies() {
    let (alone, everything) = CODEC_CRATES_MAX;
    for (max, features) in [(alone, "--no-default-features"), (everything, "--all-features")] {
        let crates = codec_crates("normal", &[features]);
        assert!(crates.len() <= max, "{} crates with {features}: {crates:#?}", crates.len());
        let macros: Vec<_> = crates.iter().filter(|shown| shown.contains("proc-macro")).collect();
        assert!(macros.is_empty(), "procedural macros: {macros:?}");
    }
    let no_zstd = ["--no-default-features", "--features", "gzip,snappy,lz4"];
    for shown in codec_crates("normal,build", &no_zstd) {
        let name = shown.split(' ').next().unwrap_or_default();
        let binds_c = name == "cc" || name == "cmake" || name.ends_with("-sys");
        assert!(!binds_c, "{name} binds C");
    }
}

#[test]
fn the_loop_of_ones_own_is_short() {
    let example = fs::read_to_string(root().join("examples/custom_loop.rs")).unwrap();
    let lines = example.lines().count();
    assert!(lines <= EXAMPLE_LINES_MAX, "{lines} lines");
}

#[test]
fn the_readme_shows_both_commands_first() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let first_screen: Vec<&str> = readme.lines().take(40).collect();
    for command in ["cargo run --release --bin kafka -- demo", "cargo test --workspace"] {
        assert!(first_screen.contains(&command), "{command}");
    }
}

#[test]
fn the_checks_can_fail() {
    let long = format!("fn f() {{\n{}}}\n", "    let x = 1;\n    if x {\n    }\n".repeat(40));
    assert_eq!(long_functions("f.rs", &long).len(), 1);
    let one_match =
        format!("fn f() {{\n    match x {{\n{}    }}\n}}\n", "        1 => 2,\n".repeat(100));
    assert!(long_functions("f.rs", &one_match).is_empty());
}
