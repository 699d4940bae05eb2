//! Records in every format and codec, by Kafka's builders and by ours: each reads the other's.

use bytes::Bytes;
use kafka_interop::conformance::Classes;
use kafka_interop::maven::LAST_BEFORE_4;
use kafka_proto::records::{BatchBuilder, ControlType, down_convert};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::batches::{LIMIT, build, number, tell};
use super::{RELEASES, hex, lines, unhex};

const SEED: &str = "11";

/// What Java wrote, with what it sees in it.
struct Written {
    name: String,
    bytes: Bytes,
    told: Value,
}

/// All that the builders of a release write, once for all tests.
fn written(release: &str) -> &'static [Written] {
    static CASES: [OnceLock<Vec<Written>>; RELEASES.len()] =
        [const { OnceLock::new() }; RELEASES.len()];
    let nth = RELEASES.iter().position(|it| *it == release).unwrap();
    CASES[nth].get_or_init(|| {
        let case = |line: &Value| Written {
            name: line["name"].as_str().unwrap().to_owned(),
            bytes: bytes(line),
            told: line["batches"].clone(),
        };
        let classes = Classes::of(release).unwrap();
        lines(&classes, &["write-records", SEED]).iter().map(case).collect()
    })
}

/// Java's answer to each line.
fn ask(classes: &Classes, asked: Vec<Value>) -> Vec<Value> {
    let (count, mut answers) = (asked.len(), Vec::new());
    classes.ask(&["read-records"], asked.into_iter(), |line| answers.push(line)).unwrap();
    assert_eq!(answers.len(), count);
    answers
}

fn bytes(line: &Value) -> Bytes {
    Bytes::from(unhex(line["hex"].as_str().unwrap()))
}

/// Batches of a hundred kilobytes are nothing to print whole.
fn assert_same(ours: &Value, kafkas: &Value, name: &str) {
    if ours != kafkas {
        let [ours, kafkas] = [ours, kafkas].map(Value::to_string);
        let same = ours.bytes().zip(kafkas.bytes()).take_while(|(a, b)| a == b).count();
        let near = |text: &str| {
            let letters = text.chars().skip(same.saturating_sub(150));
            letters.take(400).collect::<String>()
        };
        panic!("{name}: here is\n{}\nand in Kafka\n{}", near(&ours), near(&kafkas));
    }
}

#[test]
#[ignore = "needs Java"]
fn either_reads_what_the_other_builds() {
    for release in RELEASES {
        let classes = Classes::of(release).unwrap();
        let cases = written(release);
        let (mut formats, mut identical) = (BTreeSet::new(), 0);
        let mut asked = Vec::new();
        for case in cases {
            let told = tell(case.bytes.clone(), true).unwrap();
            assert_same(&told, &case.told, &case.name);
            let built = build(&told).unwrap();
            // Under log-append time a batch still holds the producer's times, which no reader sees.
            let first = &told[0];
            if first["codec"] == "none"
                && !(first["magic"] == 2 && first["log_append_time"] == true)
            {
                assert!(built == case.bytes, "{}: {}", case.name, hex(&built));
                identical += 1;
            }
            formats.insert(format!("{} {}", first["magic"], first["codec"]));
            asked.push(json!({ "hex": hex(&built) }));
        }
        let answers = ask(&classes, asked);
        for (case, answer) in cases.iter().zip(&answers) {
            assert_eq!(answer.get("error"), None, "{}", case.name);
            assert_same(&case.told, &answer["batches"], &case.name);
        }
        let sets = cases.iter().flat_map(|case| case.told.as_array().unwrap());
        let records = sets.clone().map(|set| set["records"].as_array().unwrap().len());
        println!(
            "{release}: {} cases of {} formats with codecs: {} batches and messages, {} records, either way; {identical} the same bytes",
            cases.len(),
            formats.len(),
            sets.count(),
            records.sum::<usize>(),
        );
        // Two old formats with four codecs, and one with five.
        assert_eq!(formats.len(), 13, "{formats:?}");
        let controls = cases.iter().filter(|case| case.told[0]["control"] == true);
        assert_eq!(controls.count(), 7);
    }
}

#[test]
#[ignore = "needs Java"]
fn the_ends_of_transactions_are_kafkas() {
    for release in RELEASES {
        for (name, kind) in
            [("control COMMIT", ControlType::Commit), ("control ABORT", ControlType::Abort)]
        {
            let kafkas = written(release).iter().find(|case| case.name == name).unwrap();
            let told = &kafkas.told[0];
            let timestamp = number(&told["max_timestamp"]);
            let marker = BatchBuilder::end_transaction(kind, 17, timestamp, 42, 5).unwrap();
            let leader_epoch = number(&told["leader_epoch"]) as i32;
            let offset = number(&told["base_offset"]);
            let ours = marker.with_leader_epoch(leader_epoch).build(offset).unwrap();
            assert_eq!(hex(&ours), hex(&kafkas.bytes), "{release} {name}");
        }
    }
}

#[test]
#[ignore = "needs Java"]
fn an_answer_of_all_formats_may_be_cut_anywhere() {
    let classes = Classes::of(LAST_BEFORE_4).unwrap();
    let cases = written(LAST_BEFORE_4);
    let small = cases.iter().filter(|case| case.name.ends_with("nulls"));
    let log: Vec<u8> = small.flat_map(|case| case.bytes.to_vec()).collect();
    let cuts: Vec<&[u8]> = (0..log.len()).step_by(13).map(|cut| &log[..cut]).collect();
    let answers = ask(&classes, cuts.iter().map(|cut| json!({ "hex": hex(cut) })).collect());
    let mut most = 0;
    for (cut, answer) in cuts.iter().zip(answers) {
        let told = tell(Bytes::copy_from_slice(cut), true).unwrap();
        assert_same(&told, &answer["batches"], &format!("cut at {}", cut.len()));
        most = most.max(told.as_array().unwrap().len());
    }
    println!("{} cuts of {} bytes with {most} batches and messages", cuts.len(), log.len());
    assert!(most > 20 && cuts.len() > 100);
}

#[test]
#[ignore = "needs Java"]
fn old_clients_are_given_the_same_as_by_kafka() {
    // Later releases have no clients of such age any more.
    let classes = Classes::of(LAST_BEFORE_4).unwrap();
    let cases = written(LAST_BEFORE_4);
    let mut asked = Vec::new();
    let mut jobs = Vec::new();
    for case in cases {
        let last = number(&case.told.as_array().unwrap().last().unwrap()["last_offset"]);
        for to_magic in [0_i8, 1] {
            for first_offset in [0, last] {
                let (magic, first) = (to_magic, first_offset);
                let hex = hex(&case.bytes);
                asked.push(json!({ "hex": hex, "to_magic": magic, "first_offset": first }));
                jobs.push((case, to_magic, first_offset));
            }
        }
    }
    let (mut converted, mut identical, mut refused) = (0, 0, 0);
    for ((case, to_magic, first_offset), answer) in jobs.iter().zip(ask(&classes, asked)) {
        let name = format!("{} to {to_magic} from {first_offset}", case.name);
        let ours = down_convert(case.bytes.clone(), *to_magic, *first_offset, LIMIT);
        let Ok(ours) = ours else {
            let unsupported = answer["error"].as_str().unwrap_or_default();
            assert!(
                unsupported.contains("UnsupportedCompressionType"),
                "{name}: {ours:?} {answer}"
            );
            refused += 1;
            continue;
        };
        let told = tell(ours.clone(), true).unwrap();
        assert_same(&told, &answer["batches"], &name);
        if case.told[0]["codec"] == "none" {
            assert!(ours == bytes(&answer), "{name}: {}", hex(&ours));
            identical += 1;
        }
        converted += 1;
    }
    println!("{converted} converted, {identical} to the same bytes, {refused} refused");
    // Those of zstd, of which there are 12 cases; from two offsets to two formats.
    assert_eq!((converted + refused, refused), (cases.len() * 4, 48));
}

/// Where the frame of lz4 begins, with its flags, its block size, and the checksum of these.
fn lz4_header(bytes: &[u8]) -> (usize, [u8; 3]) {
    let at = bytes.windows(4).position(|it| it == [0x04, 0x22, 0x4d, 0x18]).unwrap() + 4;
    (at, [bytes[at], bytes[at + 1], bytes[at + 2]])
}

/// Magic 0 has a header checksum that also covers the frame's magic, which is wrong, and only there it is taken.
#[test]
#[ignore = "needs Java"]
fn the_wrong_checksum_of_lz4_is_kafkas() {
    let classes = Classes::of(LAST_BEFORE_4).unwrap();
    let cases = written(LAST_BEFORE_4);
    let of = |magic: u8| {
        let name = format!("magic {magic} lz4 CreateTime one");
        cases.iter().find(|case| case.name == name).unwrap()
    };
    let header = |magic: u8| lz4_header(&of(magic).bytes);
    let [wrong, right, newest] = [0, 1, 2].map(|magic| header(magic).1);
    assert_eq!((wrong[..2].to_vec(), right), (newest[..2].to_vec(), newest));
    assert_ne!(wrong, right);
    for magic in 0..=2 {
        let built = build(&of(magic).told).unwrap();
        let ours = lz4_header(&built).1;
        println!("magic {magic}: {:02x?} by Kafka, {ours:02x?} here", header(magic).1);
        assert_eq!(ours, header(magic).1, "magic {magic}");
    }
    // Each checksum in the other's place; those of the messages no longer fit.
    let swapped = [(0, right[2]), (1, wrong[2]), (2, wrong[2])].map(|(magic, checksum)| {
        let mut bytes = of(magic).bytes.to_vec();
        let at = lz4_header(&bytes).0;
        bytes[at + 2] = checksum;
        bytes
    });
    let asked = swapped.iter().map(|it| json!({ "hex": hex(it), "unchecked": true })).collect();
    let answers = ask(&classes, asked);
    for (magic, (bytes, answer)) in swapped.into_iter().zip(answers).enumerate() {
        let ours = tell(bytes.into(), false);
        println!("magic {magic} with the other: taken here: {}", ours.is_ok());
        assert_eq!(ours.is_ok(), answer.get("error").is_none(), "magic {magic}");
        assert_eq!(ours.is_ok(), magic == 0, "magic {magic}");
    }
}
