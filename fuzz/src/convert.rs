//! Records from one format into another, as a broker converts them for clients of another age.

use bytes::Bytes;
use kafka_proto::records::{RecordSets, convert as converted, down_convert};

use crate::sets::{Said, sound};

/// The most that may come out, in bytes.
const LIMIT: usize = 1 << 20;
/// So many sets are converted.
const SETS: usize = 16;

/// The first byte says to which format, and whether for a consumer at an offset of the next; the rest are sets of
/// records. Wrong checksums are put right, so that what is behind them is reached.
pub fn convert(data: &[u8]) {
    let [how, from, sets @ ..] = data else {
        return;
    };
    let to = (how & 3) as i8;
    let mut input = Vec::new();
    for set in RecordSets::new(Bytes::copy_from_slice(sets)).take(SETS).map_while(Result::ok) {
        input.extend_from_slice(sound(set).bytes());
    }
    let input = Bytes::from(input);
    if how & 4 == 0 {
        check(&input, to);
    } else {
        check_down(&input, to, i64::from(*from as i8));
    }
    // As it came: with its checksums, broken headers and tail.
    let _ = converted(Bytes::copy_from_slice(sets), to, LIMIT);
}

fn check(input: &Bytes, to: i8) {
    let Ok(output) = converted(input.clone(), to, LIMIT) else {
        return;
    };
    assert!(output.len() <= LIMIT);
    let (before, after) = (said(input, to), said(&output, to));
    assert_eq!(after.iter().map(|(magic, _)| *magic).max().unwrap_or(to), to);
    assert_eq!(after.iter().map(|(magic, _)| *magic).min().unwrap_or(to), to);
    let expected: Vec<Said> =
        before.into_iter().map(|(magic, record)| carried(record, magic, to)).collect();
    let after: Vec<Said> = after.into_iter().map(|(_, record)| record).collect();
    assert_eq!(after, expected);
    assert_eq!(converted(output.clone(), to, LIMIT), Ok(output), "it has that format");
}

fn check_down(input: &Bytes, newest: i8, first_offset: i64) {
    let Ok(output) = down_convert(input.clone(), newest, first_offset, LIMIT) else {
        return;
    };
    assert!(output.len() <= LIMIT);
    let (before, after) = (said(input, newest), said(&output, newest));
    assert!(after.iter().all(|(magic, _)| *magic <= newest));
    let wanted = |(magic, record): (i8, Said)| {
        let record = if magic > newest { carried(record, magic, newest) } else { record };
        (record.offset >= first_offset).then_some(record)
    };
    let expected: Vec<Said> = before.into_iter().filter_map(wanted).collect();
    // What is compressed, or stays, comes whole.
    let after = after.into_iter().map(|(_, record)| record);
    let after: Vec<Said> = after.filter(|record| record.offset >= first_offset).collect();
    assert_eq!(after, expected);
}

/// Every record up to the first fault, with the magic that it was in; below magic 2 there are no control records.
fn said(bytes: &Bytes, to: i8) -> Vec<(i8, Said)> {
    let mut said = Vec::new();
    for set in RecordSets::new(bytes.clone()).map_while(Result::ok) {
        if to < 2 && set.is_control() {
            continue;
        }
        let Ok(records) = set.records(LIMIT) else {
            continue;
        };
        let records = records.iter().map_while(Result::ok);
        said.extend(records.map(|record| (set.magic(), Said::from(&record))));
    }
    said
}

/// What the new format has a place for.
fn carried(mut record: Said, from: i8, to: i8) -> Said {
    if to < 2 {
        record.headers.clear();
    }
    if from == 0 || to == 0 {
        record.timestamp = -1;
    }
    record
}
