// Kafka's own classes as the measure of ours: what they say of messages, write and read.
//
// Speaks JSON lines on standard output, one object a line, and ends. Bodies are in hex, record bytes in base64.
//
//   specs                every message's spec: {"spec"}, and every API's header versions: {"api"}
//   generate SEED COUNT  COUNT random messages of each message and version:
//                        {"name","api_key","version","kind","hex","json","records","unknown"}
//   check                lines {"name","version","hex"[,"json"]} in; each read and written back: {"hex","json"[,"from_json"]}
//                        or {"error"}. `from_json` is what Java's converter makes of the `json` that was sent.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.protocol.Message;

public final class Conformance {
    private final PrintWriter out;

    private Conformance(PrintWriter out) {
        this.out = out;
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
            case "check" -> conformance.check();
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
        for (Shape shape : Shape.all().values()) {
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

    private void check() throws Exception {
        Map<String, Shape> shapes = Shape.all();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String text = in.readLine(); text != null; text = in.readLine()) {
            JsonNode asked = Specs.MAPPER.readTree(text);
            ObjectNode answer = object();
            try {
                check(shapes.get(asked.get("name").asText()), asked, answer);
            } catch (Exception | AssertionError error) {
                answer = object().put("error", error.toString() + (error.getCause() == null ? "" : ": " + error.getCause()));
            }
            line(answer);
        }
    }

    private static void check(Shape shape, JsonNode asked, ObjectNode answer) throws Exception {
        short version = (short) asked.get("version").asInt();
        Message message = shape.read(HexFormat.of().parseHex(asked.get("hex").asText()), version);
        answer.put("hex", hex(shape.write(message, version)));
        answer.set("json", shape.toJson(message, version));
        if (asked.has("json")) {
            answer.put("from_json", hex(shape.write(shape.fromJson(asked.get("json"), version), version)));
        }
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
