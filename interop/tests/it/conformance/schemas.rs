//! Our schema table equals Kafka's specs.

use kafka_interop::conformance::Classes;
use kafka_proto::ApiKey;
use kafka_proto::messages::SCHEMAS;
use serde_json::Value;
use std::collections::BTreeSet;

use super::compare::{Comparison, Convention, Difference, compare};
use super::{RELEASES, lines};

/// One thing that the two releases say differently: a message, its versions, and where 3.9.2 differs from our table.
type Known = (&'static str, &'static [i16], &'static [&'static str]);

/// Where the releases disagree about one version. Our table is as the newer one says.
const KNOWN: [(&str, &[Known]); 4] = [
    (
        "a field of TxnOffsetCommit 3 and 4 was renamed",
        &[(
            "TxnOffsetCommitRequest",
            &[3, 4],
            &["generationId is not here", "generationIdOrMemberEpoch is not in Kafka"],
        )],
    ),
    (
        "fields of Vote 0 and 1 were renamed",
        &[
            (
                "VoteRequest",
                &[0, 1],
                &[
                    "topics.partitions.candidateEpoch is not here",
                    "topics.partitions.candidateId is not here",
                    "topics.partitions.replicaEpoch is not in Kafka",
                    "topics.partitions.replicaId is not in Kafka",
                ],
            ),
            (
                "VoteRequest",
                &[1],
                &[
                    "topics.partitions.candidateDirectoryId is not here",
                    "topics.partitions.replicaDirectoryId is not in Kafka",
                ],
            ),
        ],
    ),
    (
        "the messages of key 74 were renamed",
        &[
            ("ListClientMetricsResourcesRequest", &[], &["an unknown request of key 74"]),
            ("ListClientMetricsResourcesResponse", &[], &["an unknown response of key 74"]),
        ],
    ),
    (
        "a field was added to version 0 of ReadShareGroupStateSummary's response",
        &[(
            "ReadShareGroupStateSummaryResponse",
            &[0],
            &["results.partitions.leaderEpoch is not in Kafka"],
        )],
    ),
];

/// Every convention; one that is not met with any more must go.
const CONVENTIONS: [Convention; 4] = [
    Convention::ResponseStruct,
    Convention::NullForEmpty,
    Convention::IgnorableBefore,
    Convention::EmptyRecords,
];

/// The differences in a list of known ones.
fn expand(known: &[Known]) -> Vec<Difference> {
    let mut all = Vec::new();
    for &(message, versions, whats) in known {
        let versions = versions.iter().copied().map(Some);
        let versions: Vec<_> = if versions.len() == 0 { vec![None] } else { versions.collect() };
        for version in versions {
            all.extend(whats.iter().map(|&what| Difference {
                message: message.to_owned(),
                version,
                what: what.to_owned(),
            }));
        }
    }
    all
}

#[test]
#[ignore = "needs Java"]
fn every_field_is_kafkas() {
    let mut newer = BTreeSet::new();
    let mut conventions = BTreeSet::new();
    for (nth, release) in RELEASES.into_iter().enumerate() {
        let comparison = compare(&specs(release), &newer, SCHEMAS);
        print(release, &comparison);
        let mut found = BTreeSet::from_iter(comparison.differences);
        for (name, known) in KNOWN.iter().filter(|_| nth > 0) {
            let gone: Vec<_> = expand(known).into_iter().filter(|it| !found.remove(it)).collect();
            assert!(gone.is_empty(), "{release}: {name}, but no longer: {gone:#?}");
        }
        let found: Vec<_> = found.iter().map(Difference::to_string).collect();
        assert!(found.is_empty(), "{release} differs:\n{}", found.join("\n"));
        conventions.extend(comparison.conventions.into_keys());
        newer.extend(comparison.compared);
    }
    assert_eq!(conventions, BTreeSet::from(CONVENTIONS));
    // What no release has is no protocol.
    let ours = SCHEMAS.iter().flat_map(|schema| {
        let versions = schema.versions.min..=schema.versions.max;
        versions.map(|version| (schema.name.to_owned(), version))
    });
    assert_eq!(newer, ours.collect());
}

fn print(release: &str, comparison: &Comparison) {
    let messages: BTreeSet<_> = comparison.compared.iter().map(|(name, _)| name).collect();
    println!(
        "{release}: {} messages in {} versions with {} fields, and {} fields that versions lack; by convention: {:?}",
        messages.len(),
        comparison.compared.len(),
        comparison.fields,
        comparison.absent,
        comparison.conventions,
    );
}

fn specs(release: &str) -> Vec<Value> {
    let classes = Classes::of(release).unwrap();
    lines(&classes, &["specs"]).iter().filter_map(|line| line.get("spec").cloned()).collect()
}

#[test]
#[ignore = "needs Java"]
fn headers_and_unstable_versions_are_kafkas() {
    for (nth, release) in RELEASES.into_iter().enumerate() {
        let classes = Classes::of(release).unwrap();
        let (mut apis, mut versions) = (0, 0);
        for api in lines(&classes, &["specs"]).iter().filter_map(|line| line.get("api")) {
            let key = ApiKey::from_i16(number(&api["api_key"])).unwrap();
            let min = number(&api["min"]);
            let of = |name: &str| api[name].as_array().unwrap().iter().map(number).enumerate();
            for (at, header) in of("request_headers") {
                let version = min + at as i16;
                assert_eq!(key.request_header_version(version), header, "{key} {version}");
                versions += 1;
            }
            for (at, header) in of("response_headers") {
                let version = min + at as i16;
                assert_eq!(key.response_header_version(version), header, "{key} {version}");
            }
            // What was unstable in an older release may have become stable since.
            let newest = min + of("request_headers").count() as i16 - 1;
            let unstable = (api["unstable"] == true).then_some(newest);
            if nth == 0 && newest >= 0 {
                assert_eq!(key.unstable_version(), unstable, "{key}");
            }
            apis += 1;
        }
        println!("{release}: headers of {apis} APIs in {versions} versions");
        assert!(apis > 80 && versions > 280, "{release} is not complete");
    }
}

fn number(value: &Value) -> i16 {
    i16::try_from(value.as_i64().unwrap()).unwrap()
}
