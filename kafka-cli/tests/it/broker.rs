//! `kafka broker`.

use std::io::{BufRead, BufReader};
use std::process::Child;

use rustix::process::Signal;

use crate::kafka::{end, run, signal, spawn};

/// A broker on its own, and the line that it printed.
fn start(args: &[&str]) -> (Child, String) {
    let mut child = spawn(&[&["broker"], args].concat());
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("text");
    (child, line.trim_end().to_owned())
}

#[test]
fn its_first_line_is_what_the_others_need() {
    let (child, brokers) = start(&["--nodes", "3", "--listen", "127.0.0.1:0"]);
    assert_eq!(brokers.split(',').count(), 3, "{brokers}");
    let ended = run(&["produce", "-t", "t", "-b", &brokers], b"one\ntwo\n");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let ended = run(&["consume", "-t", "t", "-e", "-b", &brokers], b"");
    assert_eq!((ended.code, ended.text()), (Some(0), "one\ntwo\n"));
    signal(&child, Signal::TERM);
    assert_eq!(end(child).code, Some(0));
}

#[test]
fn auto_creation_can_be_off() {
    let (child, brokers) = start(&["--listen", "127.0.0.1:0", "--no-auto-create"]);
    let ended = run(&["produce", "-t", "t", "-b", &brokers], b"one\n");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    signal(&child, Signal::INT);
    assert_eq!(end(child).code, Some(0));
}

#[test]
fn records_survive_a_kill() {
    let dir = std::env::temp_dir().join(format!("kafka-cli-broker-{}", std::process::id()));
    let data = dir.to_str().expect("text");
    let (child, brokers) = start(&["--listen", "127.0.0.1:0", "--data-dir", data]);
    let ended = run(&["produce", "-t", "t", "-b", &brokers], b"one\ntwo\n");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    signal(&child, Signal::KILL);
    end(child);

    let (child, brokers) = start(&["--listen", "127.0.0.1:0", "--data-dir", data]);
    let ended = run(&["produce", "-t", "t", "-b", &brokers], b"three\n");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let ended = run(&["consume", "-t", "t", "-e", "-b", &brokers], b"");
    assert_eq!((ended.code, ended.text()), (Some(0), "one\ntwo\nthree\n"));
    signal(&child, Signal::TERM);
    assert_eq!(end(child).code, Some(0));
    std::fs::remove_dir_all(dir).expect("it is ours");
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let (child, brokers) = start(&["--listen", "127.0.0.1:0"]);
    let ended = run(&["broker", "--listen", &brokers], b"");
    assert_eq!((ended.code, ended.text()), (Some(1), ""), "{ended:?}");
    assert!(ended.stderr.contains("--listen"), "{ended:?}");
    signal(&child, Signal::TERM);
    assert_eq!(end(child).code, Some(0));
}
