// What Kafka's classes see in record batches and message sets, and what they make of them for older clients.

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;

final class Reading {
    private Reading() {
    }

    /** Every batch with its records. {@code checked} is whether the checksums have to be right. */
    static ArrayNode batches(MemoryRecords records, boolean checked) {
        ArrayNode batches = Specs.MAPPER.createArrayNode();
        for (RecordBatch batch : records.batches()) {
            if (checked) {
                batch.ensureValid();
            }
            batches.add(batch(batch));
        }
        return batches;
    }

    private static ObjectNode batch(RecordBatch batch) {
        ObjectNode seen = Specs.MAPPER.createObjectNode();
        seen.put("magic", batch.magic()).put("codec", batch.compressionType().name);
        seen.put("log_append_time", batch.timestampType() == TimestampType.LOG_APPEND_TIME);
        seen.put("last_offset", batch.lastOffset()).put("max_timestamp", batch.maxTimestamp());
        if (batch.magic() == 2) {
            seen.put("base_offset", batch.baseOffset()).put("leader_epoch", batch.partitionLeaderEpoch());
            seen.put("producer_id", batch.producerId()).put("producer_epoch", batch.producerEpoch());
            seen.put("base_sequence", batch.baseSequence()).put("transactional", batch.isTransactional());
            seen.put("control", batch.isControlBatch()).put("count", batch.countOrNull());
        }
        ArrayNode records = seen.putArray("records");
        for (Record record : batch) {
            record.ensureValid();
            ObjectNode one = records.addObject();
            one.put("offset", record.offset()).put("timestamp", record.timestamp());
            one.put("key", bytes(record.key())).put("value", bytes(record.value()));
            ArrayNode headers = one.putArray("headers");
            for (Header header : record.headers()) {
                headers.addArray().add(header.key()).add(header.value());
            }
            if (batch.isControlBatch()) {
                one.put("control", ControlRecordType.parseTypeId(record.key()));
            }
        }
        return seen;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** By a broker of a release before 4.0; later ones can't. */
    static MemoryRecords downConvert(MemoryRecords records, byte magic, long firstOffset) throws Exception {
        var downConvert = MemoryRecords.class.getMethod("downConvert", byte.class, long.class, Time.class);
        try {
            Object converted = downConvert.invoke(records, magic, firstOffset, Time.SYSTEM);
            return (MemoryRecords) converted.getClass().getMethod("records").invoke(converted);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() instanceof Exception cause ? cause : thrown;
        }
    }
}
