//! Compressed bytes from a peer, each codec under a limit.

use kafka_proto::compress::{Decompressor, compress, decompress as inflate};
use kafka_proto::records::Codec;

/// The most that may come out, in bytes.
const LIMIT: usize = 1 << 20;

/// The first byte is a codec's number; the rest is what it is to decompress.
pub fn decompress(data: &[u8]) {
    let Some((codec, input)) = data.split_first() else {
        return;
    };
    let Some(codec) = i8::try_from(*codec).ok().and_then(Codec::from_number) else {
        return;
    };
    let output = inflate(codec, input, LIMIT);
    // Whatever a decompressor and a buffer were used for before makes no difference.
    let mut decompressor = Decompressor::new();
    let mut buffer = vec![0x55; 100];
    for _ in 0..2 {
        let again = decompressor.decompress_into(codec, input, LIMIT, &mut buffer);
        assert_eq!(again.is_ok(), output.is_ok());
        if let Ok(output) = &output {
            assert_eq!(&buffer, output);
        }
    }
    let Ok(output) = output else {
        return;
    };
    assert!(output.len() <= LIMIT);
    assert!(output.capacity() / 2 <= output.len());
    if let Some(less) = output.len().checked_sub(1) {
        assert!(inflate(codec, input, less).is_err(), "one byte over the limit");
    }
    let packed = compress(codec, None, [output.as_slice()]).expect("a default level");
    assert_eq!(inflate(codec, &packed, LIMIT).as_ref(), Ok(&output));
}
