//! The pack of messages is complete and current, and every body in it is what its message is written as.

use std::fs;

use bytes::Bytes;
use kafka_fuzz::pack::{self, Packed};
use kafka_proto::messages::{SCHEMAS, visit_all};
use kafka_proto::schema::MessageVisitor;
use kafka_proto::{Message, Reader, Writer, decode_body};

use crate::alone;
use crate::bodies::{Size, body};
use crate::seeds::wanted;

/// What the pack has to be: every message, every version, every size.
fn bodies() -> impl Iterator<Item = Packed> {
    SCHEMAS.iter().flat_map(|schema| {
        (schema.versions.min..=schema.versions.max).flat_map(move |version| {
            Size::ALL.map(|size| Packed {
                schema,
                version,
                size: size.name().to_string(),
                body: body(schema, version, size),
            })
        })
    })
}

#[test]
fn the_pack_is_complete_and_current() {
    let _alone = alone();
    let lines: String = bodies().map(|packed| packed.to_line() + "\n").collect();
    if wanted() {
        fs::write(pack::path(), &lines).expect("a new pack");
    }
    let committed = fs::read_to_string(pack::path()).unwrap_or_default();
    let differs = committed.lines().zip(lines.lines()).find(|(old, new)| old != new);
    assert!(
        committed == lines,
        "FUZZ_SEEDS=write cargo test -p kafka-fuzz makes it anew: {differs:?}"
    );
    for (read, made) in pack::read().iter().zip(bodies()) {
        assert_eq!((read.schema.name, read.version), (made.schema.name, made.version));
        assert_eq!((&read.size, &read.body), (&made.size, &made.body));
    }
}

#[test]
fn what_is_in_the_pack_decodes_and_encodes_to_the_same_bytes() {
    struct Check(Vec<Packed>, usize);
    impl MessageVisitor for Check {
        fn message<M: Message>(&mut self) {
            for packed in self.0.iter().filter(|packed| packed.schema.name == M::NAME) {
                let (version, name) = (packed.version, format!("{packed:02x?}"));
                let bytes = Bytes::copy_from_slice(&packed.body);
                let message: M = decode_body(Reader::new(bytes, version, false))
                    .unwrap_or_else(|error| panic!("{error}: {name}"));
                let mut writer = Writer::new(version, false);
                message.encode(&mut writer).unwrap_or_else(|error| panic!("{error}: {name}"));
                let again = writer.finish().expect("short enough").chunks.to_bytes();
                assert_eq!(again, packed.body, "{message:#?}");
                self.1 += 1;
            }
        }
    }
    let _alone = alone();
    let mut check = Check(pack::read(), 0);
    visit_all(&mut check);
    assert_eq!(check.1, check.0.len());
}
