//! C39: control batches.

use super::*;

fn control(
    key: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<Option<ControlRecord>, DecodeErrorKind> {
    let mut builder = BatchBuilder::new(Codec::None).with_control();
    builder.push(0, key, value, &[]).unwrap();
    let batch = only_batch(builder.build(50).unwrap());
    batch.control_record(LIMIT).map_err(|error| error.kind().clone())
}

fn read(
    kind: ControlType,
    coordinator_epoch: Option<i32>,
) -> Result<Option<ControlRecord>, DecodeErrorKind> {
    Ok(Some(ControlRecord { offset: 50, kind, coordinator_epoch }))
}

#[test]
fn end_of_a_transaction() {
    for kind in [ControlType::Abort, ControlType::Commit] {
        let builder = BatchBuilder::end_transaction(kind, 7, 1000, 4711, 3).unwrap();
        let batch = only_batch(builder.build(50).unwrap());
        assert_eq!(batch.verify_crc(), Ok(()));
        let header = batch.header();
        assert!(header.attributes.is_control() && header.attributes.is_transactional());
        assert_eq!(
            (header.producer_id, header.producer_epoch, header.base_sequence),
            (4711, 3, -1)
        );
        assert_eq!(batch.control_record(LIMIT).ok().flatten(), read(kind, Some(7)).ok().flatten());
        // As a broker writes it: version 0 and type, version 0 and epoch.
        let records = batch.records(LIMIT).unwrap();
        let record = records.iter().next().unwrap().unwrap();
        assert_eq!(record.key, Some([0, 0, 0, kind.number() as u8].as_slice()));
        assert_eq!(record.value, Some([0, 0, 0, 0, 0, 7].as_slice()));
    }
}

#[test]
fn c39_keys() {
    let short = Err(DecodeErrorKind::Corrupt("control record key shorter than 4 bytes"));
    for key in [None, Some(&b""[..]), Some(&[0, 0, 0])] {
        assert_eq!(control(key, None), short);
    }
    let negative = Err(DecodeErrorKind::Corrupt("negative control record version"));
    assert_eq!(control(Some(&[0xff, 0xff, 0, 1]), None), negative);
    assert_eq!(control(Some(&[0, 0, 0, 1]), None), read(ControlType::Commit, None));
    assert_eq!(
        control(Some(&[0, 9, 0, 1, 5, 5]), Some(b"\0\0\0")),
        read(ControlType::Commit, None)
    );
    assert_eq!(
        control(Some(&[0, 0, 0, 2]), Some(b"\0\0\0\0\0\x07")),
        read(ControlType::LeaderChange, None)
    );
    assert_eq!(control(Some(&[0, 0, 1, 0]), None), read(ControlType::Unknown(256), None));
    assert_eq!(control(Some(&[0, 0, 0xff, 0xff]), None), read(ControlType::Unknown(-1), None));
}

#[test]
fn c39_number_of_records() {
    let mut builder = BatchBuilder::new(Codec::None).with_control();
    let empty = only_batch(builder.build(0).unwrap());
    assert_eq!(empty.control_record(LIMIT), Ok(None));
    builder.push(0, Some(&[0, 0, 0, 1]), None, &[]).unwrap();
    builder.push(0, Some(b"x"), None, &[]).unwrap();
    let two = only_batch(builder.build(50).unwrap());
    assert_eq!(
        two.control_record(LIMIT).map_err(|error| error.kind().clone()),
        read(ControlType::Commit, None)
    );
}

#[test]
fn a_batch_of_data_has_none() {
    assert_eq!(only_batch(three_records(Codec::None)).control_record(LIMIT), Ok(None));
}

#[test]
fn numbers_round_trip() {
    for number in [i16::MIN, -1, 0, 1, 2, 3, 4, 5, 6, 7, i16::MAX] {
        assert_eq!(ControlType::from_number(number).number(), number);
    }
}
