//! All sides do the same work.

use kafka_codec_bench::{CASES, SIDES, Side, bytes_of};

#[test]
fn every_side_comes_to_the_same() {
    for case in CASES {
        let mut ours = Side::Ours.prepare(case).unwrap().unwrap();
        let mut bytes = Vec::new();
        let ours = ours(&mut bytes).unwrap();
        for side in SIDES {
            if let Some(mut work) = side.prepare(case).unwrap() {
                let mut theirs = Vec::new();
                assert_eq!(work(&mut theirs).unwrap(), ours, "{} by {}", case.name, side.name());
                assert_eq!(theirs, bytes, "{} by {}", case.name, side.name());
            }
            let limit = case.limits.iter().find(|limit| limit.side == side);
            assert!(limit.is_none() || side.prepare(case).unwrap().is_some(), "{}", case.name);
        }
    }
}

#[test]
fn the_batch_is_what_it_is_called() {
    let batch = bytes_of::batch().unwrap();
    let payload = bytes_of::RECORDS * bytes_of::VALUE.len();
    assert!((payload..payload * 6 / 5).contains(&batch.len()), "{}", batch.len());
}
