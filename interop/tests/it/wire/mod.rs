//! The embedded broker against a real one, request by request: every field of every answer has to be the same, in every
//! version, but for what `KNOWN` names.

mod admin;
mod line;
mod records;

use std::collections::BTreeMap;

use kafka_interop::Cluster;
use kafka_proto::{Request, Uuid};
use kafka_sim::{ServeOptions, serve};
use serde_json::Value;

use crate::shared::cluster;
use line::Line;

/// Where the embedded broker differs: the beginning of a case, the end of a field's path, and why.
const KNOWN: &[(&str, &str, &str)] = &[
    ("DescribeConfigs", "[segment.index.bytes].value", "the kit's nodes have it in their file"),
    ("DescribeConfigs", "[segment.index.bytes].configSource", "the same"),
    ("CreateTopics", "[segment.index.bytes].value", "the same"),
    ("CreateTopics", "[segment.index.bytes].configSource", "the same"),
];

#[test]
#[ignore = "needs Java"]
fn every_answer_is_that_of_a_real_broker() {
    // As the nodes of the kit are set.
    let served = serve(ServeOptions { default_partitions: 3, ..ServeOptions::default() }).unwrap();
    let ours = Scenario::run(&served.bootstrap());
    let real = Scenario::run(&Cluster::bootstrap(cluster()));
    assert_eq!(ours.keys().collect::<Vec<_>>(), real.keys().collect::<Vec<_>>());
    let mut met = vec![false; KNOWN.len()];
    let mut differences = Vec::new();
    for (case, ours) in &ours {
        let (ours, real) = (flat(ours), flat(&real[case]));
        let paths: std::collections::BTreeSet<_> = ours.keys().chain(real.keys()).collect();
        for path in paths {
            let (ours, real) = (ours.get(path), real.get(path));
            let known = KNOWN
                .iter()
                .position(|(of, field, _)| case.starts_with(of) && path.ends_with(field));
            match known {
                _ if ours == real => {}
                Some(at) => met[at] = true,
                None => differences.push(format!("{case}{path}: ours {ours:?}, real {real:?}")),
            }
        }
    }
    println!("{} answers", ours.len());
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
    let unmet: Vec<_> = KNOWN.iter().zip(&met).filter(|(_, met)| !**met).collect();
    assert!(unmet.is_empty(), "these differ no more: {unmet:?}");
}

/// What was asked of one broker, and what it said.
struct Scenario {
    line: Line,
    said: BTreeMap<String, Value>,
}

impl Scenario {
    fn run(bootstrap: &str) -> BTreeMap<String, Value> {
        let mut scenario = Self { line: Line::new(bootstrap.to_owned()), said: BTreeMap::new() };
        admin::create(&mut scenario);
        records::produce(&mut scenario);
        records::idempotence(&mut scenario);
        records::fetch(&mut scenario);
        records::offsets(&mut scenario);
        admin::describe(&mut scenario);
        admin::change(&mut scenario);
        admin::delete(&mut scenario);
        scenario.said
    }

    /// Asks in every version that a 4.4 broker speaks and that can carry the request. A request that changes things has to
    /// be asked in one.
    fn ask<R: Request>(&mut self, case: &str, request: impl Fn(i16) -> R) {
        for version in line::versions(R::API) {
            self.ask_in(version, case, &request(version));
        }
    }

    fn ask_in<R: Request>(&mut self, version: i16, case: &str, request: &R) {
        if let Some(said) = self.line.ask(version, request) {
            let name = format!("{} {version:02}, {case}", R::API.name());
            assert!(self.said.insert(name.clone(), said).is_none(), "{name} twice");
        }
    }

    fn topic_id(&mut self, name: &str) -> Uuid {
        self.line.topic_id(name)
    }
}

/// Every value at the end of a path.
fn flat(value: &Value) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    flatten(value, String::new(), &mut all);
    all
}

fn flatten(value: &Value, path: String, all: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, field) in fields {
                flatten(field, format!("{path}.{name}"), all);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for (at, element) in elements.iter().enumerate() {
                // Keys of configurations are told by their names.
                let name = element.get("value").and(element.get("name")).and_then(Value::as_str);
                let place = name.map_or_else(|| at.to_string(), str::to_owned);
                flatten(element, format!("{path}[{place}]"), all);
            }
        }
        other => drop(all.insert(path, other.clone())),
    }
}
