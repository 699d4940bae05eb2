//! A server process that can't outlive the test process, however that ends.
//!
//! Statics are never dropped, and nothing runs after a kill -9, so neither may be what ends a broker. Instead a small shell
//! stands between: it starts the program and reads from a pipe whose other end only this process holds. When the pipe closes,
//! because the handle was dropped or the process is gone, it kills the program and removes the program's data.

use crate::error::{Error, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The shell between: `sh -c WATCH NAME LOG DATA PROGRAM ARG..`, with the pipe as standard input.
///
/// A watcher blocked in `read` stands beside the program. If the program ends first, the watcher is told to go and its
/// status says so; if the pipe closes first, the watcher ignores that, kills the program and ends well, and the data goes.
const WATCH: &str = r#"
log=$1 data=$2; shift 2
exec 3<&0 </dev/null
"$@" 3<&- >>"$log" 2>&1 &
program=$!
{ read -r _ <&3; trap '' TERM; kill -9 $program; exit 0; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
echo $program
exec >/dev/null 2>&1
wait $program; status=$?
kill $watcher
wait $watcher && rm -rf -- "$data"
exit $status
"#;

/// A running program. Dropping it is kill -9.
#[derive(Debug)]
pub struct Guarded {
    shell: Child,
    /// Held open; never written.
    pipe: Option<ChildStdin>,
    pid: Pid,
}

impl Guarded {
    /// Starts `command` (its program and arguments; nothing else of it is used) with its output appended to `log`.
    /// `data` is removed if the program is ended by this process's own end, but not by [`kill9`](Self::kill9) or [`stop`](Self::stop).
    pub fn spawn(command: &Command, log: &Path, data: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut shell = Command::new("sh")
            .args(["-c", WATCH, "guard"])
            .args([log, data])
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::io("sh"))?;
        let pipe = shell.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = shell.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(Error::io(&name))?;
        }
        let pid = line.trim().parse().ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| {
            Error::Answer(format!("the shell around {name} gave no process id but {line:?}"))
        })?;
        Ok(Self { shell, pipe, pid })
    }

    /// The program's process id.
    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Whether the program is there, running or stopped.
    pub fn is_running(&mut self) -> bool {
        matches!(self.shell.try_wait(), Ok(None))
    }

    /// SIGSTOP: it holds its sockets and does nothing, as a machine that hangs.
    pub fn pause(&mut self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// SIGCONT.
    pub fn resume(&mut self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    /// SIGKILL, and waits until it is gone.
    pub fn kill9(&mut self) -> Result<()> {
        self.signal(Signal::KILL)?;
        self.shell.wait().map(drop).map_err(Error::io("wait"))
    }

    /// SIGTERM, and waits until it is gone; SIGKILL if it isn't after `patience`.
    pub fn stop(&mut self, patience: Duration) -> Result<()> {
        self.signal(Signal::TERM)?;
        // A stopped process gets its signals when it goes on.
        self.signal(Signal::CONT)?;
        let deadline = Instant::now() + patience;
        while self.is_running() {
            if Instant::now() > deadline {
                return self.kill9();
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> Result<()> {
        // After its end the id may be another's: the shell has waited for it.
        if !self.is_running() {
            return Ok(());
        }
        match kill_process(self.pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(Error::io(format!("signal to {}", self.pid()))(error.into())),
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.kill9();
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    fn sleeper(name: &str) -> (Guarded, PathBuf) {
        let dir = std::env::temp_dir().join(format!("kafka-interop-{}-{name}", std::process::id()));
        fs::create_dir_all(dir.join("data")).unwrap();
        let guarded =
            Guarded::spawn(Command::new("sleep").arg("600"), &dir.join("log"), &dir.join("data"))
                .unwrap();
        (guarded, dir)
    }

    fn is_there(pid: i32) -> bool {
        Pid::from_raw(pid).is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
    }

    #[test]
    fn the_end_of_the_pipe_ends_the_program_and_its_data() {
        let (mut first, dir) = sleeper("pipe");
        // A process started later must not hold the first one's pipe open.
        let (second, other) = sleeper("beside");
        assert!(first.is_running());
        drop(first.pipe.take());
        first.shell.wait().unwrap();
        assert!(!is_there(first.pid()) && !dir.join("data").exists());
        assert!(is_there(second.pid()) && other.join("data").exists());
        drop(second);
        fs::remove_dir_all(dir).unwrap();
        fs::remove_dir_all(other).unwrap();
    }

    #[test]
    fn the_pipe_ends_a_paused_program_too() {
        let (mut guarded, dir) = sleeper("paused");
        guarded.pause().unwrap();
        drop(guarded.pipe.take());
        guarded.shell.wait().unwrap();
        assert!(!is_there(guarded.pid()));
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn kill_and_stop_keep_the_data() {
        for stop in [false, true] {
            let (mut guarded, dir) = sleeper(if stop { "stop" } else { "kill" });
            if stop {
                guarded.pause().unwrap();
                guarded.stop(Duration::from_secs(60)).unwrap();
            } else {
                guarded.kill9().unwrap();
            }
            assert!(!guarded.is_running() && !is_there(guarded.pid()));
            drop(guarded);
            assert!(dir.join("data").exists());
            fs::remove_dir_all(dir).unwrap();
        }
    }
}
