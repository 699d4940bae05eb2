//! Records into a batch, and out of it.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kafka_bench::{RECORDS, VALUE, batch};
use kafka_proto::records::{Batches, RecordIter, put_record};

fn write(c: &mut Criterion) {
    let mut group = c.benchmark_group("write");
    group.throughput(Throughput::Elements(RECORDS as u64));
    let mut out = Vec::with_capacity(RECORDS * 128);
    group.bench_function("records of 100 B", |bench| {
        bench.iter(|| {
            out.clear();
            for record in 0..RECORDS as i32 {
                put_record(&mut out, 0, record, None, Some(black_box(&VALUE)), &[]).unwrap();
            }
            out.len()
        });
    });
    group.finish();
}

fn read(c: &mut Criterion) {
    let batch = Batches::new(batch().unwrap()).next().unwrap().unwrap();
    let payload = batch.payload(1 << 20).unwrap();
    let mut group = c.benchmark_group("read");
    group.throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("records of 100 B", |bench| {
        bench.iter(|| {
            let records = RecordIter::new(black_box(&payload), batch.header());
            records.map(|record| record.unwrap().value.map_or(0, <[u8]>::len)).sum::<usize>()
        });
    });
    group.bench_function("checksum", |bench| bench.iter(|| batch.verify_crc().unwrap()));
    group.finish();
}

criterion_group!(benches, write, read);
criterion_main!(benches);
