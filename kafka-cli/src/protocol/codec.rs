//! `kafka protocol decode` and `encode`: messages between bytes and JSON.

use clap::Args;
use serde_json::Value;

use super::bytes::{self, Form};
use super::describe::check_version;
use super::frame::Coding;
use super::lines;
use super::target::{Kind, Target};
use crate::failure::Failure;

/// Which message it is.
#[derive(Debug, Args)]
struct Which {
    /// An API, by name or key, or the name of a message.
    #[arg(long, value_name = "NAME|KEY", value_parser = Target::parse, allow_negative_numbers = true)]
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    api: Option<Target>,

    /// Its version.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    version: Option<i16>,

    /// Which of an API's messages it is. A message named in full needs none.
    #[arg(long, ignore_case = true, conflicts_with = "jsonl")]
    kind: Option<Kind>,

    /// The header is in front: the whole frame but for its four bytes of length. JSON is an object of header and body then.
    #[arg(long)]
    header: bool,

    /// Take many messages, each a line: {"api_key":3,"version":12,"kind":"request","hex":"..."}, or {"name":"EndTxnMarker",
    /// "version":0,"hex":"..."}. Each comes back with "json" added when decoded, "hex" when encoded, or "error"; the exit
    /// code says nothing of these.
    #[arg(long)]
    jsonl: bool,
}

/// Options of `kafka protocol decode`.
#[derive(Debug, Args)]
#[command(
    after_help = "Bytes come from stdin, JSON goes to stdout, as Kafka's own converters print it.

Examples:
  echo 00016700 | kafka protocol decode --api FindCoordinator --version 2 --kind request
  echo AAAAAP////8= | kafka protocol decode --api ConsumerProtocolAssignment --version 1 --input base64
  kafka protocol decode --jsonl < bytes.jsonl > messages.jsonl"
)]
pub(crate) struct Decode {
    #[command(flatten)]
    which: Which,

    /// How the bytes stand on stdin.
    #[arg(long, value_name = "FORM", default_value = "hex", conflicts_with = "jsonl")]
    input: Form,

    /// Print the JSON on one line.
    #[arg(long, conflicts_with = "jsonl")]
    compact: bool,
}

/// Options of `kafka protocol encode`.
#[derive(Debug, Args)]
#[command(after_help = "JSON comes from stdin, as decode prints it; bytes go to stdout.

Examples:
  echo '{\"key\":\"g\",\"keyType\":0}' | kafka protocol encode --api FindCoordinator --version 2 --kind request
  kafka protocol encode --api Metadata --version 12 --kind request --header --output raw < request.json > frame.bin
  kafka protocol encode --jsonl < messages.jsonl > bytes.jsonl")]
pub(crate) struct Encode {
    #[command(flatten)]
    which: Which,

    /// How to print the bytes.
    #[arg(long, value_name = "FORM", default_value = "hex", conflicts_with = "jsonl")]
    output: Form,
}

/// Prints the JSON of the bytes on stdin.
pub(crate) fn decode(options: &Decode) -> Result<(), Failure> {
    let Some(coding) = options.which.coding()? else {
        return lines::run(lines::Direction::Decode, options.which.header);
    };
    let bytes = options.input.read(bytes::stdin()?).map_err(Failure::Failed)?;
    let value = coding.decode(bytes.into()).map_err(Failure::Failed)?;
    let text = if options.compact { value.to_string() } else { format!("{value:#}") };
    bytes::stdout(format!("{text}\n").as_bytes())
}

/// Prints the bytes of the JSON on stdin.
pub(crate) fn encode(options: &Encode) -> Result<(), Failure> {
    let Some(coding) = options.which.coding()? else {
        return lines::run(lines::Direction::Encode, options.which.header);
    };
    let value: Value = serde_json::from_slice(&bytes::stdin()?)
        .map_err(|error| Failure::Failed(format!("no JSON: {error}")))?;
    let encoded = coding.encode(&value).map_err(Failure::Failed)?;
    let mut text = Vec::new();
    options.output.write(&encoded, &mut text);
    bytes::stdout(&text)
}

impl Which {
    /// What the options say; nothing if each line says it for itself.
    fn coding(&self) -> Result<Option<Coding>, Failure> {
        let (Some(target), Some(version)) = (self.api, self.version) else { return Ok(None) };
        let schema = target.schema(self.kind).map_err(Failure::Usage)?;
        check_version(schema, Some(version))?;
        if self.header && schema.key.is_none() {
            return Err(Failure::Usage(format!("{} has no header in front", schema.name)));
        }
        Ok(Some(Coding { schema, version, with_header: self.header }))
    }
}
