//! Records of every old format as Java's builder writes them and as Java's broker converts them down.
//!
//! Each line of `java_sets.txt`: what it is, the magic it was written in, codec, timestamp type, hexadecimal bytes.
//! All hold the same four records; those converted down were asked for from offset 44 on.

use alloc::vec;

use super::*;
use crate::compress::tests::unhex;

const T: i64 = 1_700_000_000_000;

struct Line {
    name: &'static str,
    /// Format that the records were converted down to, if they were.
    down_to: Option<i8>,
    magic: i8,
    codec: Codec,
    stamped: bool,
    bytes: Bytes,
}

/// The lines that this build can read.
fn lines() -> impl Iterator<Item = Line> {
    let text = include_str!("java_sets.txt");
    let lines = text.lines().map(|line| {
        let (name, hex) = line.rsplit_once(' ').unwrap();
        let words: Vec<&str> = name.split(' ').collect();
        Line {
            name,
            down_to: words[0].strip_prefix("down").map(|to| to.parse().unwrap()),
            magic: words[1].parse().unwrap(),
            codec: words[2].parse().unwrap(),
            stamped: words[3] == "append",
            bytes: unhex(hex).into(),
        }
    });
    lines.filter(|line| line.codec.is_built())
}

/// The line whose records another one's were converted from.
fn source(of: &Line) -> Line {
    let same =
        |line: &Line| (line.magic, line.codec, line.stamped) == (of.magic, of.codec, of.stamped);
    lines().find(|line| line.down_to.is_none() && same(line)).unwrap()
}

/// What the program behind the lines wrote, as read back from a format.
fn written(magic: i8, stamped: bool) -> Vec<Seen> {
    let text = |text: &str| Some(text.as_bytes().to_vec());
    let records = vec![
        (42, T, text("key"), text("value")),
        (43, T - 3, None, text(&"no key ".repeat(20))),
        (45, T + 7, text("tombstone"), None),
        (46, -1, text(""), text("")),
    ];
    let time = |time| match magic {
        0 => -1,
        _ if stamped => T + 500,
        _ => time,
    };
    records.into_iter().map(|(offset, t, key, value)| (offset, time(t), key, value)).collect()
}

fn build(line: &Line) -> Bytes {
    let mut builder = MessageSetBuilder::new(line.magic, line.codec).unwrap();
    if line.stamped {
        builder = builder.with_log_append_time(T + 500);
    }
    // What was put in before it was stamped.
    for (offset, time, key, value) in written(2, false) {
        builder.push_at(offset as i32 - 42, time, key.as_deref(), value.as_deref()).unwrap();
    }
    let built = builder.build(42).unwrap();
    if line.codec == Codec::None {
        assert_eq!(built.len(), builder.uncompressed_size());
    }
    built
}

#[test]
fn sets_of_java_are_read() {
    let mut read = 0;
    for line in lines() {
        let magic = line.down_to.unwrap_or(line.magic);
        let mut expected = written(magic, line.stamped);
        if line.down_to.is_some() && line.codec == Codec::None {
            expected.retain(|(offset, ..)| *offset >= 44);
        }
        let sets = RecordSets::new(line.bytes.clone()).map(|set| set.unwrap());
        for set in sets {
            assert_eq!((set.magic(), set.codec()), (magic, Ok(line.codec)), "{}", line.name);
            assert_eq!(set.is_log_append_time(), line.stamped && magic > 0, "{}", line.name);
            if line.codec != Codec::None {
                assert_eq!((set.last_offset(), set.count().is_some()), (Ok(46), magic == 2));
                let latest = expected.iter().map(|(_, time, ..)| *time).max();
                assert_eq!(Some(set.max_timestamp()), latest, "{}", line.name);
            }
            if let SetRecords::Messages(messages) = set.records(LIMIT).unwrap() {
                assert_eq!(messages.verify_crcs(), Ok(()), "{}", line.name);
            }
        }
        assert_eq!(all_seen(line.bytes), expected, "{}", line.name);
        read += 1;
    }
    assert_eq!(read, 11 * codecs_of(1).count());
}

#[test]
fn the_builder_writes_what_java_writes() {
    for line in lines().filter(|line| line.down_to.is_none() && line.magic < 2) {
        let built = build(&line);
        if line.codec == Codec::None {
            assert_eq!(built, line.bytes, "{}", line.name);
            continue;
        }
        // Compressors differ, so that everything but the value and what counts and sums it is the same.
        let (ours, theirs) = (only_set(built), only_set(line.bytes.clone()));
        let (RecordSet::Message(our), RecordSet::Message(their)) = (&ours, &theirs) else {
            panic!("a batch: {}", line.name);
        };
        let expected =
            MessageHeader { size: our.header().size, crc: our.header().crc, ..*their.header() };
        assert_eq!(*our.header(), expected, "{}", line.name);
        let payload = |set: &RecordSet| set.records(LIMIT).unwrap().payload().clone();
        assert_eq!(payload(&ours), payload(&theirs), "{}", line.name);
        if line.codec == Codec::Lz4 {
            // The frame's header, whose checksum differs from magic 0 to magic 1.
            let at =
                ours.bytes().windows(4).position(|four| four == [4, 0x22, 0x4d, 0x18]).unwrap();
            assert_eq!(ours.bytes()[at..at + 7], line.bytes[at..at + 7], "{}", line.name);
        }
    }
}

#[test]
fn down_conversion_gives_what_java_gives() {
    for line in lines() {
        let Some(to) = line.down_to else {
            continue;
        };
        let converted = down_convert(source(&line).bytes, to, 44, LIMIT).unwrap();
        if line.codec == Codec::None {
            assert_eq!(converted, line.bytes, "{}", line.name);
        }
        assert_eq!(all_seen(converted.clone()), all_seen(line.bytes.clone()), "{}", line.name);
        let headers = |bytes: Bytes| -> Vec<MessageHeader> {
            let header = |set| match set {
                Ok(RecordSet::Message(message)) => {
                    MessageHeader { size: 0, crc: 0, ..*message.header() }
                }
                other => panic!("{other:?}"),
            };
            RecordSets::new(bytes).map(header).collect()
        };
        assert_eq!(headers(converted), headers(line.bytes), "{}", line.name);
    }
}
