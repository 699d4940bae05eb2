//! `kafka protocol list`: every API, and what else has versions.

use std::fmt::Write;

use clap::Args;
use kafka_proto::{ApiKey, schema::MessageSchema};
use serde_json::{Map, Value, json};

use super::target::{Kind, api_schema, data_messages};
use crate::failure::Failure;
use crate::output::Output;

/// Options of `kafka protocol list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  kafka protocol list --json | jq -r 'select(.flexible == null).name'")]
pub(crate) struct List {
    /// Print a JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Prints a line for each API, then one for each data message.
pub(crate) fn run(options: &List) -> Result<(), Failure> {
    let mut output = Output::new();
    for api in ApiKey::ALL {
        output.line(if options.json {
            api_as_json(*api).to_string()
        } else {
            api_as_text(*api)
        })?;
    }
    if !options.json {
        output.line("\nData messages:")?;
    }
    for schema in data_messages() {
        output.line(if options.json {
            data_as_json(schema).to_string()
        } else {
            data_as_text(schema)
        })?;
    }
    Ok(())
}

fn api_as_text(api: ApiKey) -> String {
    let mut line =
        format!("{:>2} {api:<37} {}", api.to_i16(), versions(api.versions().to_string()));
    if let Some(first) = first_flexible(api) {
        // Nothing can go wrong when a String is written to.
        let _ = write!(line, ", flexible from {first}");
    }
    if api.stable_versions() != api.versions() {
        let _ = write!(line, ", stable {}", api.stable_versions());
    }
    line
}

fn data_as_text(schema: &MessageSchema) -> String {
    let mut line = format!("   {:<37} {}", schema.name, versions(schema.versions.to_string()));
    if let Some(first) = schema.first_flexible {
        let _ = write!(line, ", flexible from {first}");
    }
    line
}

fn versions(range: String) -> String {
    let word = if range.contains('-') { "versions" } else { "version" };
    format!("{word} {range}")
}

fn api_as_json(api: ApiKey) -> Value {
    json!({
        "key": api.to_i16(),
        "name": api.name(),
        "versions": api.versions().to_string(),
        "flexible": first_flexible(api),
        "stable": api.stable_versions().to_string(),
        "kips": api_schema(api, Kind::Request).map(kips).unwrap_or_default(),
    })
}

fn data_as_json(schema: &'static MessageSchema) -> Value {
    json!({
        "name": schema.name,
        "versions": schema.versions.to_string(),
        "flexible": schema.first_flexible,
        "kips": kips(schema),
    })
}

fn first_flexible(api: ApiKey) -> Option<i16> {
    api_schema(api, Kind::Request).ok()?.first_flexible
}

/// KIPs by the version that came with them.
pub(crate) fn kips(schema: &'static MessageSchema) -> Map<String, Value> {
    let mut kips = Map::new();
    for (version, kip) in schema.kips {
        let of_version = kips.entry(version.to_string()).or_insert_with(|| json!([]));
        if let Some(of_version) = of_version.as_array_mut() {
            of_version.push(json!(format!("KIP-{kip}")));
        }
    }
    kips
}
