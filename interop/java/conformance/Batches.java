// Record batches and message sets by Kafka's builders, in every format, codec and kind.

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.TimestampType;

final class Batches {
    /** What is written, under a name that says it. */
    record Case(String name, MemoryRecords records) {
    }

    private static final long TIME = 1_700_000_000_000L;
    private static final long APPENDED = 1_800_000_000_000L;
    private static final long FAR = 1L << 40;

    private final Random random;
    private final List<Case> cases = new ArrayList<>();

    private Batches(long seed) {
        random = new Random(seed);
    }

    static List<Case> all(long seed) {
        Batches batches = new Batches(seed);
        for (byte magic = 0; magic <= 2; magic++) {
            for (CompressionType codec : CompressionType.values()) {
                if (codec != CompressionType.ZSTD || magic == 2) {
                    batches.plain(magic, codec);
                }
            }
        }
        for (CompressionType codec : CompressionType.values()) {
            batches.produced(codec);
        }
        batches.control();
        return batches.cases;
    }

    /** Every size under every kind of timestamp. */
    private void plain(byte magic, CompressionType codec) {
        for (TimestampType type : List.of(TimestampType.CREATE_TIME, TimestampType.LOG_APPEND_TIME)) {
            if (magic == 0 && type == TimestampType.LOG_APPEND_TIME) {
                continue;
            }
            long appended = type == TimestampType.LOG_APPEND_TIME ? APPENDED : RecordBatch.NO_TIMESTAMP;
            String name = "magic " + magic + " " + codec.name + " " + type.name + " ";
            add(name + "one", builder(magic, codec, type, 0, appended), builder -> one(builder));
            add(name + "nulls", builder(magic, codec, type, FAR, appended), builder -> nulls(builder, FAR));
            add(name + "gaps", builder(magic, codec, type, 7, appended), builder -> many(builder, 7, 50, 20));
            add(name + "many", builder(magic, codec, type, 0, appended), builder -> many(builder, 0, 1000, 40));
            // Larger than the blocks of snappy and lz4, and than the buffers of all.
            add(name + "large", builder(magic, codec, type, FAR, appended), builder -> many(builder, FAR, 3, 100_000));
        }
    }

    /** Of an idempotent producer, in and out of transactions, with all that the header of a batch can say. */
    private void produced(CompressionType codec) {
        for (boolean transactional : new boolean[] {false, true}) {
            String name = "produced " + codec.name + (transactional ? " in a transaction" : "");
            MemoryRecordsBuilder builder = MemoryRecords.builder(buffer(), (byte) 2, Compression.of(codec).build(), TimestampType.CREATE_TIME,
                FAR, RecordBatch.NO_TIMESTAMP, 12345, (short) 678, Integer.MAX_VALUE - 1, transactional, 9);
            add(name, builder, it -> many(it, FAR, 5, 30));
        }
    }

    private void control() {
        for (ControlRecordType type : List.of(ControlRecordType.COMMIT, ControlRecordType.ABORT)) {
            EndTransactionMarker marker = new EndTransactionMarker(type, 17);
            cases.add(new Case("control " + type, MemoryRecords.withEndTransactionMarker(FAR, TIME, 3, 42, (short) 5, marker)));
        }
        LeaderChangeMessage leader = new LeaderChangeMessage().setLeaderId(3).setVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(3)));
        cases.add(new Case("control leader", MemoryRecords.withLeaderChangeMessage(5, TIME, 2, buffer(), leader)));
        SnapshotHeaderRecord header = new SnapshotHeaderRecord().setLastContainedLogTimestamp(TIME);
        cases.add(new Case("control header", MemoryRecords.withSnapshotHeaderRecord(0, TIME, 2, buffer(), header)));
        cases.add(new Case("control footer", MemoryRecords.withSnapshotFooterRecord(9, TIME, 2, buffer(), new SnapshotFooterRecord())));
        KRaftVersionRecord version = new KRaftVersionRecord().setKRaftVersion((short) 1);
        cases.add(new Case("control version", MemoryRecords.withKRaftVersionRecord(1, TIME, 2, buffer(), version)));
        VotersRecord voters = new VotersRecord().setVoters(List.of(new VotersRecord.Voter().setVoterId(8)));
        cases.add(new Case("control voters", MemoryRecords.withVotersRecord(2, TIME, 2, buffer(), voters)));
    }

    private void add(String name, MemoryRecordsBuilder builder, Consumer<MemoryRecordsBuilder> records) {
        records.accept(builder);
        cases.add(new Case(name, builder.build()));
    }

    private static MemoryRecordsBuilder builder(byte magic, CompressionType codec, TimestampType type, long base, long appended) {
        return MemoryRecords.builder(buffer(), magic, Compression.of(codec).build(), magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE : type, base, appended);
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocate(256);
    }

    private static void one(MemoryRecordsBuilder builder) {
        builder.append(TIME, "key".getBytes(StandardCharsets.UTF_8), "value".getBytes(StandardCharsets.UTF_8));
    }

    private static void nulls(MemoryRecordsBuilder builder, long base) {
        byte[] empty = {};
        builder.appendWithOffset(base, TIME, (byte[]) null, null);
        builder.appendWithOffset(base + 1, TIME - 5000, empty, null);
        builder.appendWithOffset(base + 2, 0, null, empty);
        builder.appendWithOffset(base + 3, TIME + (1L << 33), empty, empty);
    }

    /** With headers where the format has them, timestamps in no order, and gaps between offsets as compaction leaves them. */
    private void many(MemoryRecordsBuilder builder, long base, int count, int size) {
        long offset = base;
        for (int i = 0; i < count; i++) {
            long timestamp = TIME + random.nextInt(20_000) - 10_000;
            byte[] key = random.nextInt(4) == 0 ? null : bytes(1 + random.nextInt(8));
            if (builder.magic() == 2) {
                builder.appendWithOffset(offset, timestamp, key, bytes(random.nextInt(size)), headers());
            } else {
                builder.appendWithOffset(offset, timestamp, key, bytes(random.nextInt(size)));
            }
            offset += 1 + (random.nextInt(10) == 0 ? random.nextInt(100) : 0);
        }
    }

    private Header[] headers() {
        Header[] headers = new Header[Math.max(0, random.nextInt(5) - 1)];
        for (int i = 0; i < headers.length; i++) {
            String key = new String[] {"", "k", "k", "ключ", "🦀"}[random.nextInt(5)];
            headers[i] = new RecordHeader(key, random.nextInt(4) == 0 ? null : bytes(random.nextInt(20)));
        }
        return headers;
    }

    /** The first half can't be packed, the second can. */
    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        java.util.Arrays.fill(bytes, length / 2, length, (byte) '.');
        return bytes;
    }
}
