// Kafka's own classes as the measure of ours: what they say of messages, write and read.
//
// Speaks JSON lines on standard output, one object a line, and ends. Bodies are in hex, record bytes in base64.
//
//   specs                every message's spec: {"spec"}, and every API's header versions: {"api"}
//   generate SEED COUNT  COUNT random messages of each message and version:
//                        {"name","api_key","version","kind","hex","json","records","unknown"}
//   check                lines {"name","version","hex"[,"json"]} in; each read and written back: {"hex","json"[,"from_json"]}
//                        or {"error"}. `from_json` is what Java's converter makes of the `json` that was sent.
//   write-records SEED   record batches and message sets of every format: {"name","hex","batches"}, as Java reads them itself
//   read-records         lines {"hex"[,"unchecked"][,"to_magic","first_offset"]} in: {"hex","batches"} or {"error"}, converted down
//                        first where a format is named, and without a look at the checksums where that is said

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;

public final class Conformance {
    private final PrintWriter out;
    private final Map<String, Shape> shapes;

    private Conformance(PrintWriter out) throws Exception {
        this.out = out;
        shapes = Shape.all();
    }

    public static void main(String[] words) throws Exception {
        PrintWriter out = new PrintWriter(
            new OutputStreamWriter(new FileOutputStream(FileDescriptor.out), StandardCharsets.UTF_8), false);
        // Whatever a library prints must not land among the answers.
        System.setOut(System.err);
        Conformance conformance = new Conformance(out);
        switch (words[0]) {
            case "specs" -> conformance.specs();
            case "generate" -> conformance.generate(Long.parseLong(words[1]), Integer.parseInt(words[2]));
            case "check" -> conformance.answers(conformance::check);
            case "write-records" -> conformance.writeRecords(Long.parseLong(words[1]));
            case "read-records" -> conformance.answers(Conformance::readRecords);
            default -> throw new IllegalArgumentException(words[0]);
        }
        out.flush();
    }

    private void specs() throws Exception {
        for (JsonNode spec : Specs.all()) {
            line(object().set("spec", spec));
        }
        for (ObjectNode api : Specs.apis()) {
            line(object().set("api", api));
        }
    }

    private void generate(long seed, int count) throws Exception {
        for (Shape shape : shapes.values()) {
            for (short version = shape.min(); version <= shape.max(); version++) {
                // Of one message and version, a seed always gives the same, whatever others there are.
                Generator generator = new Generator(shape, version, new Random(seed ^ shape.name().hashCode() << 8 ^ version));
                for (int i = 0; i < count; i++) {
                    generate(generator);
                }
            }
        }
    }

    private void generate(Generator generator) throws Exception {
        Message message = generator.message();
        Shape shape = generator.shape();
        ObjectNode line = object();
        line.put("name", shape.name()).put("version", generator.version()).put("kind", shape.kind());
        if (shape.apiKey() >= 0) {
            line.put("api_key", shape.apiKey());
        }
        line.put("hex", hex(shape.write(message, generator.version())));
        line.set("json", shape.toJson(message, generator.version()));
        line.set("records", Specs.MAPPER.valueToTree(generator.records()));
        line.put("unknown", generator.unknown());
        line(line);
    }

    /** One line's answer. */
    private interface Answer {
        ObjectNode to(JsonNode asked) throws Exception;
    }

    /** Answers each line, or says why not. */
    private void answers(Answer answer) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String text = in.readLine(); text != null; text = in.readLine()) {
            try {
                line(answer.to(Specs.MAPPER.readTree(text)));
            } catch (Exception | AssertionError error) {
                line(object().put("error", error + (error.getCause() == null ? "" : ": " + error.getCause())));
            }
        }
    }

    private ObjectNode check(JsonNode asked) throws Exception {
        Shape shape = shapes.get(asked.get("name").asText());
        short version = (short) asked.get("version").asInt();
        Message message = shape.read(unhex(asked), version);
        ObjectNode answer = object().put("hex", hex(shape.write(message, version)));
        answer.set("json", shape.toJson(message, version));
        if (asked.has("json")) {
            answer.put("from_json", hex(shape.write(shape.fromJson(asked.get("json"), version), version)));
        }
        return answer;
    }

    private void writeRecords(long seed) {
        for (Batches.Case written : Batches.all(seed)) {
            line(seen(written.records(), true).put("name", written.name()));
        }
    }

    private static ObjectNode readRecords(JsonNode asked) throws Exception {
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(unhex(asked)));
        if (asked.has("to_magic")) {
            records = Reading.downConvert(records, (byte) asked.get("to_magic").asInt(), asked.get("first_offset").asLong());
        }
        return seen(records, !asked.has("unchecked"));
    }

    private static ObjectNode seen(MemoryRecords records, boolean checked) {
        ObjectNode seen = object().put("hex", hex(MessageUtil.byteBufferToArray(records.buffer())));
        return seen.set("batches", Reading.batches(records, checked));
    }

    private static byte[] unhex(JsonNode asked) {
        return HexFormat.of().parseHex(asked.get("hex").asText());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static ObjectNode object() {
        return Specs.MAPPER.createObjectNode();
    }

    private void line(JsonNode value) {
        out.println(value.toString());
    }
}
