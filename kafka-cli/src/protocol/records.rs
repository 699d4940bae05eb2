//! `kafka protocol records`: what is in record batches and message sets.
//!
//! A batch is taken from the input at a time, so a log of any size is read in little memory.

use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;

use clap::Args;
use kafka_proto::records::{
    Codec, ControlRecord, ControlType, MessageEntry, Record, RecordBatch, RecordSet, RecordSets,
};
use serde_json::{Value, json};

use super::bytes::{self, Form};
use crate::failure::{Failure, say};
use crate::json::write_content;
use crate::output::Output;

/// Batches of this size and less are read. Brokers take at most 1 MiB of compressed records unless told otherwise.
const LARGEST_BATCH: usize = 1 << 30;

/// A batch may take so much when it is inflated.
const LARGEST_INFLATED: usize = 1 << 30;

/// Options of `kafka protocol records`.
#[derive(Debug, Args)]
#[command(
    after_help = "Takes batches of magic 2 and message sets of magic 0 and 1, compressed or not, such as the records \
field of a Produce request or a Fetch response, or a segment of a broker's log. A batch that is cut off at the end is said \
on stderr. Control records are marked by what they say under \"control\".

Examples:
  kafka protocol records 00000000000000000000.log
  kafka protocol records --batches 00000000000000000000.log
  jq -r .responses[0].partitions[0].records fetch.json | kafka protocol records --input base64"
)]
pub(crate) struct Records {
    /// The file to read instead of stdin.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// How the bytes stand there.
    #[arg(long, value_name = "FORM", default_value = "raw")]
    input: Form,

    /// Print a line for each batch, or each message of magic 0 and 1, and none for the records within.
    #[arg(long)]
    batches: bool,

    /// Don't compare bytes with their checksums.
    #[arg(long)]
    no_crc: bool,
}

/// Prints a line of JSON for each record or batch.
pub(crate) fn run(options: &Records) -> Result<(), Failure> {
    let mut input = Input::new(open(options)?);
    let mut output = Output::new();
    let ended = print(options, &mut input, &mut output);
    // What was good before a failure is printed.
    let flushed = output.flush();
    ended.and(flushed)
}

fn open(options: &Records) -> Result<Box<dyn Read>, Failure> {
    let input: Box<dyn Read> = match &options.file {
        None => Box::new(io::stdin().lock()),
        Some(path) => Box::new(io::BufReader::new(File::open(path).map_err(|error| {
            Failure::Failed(format!("{} can't be opened: {error}", path.display()))
        })?)),
    };
    if options.input == Form::Raw {
        return Ok(input);
    }
    let mut text = Vec::new();
    let mut input = input;
    input.read_to_end(&mut text).map_err(|error| unreadable(&error))?;
    Ok(Box::new(Cursor::new(options.input.read(text).map_err(Failure::Failed)?)))
}

fn print(options: &Records, input: &mut Input, output: &mut Output) -> Result<(), Failure> {
    let mut ended = Ok(());
    while let Some((position, set)) = input.next()? {
        let crc = if options.no_crc { Ok(()) } else { set.verify_crc() };
        if options.batches {
            let mut line = batch_as_json(position, &set);
            if let (Err(error), Some(line)) = (&crc, line.as_object_mut()) {
                line.insert("error".into(), error.to_string().into());
            }
            // Nothing can go wrong when a Vec is written to.
            let _ = writeln!(output.pending(), "{line}");
        } else if crc.is_ok() {
            let printed = print_records(&set, output);
            if let Err(error) = printed? {
                say(format!("batch at byte {position}: {error}"));
                ended = Err(Failure::Said);
            }
        }
        if let Err(error) = crc {
            say(format!("batch at byte {position}: {error}"));
            ended = Err(Failure::Said);
        }
        output.relieve()?;
    }
    ended
}

/// Prints the records of a batch up to the first that is broken.
fn print_records(
    set: &RecordSet,
    output: &mut Output,
) -> Result<Result<(), kafka_proto::DecodeError>, Failure> {
    let records = match set.records(LARGEST_INFLATED) {
        Ok(records) => records,
        Err(error) => return Ok(Err(error)),
    };
    let batch = batch_fields(set);
    for record in &records {
        match record {
            Ok(record) => print_record(set, &record, &batch, output.pending()),
            Err(error) => return Ok(Err(error)),
        }
        output.relieve()?;
    }
    Ok(Ok(()))
}

/// `{"offset":..,"timestamp":..,"key":..,"value":..,"headers":[..],"magic":2,..}`.
fn print_record(set: &RecordSet, record: &Record<'_>, batch: &str, out: &mut Vec<u8>) {
    let _ = write!(out, "{{\"offset\":{},", record.offset);
    let _ = match record.timestamp {
        -1 => write!(out, "\"timestamp\":null,"),
        timestamp => write!(out, "\"timestamp\":{timestamp},"),
    };
    write_content(record.key, record.value, record.headers.iter(), out);
    out.push(b',');
    out.extend_from_slice(batch.as_bytes());
    if set.is_control() {
        let _ = write!(out, ",\"control\":{}", control_as_json(record));
    }
    out.extend_from_slice(b"}\n");
}

/// What each record of a batch says of the batch, without the braces.
fn batch_fields(set: &RecordSet) -> String {
    let mut fields = format!(
        "\"magic\":{},\"codec\":\"{}\",\"timestamp_type\":\"{}\"",
        set.magic(),
        codec_name(set),
        timestamp_type(set)
    );
    if let RecordSet::Batch(batch) = set {
        let header = batch.header();
        fields.push_str(&format!(
            ",\"base_offset\":{},\"partition_leader_epoch\":{},\"producer_id\":{},\"producer_epoch\":{},\
             \"base_sequence\":{},\"transactional\":{}",
            header.base_offset,
            header.partition_leader_epoch,
            header.producer_id,
            header.producer_epoch,
            header.base_sequence,
            header.attributes.is_transactional()
        ));
    }
    fields
}

fn control_as_json(record: &Record<'_>) -> Value {
    let Ok(control) = ControlRecord::parse(record) else { return json!({ "type": null }) };
    let kind = match control.kind {
        ControlType::Abort => "abort".to_owned(),
        ControlType::Commit => "commit".to_owned(),
        ControlType::LeaderChange => "leader_change".to_owned(),
        ControlType::SnapshotHeader => "snapshot_header".to_owned(),
        ControlType::SnapshotFooter => "snapshot_footer".to_owned(),
        ControlType::KRaftVersion => "kraft_version".to_owned(),
        ControlType::KRaftVoters => "kraft_voters".to_owned(),
        other => other.number().to_string(),
    };
    json!({ "type": kind, "coordinator_epoch": control.coordinator_epoch })
}

fn batch_as_json(position: u64, set: &RecordSet) -> Value {
    let mut line = match set {
        RecordSet::Batch(batch) => of_batch(batch),
        RecordSet::Message(message) => of_message(message),
    };
    if let Some(object) = line.as_object_mut() {
        object.insert("codec".into(), codec_name(set).into());
        object.insert("timestamp_type".into(), timestamp_type(set).into());
        object.insert("bytes".into(), set.bytes().len().into());
        object.insert("position".into(), position.into());
    }
    line
}

fn of_batch(batch: &RecordBatch) -> Value {
    let header = batch.header();
    json!({
        "base_offset": header.base_offset,
        "last_offset": header.last_offset().ok(),
        "records": header.records_count,
        "magic": header.magic,
        "partition_leader_epoch": header.partition_leader_epoch,
        "base_timestamp": header.base_timestamp,
        "max_timestamp": header.max_timestamp,
        "producer_id": header.producer_id,
        "producer_epoch": header.producer_epoch,
        "base_sequence": header.base_sequence,
        "transactional": header.attributes.is_transactional(),
        "control": header.attributes.is_control(),
        "delete_horizon": header.attributes.has_delete_horizon(),
        "crc": header.crc,
    })
}

fn of_message(message: &MessageEntry) -> Value {
    let header = message.header();
    json!({
        "offset": header.offset,
        "magic": header.magic,
        "timestamp": header.timestamp,
        "crc": header.crc,
    })
}

fn codec_name(set: &RecordSet) -> String {
    set.codec().map_or_else(|error| error.kind().to_string(), |codec: Codec| codec.to_string())
}

fn timestamp_type(set: &RecordSet) -> &'static str {
    match set.magic() {
        0 => "none",
        _ if set.is_log_append_time() => "log_append_time",
        _ => "create_time",
    }
}

/// Batches, one at a time. All formats have an offset and a length in front, and both stay where they are.
struct Input {
    source: Box<dyn Read>,
    position: u64,
}

/// The offset, and the length of what follows the length.
const OVERHEAD: usize = 12;

/// Zeros are skipped in pieces of this size.
const ZEROS: usize = 256 * 1024;

impl Input {
    fn new(source: Box<dyn Read>) -> Self {
        Self { source, position: 0 }
    }

    /// The next batch and its place; nothing at the end.
    fn next(&mut self) -> Result<Option<(u64, RecordSet)>, Failure> {
        let position = self.position;
        let mut entry = Vec::new();
        self.read(OVERHEAD, &mut entry)?;
        let length = match entry.last_chunk::<4>() {
            _ if entry.is_empty() => return Ok(None),
            Some(length) if entry.len() == OVERHEAD => i32::from_be_bytes(*length),
            _ => return self.cut_off(position),
        };
        // A broker makes room for a segment before it fills it, with zeros.
        if length == 0 && entry.iter().all(|byte| *byte == 0) {
            return self.skip_zeros(position);
        }
        let Some(length) = usize::try_from(length).ok().filter(|length| *length <= LARGEST_BATCH)
        else {
            return Err(Failure::Failed(format!("no batch at byte {position}: length {length}")));
        };
        self.read(length, &mut entry)?;
        if entry.len() < OVERHEAD + length {
            return self.cut_off(position);
        }
        match RecordSets::new(entry.into()).next() {
            Some(Ok(set)) => Ok(Some((position, set))),
            Some(Err(error)) => {
                Err(Failure::Failed(format!("no batch at byte {position}: {error}")))
            }
            None => self.cut_off(position),
        }
    }

    fn read(&mut self, length: usize, into: &mut Vec<u8>) -> Result<(), Failure> {
        let limit = u64::try_from(length).unwrap_or(u64::MAX);
        let read = self.source.by_ref().take(limit).read_to_end(into);
        let read = read.map_err(|error| unreadable(&error))?;
        self.position += u64::try_from(read).unwrap_or(0);
        Ok(())
    }

    /// Reads on to the end, to see that there is no batch behind the zeros.
    fn skip_zeros(&mut self, position: u64) -> Result<Option<(u64, RecordSet)>, Failure> {
        let mut piece = Vec::new();
        loop {
            piece.clear();
            let start = self.position;
            self.read(ZEROS, &mut piece)?;
            if piece.is_empty() {
                say(format!("nothing but zeros from byte {position}"));
                return Ok(None);
            }
            if let Some(at) =
                (start..).zip(&piece).find_map(|(at, byte)| (*byte != 0).then_some(at))
            {
                let zeros = at - position;
                return Err(Failure::Failed(format!(
                    "no batch at byte {position}: {zeros} zeros with something behind them"
                )));
            }
        }
    }

    fn cut_off(&self, position: u64) -> Result<Option<(u64, RecordSet)>, Failure> {
        say(format!("the batch at byte {position} is cut off at byte {}", self.position));
        Ok(None)
    }
}

fn unreadable(error: &io::Error) -> Failure {
    bytes::unreadable("the input", error)
}
