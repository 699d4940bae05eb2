//! How a command fails: a line for a person, and an exit code for a script.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use kafka_tokio::{ConfigError, Error, ErrorCode, ErrorKind};

use crate::interrupt::KILLED;

/// Why a command ends early.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The arguments can't be used.
    Usage(String),
    /// No broker could be reached.
    NoBroker(String),
    /// The operation, or some of the records, failed.
    Failed(String),
    /// It was told to end before it was done, where what is missing could be taken for done.
    Interrupted(String),
    /// As `Failed`, and everything has been said already.
    Said,
    /// Nobody reads stdout any more, so there is nothing more to do: not an error.
    ClosedPipe,
}

impl Failure {
    /// Says what there is to say, and gives the exit code.
    pub(crate) fn end(&self) -> ExitCode {
        if let Some(text) = self.text() {
            say(text);
        }
        match self {
            Self::ClosedPipe => ExitCode::SUCCESS,
            Self::Failed(_) | Self::Said => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
            Self::NoBroker(_) => ExitCode::from(3),
            Self::Interrupted(_) => ExitCode::from(KILLED),
        }
    }

    /// A failure of the first thing that a command asks of the cluster: when its time is over, no broker was there.
    pub(crate) fn at_first_contact(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::TimedOut { .. } => Self::NoBroker(explain(error)),
            _ => Self::from(error),
        }
    }

    /// Writing to stdout failed.
    pub(crate) fn of_stdout(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::Failed(format!("stdout can't be written: {error}")),
        }
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Usage(text)
            | Self::NoBroker(text)
            | Self::Failed(text)
            | Self::Interrupted(text) => Some(text),
            Self::Said | Self::ClosedPipe => None,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::NoBroker { .. } => Self::NoBroker(explain(error)),
            _ => Self::Failed(explain(error)),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<&clap::Error> for Failure {
    /// What clap says in paragraphs, on one line.
    fn from(error: &clap::Error) -> Self {
        let rendered = error.render().to_string();
        let paragraphs = rendered.lines().take_while(|line| !line.starts_with("Usage:"));
        let words: Vec<&str> = paragraphs
            .filter(|line| !line.starts_with("For more information"))
            .flat_map(str::split_whitespace)
            .collect();
        let text = words.join(" ");
        Self::Usage(format!("{}; see --help", text.strip_prefix("error: ").unwrap_or(&text)))
    }
}

/// Writes one line to stderr, whatever is in the text.
pub(crate) fn say(text: impl fmt::Display) {
    let text = text.to_string().replace(['\n', '\r'], " ");
    // If nobody reads stderr either, there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "kafka: {text}");
}

/// An error, and what to do about it.
pub(crate) fn explain(error: &Error) -> String {
    match advice(error.kind()) {
        // Brokers end their sentences with a full stop, and this one goes on.
        Some(advice) => format!("{}; {advice}", error.to_string().trim_end_matches('.')),
        None => error.to_string(),
    }
}

fn advice(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NoBroker { .. } => "check --brokers, or start one with `kafka broker`",
        ErrorKind::TimedOut { .. } => "check that the brokers are up, or try again later",
        ErrorKind::UnknownTopic { .. } => {
            "create it with `kafka topics create`, or see `kafka topics list`"
        }
        ErrorKind::UnknownPartition { .. } => "choose another with -p",
        ErrorKind::RecordTooLarge { setting: "max.request.size", .. } => {
            "raise it with -X max.request.size=BYTES"
        }
        ErrorKind::RecordTooLarge { setting: "buffer.memory", .. } => {
            "raise it with -X buffer.memory=BYTES"
        }
        ErrorKind::RecordTooLarge { .. } => "raise it there, or send less in one record",
        ErrorKind::OffsetOutOfRange { .. } => {
            "choose another with -o, or -X auto.offset.reset=earliest to start at the first record there is"
        }
        ErrorKind::LogTruncated { .. } => {
            "choose where to go on with -o, or -X auto.offset.reset=earliest to go on where they were lost"
        }
        ErrorKind::Corrupt { .. } => "skip it with -o and a later offset",
        ErrorKind::Broker { code, .. } => return advice_on(*code),
        ErrorKind::BrokerTooOld { .. } => "use a newer broker",
        _ => return None,
    })
}

fn advice_on(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::TOPIC_ALREADY_EXISTS => {
            "choose another name, or delete it with `kafka topics delete`"
        }
        ErrorCode::MESSAGE_TOO_LARGE => "raise the topic's max.message.bytes",
        ErrorCode::INVALID_REPLICATION_FACTOR => "choose no more replicas than there are brokers",
        ErrorCode::INVALID_PARTITIONS => "choose at least 1 with --partitions",
        ErrorCode::INVALID_TOPIC_EXCEPTION => {
            "use 1 to 249 letters, digits, dots, underscores and hyphens"
        }
        ErrorCode::INVALID_CONFIG => "check --config",
        ErrorCode::TOPIC_AUTHORIZATION_FAILED | ErrorCode::CLUSTER_AUTHORIZATION_FAILED => {
            "ask whoever runs the cluster for access"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn an_error_of_the_client_is_one_line_with_advice() {
        let topic: Arc<str> = "orders".into();
        let failure = Failure::from(Error::new(ErrorKind::UnknownTopic { topic }));
        let text = "topic orders does not exist; create it with `kafka topics create`, or see `kafka topics list`";
        assert_eq!(failure, Failure::Failed(text.into()));
    }

    #[test]
    fn no_broker_and_a_late_first_answer_are_the_same_to_a_script() {
        let late = Error::new(ErrorKind::TimedOut { waiting_for: "metadata", causes: vec![] });
        assert!(matches!(Failure::at_first_contact(&late), Failure::NoBroker(_)));
        assert!(matches!(Failure::from(&late), Failure::Failed(_)));
        let none =
            Error::new(ErrorKind::NoBroker { causes: vec!["b:1: connection refused".into()] });
        assert!(matches!(Failure::from(&none), Failure::NoBroker(_)));
    }

    #[test]
    fn what_clap_says_fits_on_a_line() {
        let error = clap::Command::new("x")
            .arg(clap::arg!(--topic <T>).required(true))
            .try_get_matches_from(["x"]);
        let failure =
            error.map_err(|error| Failure::from(&error)).expect_err("an option is missing");
        let text = "the following required arguments were not provided: --topic <T>; see --help";
        assert_eq!(failure, Failure::Usage(text.into()));
    }
}
