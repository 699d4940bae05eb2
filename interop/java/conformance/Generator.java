// Random messages. Every field that the version has gets a value, a tagged one only sometimes; no other field is touched.

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

final class Generator {
    private static final String[] LETTERS = {"a", "Z", "-", ".", " ", "\"", "\\", "/", "\n", "\u0000", "\u007f", "é", "漢", "\u2028", "\ufeff", "🦀"};
    /** Kafka's own tags are far below. */
    private static final int FIRST_UNKNOWN_TAG = 100;

    private final Shape shape;
    private final short version;
    private final Random random;
    private List<String> records;
    private int unknown;

    Generator(Shape shape, short version, Random random) {
        this.shape = shape;
        this.version = version;
        this.random = random;
    }

    Shape shape() {
        return shape;
    }

    short version() {
        return version;
    }

    /** The record bytes of the last message in base64, in the order of its fields; without those that are null. */
    List<String> records() {
        return records;
    }

    /** How many tagged fields of the last message no schema knows. */
    int unknown() {
        return unknown;
    }

    Message message() throws Exception {
        records = new ArrayList<>();
        unknown = 0;
        return struct(shape.struct());
    }

    private Message struct(Shape.Struct struct) throws Exception {
        Message message = struct.instance();
        for (Shape.Field field : struct.fields()) {
            boolean left = field.tagged().contains(version) && random.nextInt(3) == 0;
            if (field.versions().contains(version) && !left) {
                field.setter().invoke(message, value(field));
            }
        }
        if (shape.isFlexible(version) && random.nextInt(16) == 0) {
            for (int tag = FIRST_UNKNOWN_TAG + random.nextInt(100); random.nextInt(3) != 0; tag += 1 + random.nextInt(1 << 20)) {
                message.unknownTaggedFields().add(new RawTaggedField(tag, bytes()));
                unknown++;
            }
        }
        return message;
    }

    private Object value(Shape.Field field) throws Exception {
        if (field.nullable().contains(version) && random.nextInt(4) == 0) {
            return null;
        }
        if (!field.array()) {
            return single(field);
        }
        Collection<Object> list = list(field);
        for (int left = random.nextInt(4); left > 0; left--) {
            list.add(single(field));
        }
        return list;
    }

    /** A list, or the collection with a hash index that some fields have in its place. */
    @SuppressWarnings("unchecked")
    private static Collection<Object> list(Shape.Field field) throws Exception {
        Class<?> type = field.setter().getParameterTypes()[0];
        return type == List.class ? new ArrayList<>() : (Collection<Object>) type.getConstructor().newInstance();
    }

    private Object single(Shape.Field field) throws Exception {
        return switch (field.type()) {
            case "bool" -> random.nextBoolean();
            case "int8" -> (byte) integer();
            case "int16" -> (short) integer();
            case "uint16" -> (int) integer() & 0xffff;
            case "int32" -> (int) integer();
            case "uint32" -> integer() & 0xffff_ffffL;
            case "int64" -> integer();
            case "float64" -> number();
            case "uuid" -> random.nextInt(4) == 0 ? Uuid.ZERO_UUID : new Uuid(integer(), integer());
            case "string" -> string();
            case "bytes" -> binary(field);
            case "records" -> batches();
            default -> struct(field.struct());
        };
    }

    private long integer() {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> 0x7f7f_7f7f_7f7f_7f7fL;
            case 3 -> 0x8080_8080_8080_8080L;
            // Ends in the largest or smallest number of every size.
            case 4 -> new long[] {Long.MAX_VALUE, Integer.MAX_VALUE, Short.MAX_VALUE, Byte.MAX_VALUE}[random.nextInt(4)];
            case 5 -> new long[] {Long.MIN_VALUE, Integer.MIN_VALUE, Short.MIN_VALUE, Byte.MIN_VALUE}[random.nextInt(4)];
            default -> random.nextLong();
        };
    }

    private double number() {
        double[] special = {0.0, -0.0, 1.0, 1e7, 1e-3, Double.MAX_VALUE, Double.MIN_VALUE, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        if (random.nextInt(3) == 0) {
            return special[random.nextInt(special.length)];
        }
        double any = Double.longBitsToDouble(random.nextLong());
        return Double.isNaN(any) ? random.nextDouble() : any;
    }

    private String string() {
        // Sometimes long enough for a length of two bytes.
        int letters = random.nextInt(40) == 0 ? 200 : random.nextInt(6);
        StringBuilder string = new StringBuilder();
        while (letters-- > 0) {
            string.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return string.toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(40) == 0 ? 300 : random.nextInt(12)];
        random.nextBytes(bytes);
        return bytes;
    }

    private Object binary(Shape.Field field) {
        byte[] bytes = bytes();
        boolean buffer = field.setter().getParameterTypes()[0] == ByteBuffer.class;
        return buffer ? ByteBuffer.wrap(bytes) : bytes;
    }

    private MemoryRecords batches() {
        MemoryRecords batches = random.nextInt(4) == 0 ? MemoryRecords.EMPTY : batch();
        records.add(Base64.getEncoder().encodeToString(MessageUtil.byteBufferToArray(batches.buffer())));
        return batches;
    }

    private MemoryRecords batch() {
        SimpleRecord[] batch = new SimpleRecord[1 + random.nextInt(3)];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = new SimpleRecord(random.nextInt(1 << 20), random.nextBoolean() ? null : bytes(), bytes());
        }
        Compression codec = random.nextInt(4) == 0 ? Compression.gzip().build() : Compression.NONE;
        return MemoryRecords.withRecords(random.nextInt(1000), codec, batch);
    }
}
