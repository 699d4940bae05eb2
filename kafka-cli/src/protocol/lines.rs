//! `--jsonl`: a message a line, as many as there are.
//!
//! A line that can't be done comes back with an `error` in it, and the next one is as good as ever. Nothing is kept from
//! line to line, and no answer is kept back while the next line isn't there: whoever writes lines may wait for answers.

use std::io::{self, BufRead, Read};

use kafka_proto::schema::MessageSchema;
use serde_json::{Map, Value, json};

use super::bytes::{from_hex, of_stdin, to_hex};
use super::frame::Coding;
use super::target::{Kind, api, api_schema, message};
use crate::failure::Failure;
use crate::output::Output;

/// The longest line that is taken: room for the hexadecimal digits of the largest frame that brokers take, and more.
const LONGEST: u64 = 512 * 1024 * 1024;

/// Stdin is read in pieces of this size.
const PIECE: usize = 256 * 1024;

/// What to do with each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From `hex` to `json`.
    Decode,
    /// From `json` to `hex`.
    Encode,
}

impl Direction {
    /// The name under which the answer is added to a line.
    const fn adds(self) -> &'static str {
        match self {
            Self::Decode => "json",
            Self::Encode => "hex",
        }
    }
}

/// Takes each line of stdin and prints it completed.
pub(crate) fn run(direction: Direction, with_header: bool) -> Result<(), Failure> {
    let mut input = io::BufReader::with_capacity(PIECE, io::stdin().lock());
    let mut output = Output::new();
    let mut line = Vec::new();
    loop {
        // Reading on may take as long as the other side likes.
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
        let next = next_line(&mut input, &mut line).map_err(|error| of_stdin(&error))?;
        let Some(complete) = next else { return Ok(()) };
        if complete && line.trim_ascii().is_empty() {
            continue;
        }
        let answer = match complete {
            true => answer(&line, direction, with_header),
            false => json!({ "error": format!("the line is longer than {LONGEST} bytes") }),
        };
        // A value is always JSON, and a Vec takes everything.
        let _ = serde_json::to_writer(output.pending(), &answer);
        output.pending().push(b'\n');
        output.relieve()?;
    }
}

/// Reads a line; false if it is too long and has been skipped, nothing at the end.
fn next_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    if input.by_ref().take(LONGEST).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    let complete = line.last() == Some(&b'\n') || u64::try_from(line.len()) != Ok(LONGEST);
    if !complete {
        input.skip_until(b'\n')?;
    }
    Ok(Some(complete))
}

/// The line with what it lacked, or with the reason why not.
fn answer(line: &[u8], direction: Direction, with_header: bool) -> Value {
    let mut object = match serde_json::from_slice(line) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return json!({ "error": "the line is no JSON object" }),
        Err(error) => return json!({ "error": format!("the line is no JSON: {error}") }),
    };
    // What an earlier run left there has nothing to do with this one.
    object.shift_remove("error");
    object.shift_remove(direction.adds());
    match complete(&object, direction, with_header) {
        Ok(value) => object.insert(direction.adds().to_owned(), value),
        Err(error) => object.insert("error".to_owned(), error.into()),
    };
    Value::Object(object)
}

/// What the line lacks.
fn complete(
    line: &Map<String, Value>,
    direction: Direction,
    with_header: bool,
) -> Result<Value, String> {
    let schema = schema(line)?;
    let version = integer(line, "version")?;
    let with_header = with_header && schema.key.is_some();
    let coding = Coding { schema, version, with_header };
    match direction {
        Direction::Decode => {
            let bytes =
                from_hex(text(line, "hex")?.as_bytes()).map_err(|error| format!("hex: {error}"))?;
            coding.decode(bytes.into())
        }
        Direction::Encode => {
            let value = line.get("json").ok_or("json: missing")?;
            coding.encode(value).map(|bytes| to_hex(&bytes).into())
        }
    }
}

/// The message that a line is about.
fn schema(line: &Map<String, Value>) -> Result<&'static MessageSchema, String> {
    if line.contains_key("name") {
        let name = text(line, "name")?;
        return message(name).map_err(|error| format!("name: {error}"));
    }
    let api = api(integer(line, "api_key")?)?;
    match text(line, "kind")? {
        "request" => api_schema(api, Kind::Request),
        "response" => api_schema(api, Kind::Response),
        _ => Err("kind: neither request nor response".to_owned()),
    }
}

fn integer(line: &Map<String, Value>, name: &str) -> Result<i16, String> {
    let value = line.get(name).ok_or_else(|| format!("{name}: missing"))?;
    let number = value.as_i64().and_then(|number| i16::try_from(number).ok());
    number.ok_or_else(|| format!("{name}: no integer of 16 bits"))
}

fn text<'a>(line: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    let value = line.get(name).ok_or_else(|| format!("{name}: missing"))?;
    value.as_str().ok_or_else(|| format!("{name}: no string"))
}
