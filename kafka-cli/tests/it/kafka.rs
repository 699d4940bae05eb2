//! Running `kafka`, and the cluster it runs against.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kafka_sim::{LoggedRecord, ServeOptions, Served, serve};

/// No command takes nearly as long; one that does hangs.
const HANGS: Duration = Duration::from_secs(120);

/// A cluster, and `kafka` with its brokers.
pub(crate) struct Cluster {
    pub(crate) served: Served,
}

/// What a command left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Cluster {
    /// One node without auto-creation.
    pub(crate) fn new() -> Self {
        Self::with(ServeOptions { auto_create: false, ..ServeOptions::default() })
    }

    pub(crate) fn with(options: ServeOptions) -> Self {
        Self { served: serve(options).expect("a loopback port") }
    }

    /// With a topic of so many partitions.
    pub(crate) fn topic(self, name: &str, partitions: i32) -> Self {
        self.served
            .with(|cluster| cluster.create_topic(name, partitions, 1))
            .expect("a good topic");
        self
    }

    /// Runs a command with `-b`; arguments are split at spaces.
    pub(crate) fn kafka(&self, line: &str, stdin: &[u8]) -> Ended {
        run(&self.args(line), stdin)
    }

    /// The same, and it must succeed without a word on stderr. Gives its stdout.
    pub(crate) fn ok(&self, line: &str, stdin: &[u8]) -> String {
        let ended = self.kafka(line, stdin);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{line}");
        String::from_utf8(ended.stdout).expect("text")
    }

    /// Starts a command with `-b`.
    pub(crate) fn spawn(&self, line: &str) -> Child {
        spawn(&self.args(line))
    }

    pub(crate) fn args(&self, line: &str) -> Vec<String> {
        let mut args: Vec<String> = line.split(' ').map(str::to_owned).collect();
        args.extend(["-b".to_owned(), self.served.bootstrap()]);
        args
    }

    pub(crate) fn log(&self, topic: &str, partition: i32) -> Vec<LoggedRecord> {
        self.served.with(|cluster| cluster.log(topic, partition).collect())
    }

    /// The values of a partition as text, null as `NULL`.
    pub(crate) fn values(&self, topic: &str, partition: i32) -> Vec<String> {
        let show = |value: &[u8]| value.escape_ascii().to_string();
        let log = self.log(topic, partition);
        log.iter().map(|record| record.value.as_deref().map_or("NULL".to_owned(), show)).collect()
    }
}

impl Ended {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("text")
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let stderr = String::from_utf8(output.stderr).expect("text on stderr");
        Self { code: output.status.code(), stdout: output.stdout, stderr }
    }
}

/// Runs a command to its end.
pub(crate) fn run(args: &[impl AsRef<str>], stdin: &[u8]) -> Ended {
    let mut child = spawn(args);
    let mut input = child.stdin.take().expect("a pipe");
    thread::scope(|scope| {
        // A command that ends before it has read everything closes the pipe, which is its right.
        scope.spawn(move || input.write_all(stdin));
        end(child)
    })
}

/// Waits for the end of a command.
pub(crate) fn end(child: Child) -> Ended {
    let pid = rustix::process::Pid::from_child(&child);
    let (tell, told) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let output = child.wait_with_output();
        let _ = tell.send(());
        output
    });
    if told.recv_timeout(HANGS).is_err() {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        let output = waiter.join().expect("no panic").expect("a child");
        panic!("it hung: {:?}", Ended::from(output));
    }
    waiter.join().expect("no panic").expect("a child").into()
}

/// Starts a command with pipes on all sides.
pub(crate) fn spawn(args: &[impl AsRef<str>]) -> Child {
    let args = args.iter().map(AsRef::as_ref);
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafka"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the binary")
}

/// Sends a signal.
pub(crate) fn signal(child: &Child, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_child(child), signal)
        .expect("it runs");
}
