//! Walking over records without handing them out.

use super::*;

/// Records at offset deltas 0, 1, 5 and 6 of a batch at offset 100 that once reached to 109.
fn gappy() -> (BatchHeader, Bytes) {
    let mut builder = BatchBuilder::new(Codec::None);
    for delta in [0, 1, 5, 6] {
        builder.push_at(delta, 0, None, Some(b"value"), &[]).unwrap();
    }
    let batch = only_batch(builder.build(100).unwrap());
    let header = BatchHeader { last_offset_delta: 9, ..*batch.header() };
    (header, batch.payload(LIMIT).unwrap())
}

fn summary(walk: &Walk) -> (usize, i64, bool) {
    assert_eq!(walk.error, None);
    (walk.records, walk.next_offset, walk.finished)
}

#[test]
fn validate_in_steps() {
    let (header, payload) = gappy();
    let at = |from: RecordCursor, n| validate(&payload, &header, from, n);
    assert_eq!(summary(&at(RecordCursor::START, 0)), (0, 100, false));
    let first = at(RecordCursor::START, 1);
    assert_eq!(summary(&first), (1, 101, false));
    let third = at(first.end, 2);
    assert_eq!(summary(&third), (2, 106, false));
    let last = at(third.end, 1);
    assert_eq!(summary(&last), (1, 110, true));
    assert_eq!(summary(&at(third.end, 100)), (1, 110, true));
    assert_eq!(summary(&at(last.end, 100)), (0, 110, true));
    assert_eq!(summary(&at(RecordCursor::START, usize::MAX)), (4, 110, true));
    assert_eq!(last.end.position, payload.len());
}

#[test]
fn what_was_validated_can_be_iterated() {
    let (header, payload) = gappy();
    let first = validate(&payload, &header, RecordCursor::START, 2);
    let rest = RecordIter::resume(&payload, &header, first.end);
    assert_eq!(rest.remaining(), 2);
    assert_eq!(outcome(rest), (alloc::vec![105, 106], None));
    let mut iter = RecordIter::new(&payload, &header);
    iter.next();
    iter.next();
    assert_eq!(iter.cursor(), first.end);
}

#[test]
fn c37_skip_to_an_offset_in_the_middle() {
    let (header, payload) = gappy();
    let skip = |offset| skip_to(&payload, &header, RecordCursor::START, offset);
    assert_eq!(summary(&skip(i64::MIN)), (0, 100, false));
    assert_eq!(summary(&skip(100)), (0, 100, false));
    assert_eq!(summary(&skip(101)), (1, 101, false));
    // Between two records: the next one that there is.
    assert_eq!(summary(&skip(103)), (2, 102, false));
    assert_eq!(outcome(RecordIter::resume(&payload, &header, skip(103).end)).0, [105, 106]);
    // Behind the last record, but still inside the batch.
    assert_eq!(summary(&skip(108)), (4, 110, true));
    assert_eq!(summary(&skip(i64::MAX)), (4, 110, true));
}

#[test]
fn an_empty_batch_is_finished_at_once() {
    let header = BatchHeader { base_offset: 7, last_offset_delta: 3, ..BatchHeader::default() };
    assert_eq!(summary(&validate(&[], &header, RecordCursor::START, 5)), (0, 11, true));
    assert_eq!(summary(&skip_to(&[], &header, RecordCursor::START, 8)), (0, 11, true));
}

#[test]
fn a_fault_ends_the_walk_in_front_of_it() {
    let (header, payload) = gappy();
    let end = validate(&payload, &header, RecordCursor::START, 2).end;
    let cut = &payload[..payload.len() - 1];
    for walk in [validate(cut, &header, end, 9), skip_to(cut, &header, end, 1000)] {
        assert_eq!((walk.records, walk.next_offset, walk.finished), (1, 106, false));
        assert_eq!(walk.error.map(|error| error.offset()), Some(walk.end.position));
    }
    let more = [&payload[..], b"more"].concat();
    let walk = validate(&more, &header, end, 9);
    assert_eq!((walk.records, walk.next_offset, walk.finished), (2, 107, false));
    let rule = DecodeErrorKind::Corrupt("bytes after the last record");
    assert_eq!(walk.error.map(|error| error.kind().clone()), Some(rule));
    // Not reached, not seen.
    assert_eq!(validate(&more, &header, end, 1).error, None);
}
