//! The time of every case on every side.

use criterion::{Criterion, criterion_group, criterion_main};
use kafka_codec_bench::{CASES, SIDES};

fn codec(c: &mut Criterion) {
    let mut buf = Vec::new();
    for case in CASES {
        let mut group = c.benchmark_group(case.name);
        for side in SIDES {
            if let Some(mut work) = side.prepare(case).unwrap() {
                group.bench_function(side.name(), |bench| {
                    bench.iter(|| {
                        buf.clear();
                        work(&mut buf).unwrap()
                    })
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
