//! Random messages by Kafka's classes, and ours read by them: the same bytes and the same JSON both ways.

use bytes::Bytes;
use kafka_interop::conformance::Classes;
use kafka_interop::maven::LAST_BEFORE_4;
use kafka_proto::json;
use kafka_proto::schema::MessageSchema;
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::codecs::{Codecs, print, schema};
use super::generate::{Body, FEW, Random, body};
use super::spec::Spec;
use super::{RELEASES, hex, lines, unhex};

/// Random messages of each message and version, in either direction.
const EACH: usize = 30;

/// What is random is the same in every run.
const SEED: u64 = 4;

/// At most so many failures are shown.
const SHOWN: usize = 20;

/// Fields that are the same on the wire but had another name in 3.9.2: the message, its versions, the name then and now.
const RENAMED: [(&str, [i16; 2], &str, &str); 6] = [
    ("TxnOffsetCommitRequest", [3, 4], "generationId", "generationIdOrMemberEpoch"),
    ("VoteRequest", [0, 1], "candidateEpoch", "replicaEpoch"),
    ("VoteRequest", [0, 1], "candidateId", "replicaId"),
    ("VoteRequest", [1, 1], "candidateDirectoryId", "replicaDirectoryId"),
    ("ListClientMetricsResourcesResponse", [0, 0], "clientMetricsResources", "configResources"),
    ("ListClientMetricsResourcesResponse", [0, 0], "name", "resourceName"),
];

/// The one version that 4.4.0 has changed on the wire. It is compared with 4.4.0 only.
const CHANGED: (&str, i16) = ("ReadShareGroupStateSummaryResponse", 0);

/// One release's messages, and what came of them.
struct Run {
    classes: Classes,
    codecs: Codecs,
    /// How often each message and version of the release was met.
    met: BTreeMap<(String, i16), usize>,
    failures: Vec<String>,
    /// How many of our JSON texts Java has read.
    from_json: usize,
}

impl Run {
    fn new(release: &str) -> Self {
        let classes = Classes::of(release).unwrap();
        let specs = lines(&classes, &["specs"]);
        let specs = specs.iter().filter_map(|line| Spec::read(line.get("spec")?));
        let met = specs.flat_map(|spec| {
            let versions = spec.versions.min..=spec.versions.max;
            versions.map(move |version| ((spec.name.clone(), version), 0))
        });
        let mut met: BTreeMap<_, _> = met.collect();
        if release == LAST_BEFORE_4 {
            met.remove(&(CHANGED.0.to_owned(), CHANGED.1)).unwrap();
        }
        Self { met, classes, codecs: Codecs::new(), failures: Vec::new(), from_json: 0 }
    }

    /// Counts a message and says whether it is one to compare.
    fn meet(&mut self, name: &str, version: i16) -> bool {
        let times = self.met.get_mut(&(name.to_owned(), version));
        let changed = self.classes.version() == LAST_BEFORE_4 && (name, version) == CHANGED;
        assert!(times.is_some() != changed, "{name} {version} is not in the release");
        times.map(|times| *times += 1).is_some()
    }

    fn fail(&mut self, name: &str, version: i16, error: &str, hex: &Value) {
        self.failures.push(format!("{name} {version}: {error}\n  {hex}"));
    }

    /// Nothing failed, and nothing was left out.
    fn end(self, what: &str) {
        let shown = self.failures.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.failures.is_empty(), "{} failures:\n{shown}", self.failures.len());
        let few: Vec<_> = self.met.iter().filter(|(_, times)| **times != EACH).collect();
        assert!(few.is_empty(), "not {EACH} times: {few:?}");
        println!(
            "{} {what}: {} messages, {EACH} of each of {} versions",
            self.classes.version(),
            self.met.len() * EACH,
            self.met.len(),
        );
    }

    /// Kafka's JSON with the names that fields have now.
    fn renamed(&self, name: &str, version: i16, mut json: Value) -> Value {
        for (message, [first, last], before, now) in RENAMED {
            let old = self.classes.version() == LAST_BEFORE_4;
            if old && message == name && (first..=last).contains(&version) {
                rename(&mut json, before, now);
            }
        }
        json
    }
}

fn rename(json: &mut Value, before: &str, now: &str) {
    match json {
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, before, now)),
        Value::Object(fields) => {
            // In place, so that the order of fields is still compared.
            let renamed = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                rename(&mut value, before, now);
                (if name == before { now.to_owned() } else { name }, value)
            });
            *fields = renamed.collect();
        }
        _ => {}
    }
}

#[test]
#[ignore = "needs Java"]
fn what_kafkas_classes_write_is_read_equal() {
    for release in RELEASES {
        let mut run = Run::new(release);
        let classes = Classes::of(release).unwrap();
        let words = ["generate", &SEED.to_string(), &EACH.to_string()];
        let each = |line: Value| {
            let (name, version) = (text(&line["name"]), version(&line));
            if run.meet(name, version)
                && let Err(error) = read(&run, name, version, &line)
            {
                run.fail(name, version, &error, &line["hex"]);
            }
        };
        classes.ask(&words, std::iter::empty(), each).unwrap();
        run.end("writes");
    }
}

/// Reads one of Java's messages with both codecs, and writes it with both.
fn read(run: &Run, name: &str, version: i16, line: &Value) -> Result<(), String> {
    let key = line["api_key"].as_i64().map(|key| key as i16);
    let schema = schema(name, text(&line["kind"]), key).ok_or("no such message")?;
    let body = Bytes::from(unhex(text(&line["hex"])));
    same("static", &run.codecs.again(schema, version, body.clone())?, &body)?;
    let printed = print(schema, version, body.clone())?;
    same_json(&printed.without_records, &run.renamed(name, version, line["json"].clone()))?;
    if Some(&printed.records) != line["records"].as_array() {
        return Err(format!("records {:?}, Kafka's {}", printed.records, line["records"]));
    }
    // Tagged fields that no schema knows are not in JSON.
    if line["unknown"] == 0 {
        let again = json::encode(schema, version, &printed.json);
        same("JSON", &again.map_err(|error| error.to_string())?, &body)?;
    }
    Ok(())
}

#[test]
#[ignore = "needs Java"]
fn what_we_write_is_read_equal_by_kafkas_classes() {
    for release in RELEASES {
        let mut run = Run::new(release);
        let specs = lines(&run.classes, &["specs"]);
        let specs = specs.iter().filter_map(|line| Spec::read(line.get("spec")?));
        let cases: Vec<Case> = specs.flat_map(|spec| cases(&spec)).collect();
        let asked = cases.iter().map(|case| run.asked(case)).collect::<Vec<_>>().into_iter();
        let mut answers = Vec::new();
        Classes::of(release).unwrap().ask(&["check"], asked, |line| answers.push(line)).unwrap();
        assert_eq!(answers.len(), cases.len());
        for (case, answer) in cases.iter().zip(answers) {
            if run.meet(&case.name, case.version)
                && let Err(error) = run.answered(case, &answer)
            {
                run.fail(&case.name, case.version, &error, &hex(&case.body).into());
            }
        }
        println!("{release} reads {} of our JSON texts", run.from_json);
        assert!(run.from_json > cases.len() * 9 / 10);
        run.end("reads");
    }
}

/// A body of ours.
struct Case {
    /// The release's name of the message.
    name: String,
    schema: &'static MessageSchema,
    version: i16,
    body: Bytes,
    /// Whether it is written as an encoder writes it: tagged fields at their default are left out.
    canonical: bool,
    /// Whether it has tagged fields that no schema knows, which are not in JSON.
    unknown_tags: bool,
}

/// Random bodies of every version of a message.
fn cases(spec: &Spec) -> Vec<Case> {
    let schema = schema(&spec.name, &spec.kind, spec.key).unwrap();
    let versions = spec.versions.min..=spec.versions.max;
    let seeds = versions.flat_map(|version| (0..EACH).map(move |nth| (version, nth)));
    let case = |(version, nth): (i16, usize)| {
        let mut random = Random(SEED << 32 | (version as u64) << 16 | nth as u64);
        let Body { bytes, canonical, unknown_tags } = body(schema, version, FEW, &mut random);
        let name = spec.name.clone();
        Case { name, schema, version, body: bytes.into(), canonical, unknown_tags }
    };
    seeds.map(case).collect()
}

impl Run {
    /// The line that asks Java to read a body, and our JSON of it where Java can read that.
    fn asked(&self, case: &Case) -> Value {
        let mut line = json!({
            "name": case.name, "version": case.version, "hex": hex(&case.body),
        });
        let old = self.classes.version() == LAST_BEFORE_4;
        let renamed =
            old && RENAMED.iter().any(|it| it.0 == case.name && it.1.contains(&case.version));
        // Java prints floats that are no numbers as texts, which it then refuses to read.
        let endless = |json: &Value| json.to_string().contains("Infinity\"");
        if let Ok(printed) = print(case.schema, case.version, case.body.clone())
            && !renamed
            && !endless(&printed.json)
        {
            line["json"] = printed.json;
        }
        line
    }

    fn answered(&mut self, case: &Case, answer: &Value) -> Result<(), String> {
        if let Some(error) = answer.get("error") {
            return Err(format!("Kafka says {error}"));
        }
        let java = Bytes::from(unhex(text(&answer["hex"])));
        let ours = self.codecs.again(case.schema, case.version, case.body.clone())?;
        same("static", &ours, &java)?;
        if case.canonical {
            same("canonical", &ours, &case.body)?;
        }
        let printed = print(case.schema, case.version, case.body.clone())?;
        let kafkas = self.renamed(&case.name, case.version, answer["json"].clone());
        same_json(&printed.without_records, &kafkas)?;
        let from_json = json::encode(case.schema, case.version, &printed.json);
        let from_json = from_json.map_err(|error| error.to_string())?;
        if !case.unknown_tags {
            same("JSON", &from_json, &java)?;
        }
        if let Some(hex) = answer.get("from_json") {
            self.from_json += 1;
            same("Kafka's of our JSON", &Bytes::from(unhex(text(hex))), &from_json)?;
        }
        Ok(())
    }
}

fn same(what: &str, found: &Bytes, expected: &Bytes) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} bytes are {}", hex(found))) }
}

/// As texts, because the order of fields and the kinds of numbers count too.
fn same_json(ours: &Value, kafkas: &Value) -> Result<(), String> {
    let (ours, kafkas) = (ours.to_string(), kafkas.to_string());
    if ours == kafkas { Ok(()) } else { Err(format!("JSON is\n  {ours}\n  {kafkas} in Kafka")) }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn version(line: &Value) -> i16 {
    i16::try_from(line["version"].as_i64().unwrap()).unwrap()
}
