// A generated class with its spec: how to make one, set its fields, write, read and print it.

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** One message. */
final class Shape {
    /** The message's own fields, or those of a struct inside it. */
    record Struct(Class<?> type, List<Field> fields) {
        Message instance() throws Exception {
            return (Message) type.getConstructor().newInstance();
        }
    }

    /** {@code type} is the spec's, without the brackets of an array; {@code struct} is set where it is one. */
    record Field(String type, boolean array, Range versions, Range nullable, Range tagged, Method setter, Struct struct) {
    }

    /** Versions as specs write them: {@code 3}, {@code 3-5}, {@code 3+}, {@code none}. */
    record Range(short min, short max) {
        static Range of(JsonNode text) {
            if (text == null || text.asText().equals("none")) {
                return new Range((short) 1, (short) 0);
            }
            String range = text.asText();
            if (range.endsWith("+")) {
                return new Range(Short.parseShort(range.substring(0, range.length() - 1)), Short.MAX_VALUE);
            }
            String[] ends = range.split("-");
            return new Range(Short.parseShort(ends[0]), Short.parseShort(ends[ends.length - 1]));
        }

        boolean contains(short version) {
            return min <= version && version <= max;
        }
    }

    private static final String PACKAGE = "org.apache.kafka.common.message.";

    private final JsonNode spec;
    private final Range valid;
    private final Range flexible;
    private final Struct struct;
    private final Map<String, JsonNode> common = new HashMap<>();
    private final Method toJson;
    private final Method fromJson;

    private Shape(JsonNode spec) throws Exception {
        this.spec = spec;
        valid = Range.of(spec.get("validVersions"));
        flexible = Range.of(spec.get("flexibleVersions"));
        for (JsonNode struct : spec.path("commonStructs")) {
            common.put(struct.get("name").asText(), struct.get("fields"));
        }
        Class<?> type = Class.forName(PACKAGE + Specs.className(spec));
        struct = struct(type, spec.get("fields"));
        Class<?> converter = Class.forName(type.getName() + "JsonConverter");
        toJson = converter.getMethod("write", type, short.class, boolean.class);
        fromJson = converter.getMethod("read", JsonNode.class, short.class);
        Message empty = struct.instance();
        if (empty.lowestSupportedVersion() != valid.min || empty.highestSupportedVersion() != valid.max) {
            throw new IllegalStateException(name() + " has other versions than its spec");
        }
    }

    /** Every message of the jar that has a version, by name. */
    static Map<String, Shape> all() throws Exception {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (JsonNode spec : Specs.all()) {
            if (!spec.get("validVersions").asText().equals("none")) {
                shapes.put(spec.get("name").asText(), new Shape(spec));
            }
        }
        return shapes;
    }

    private Struct struct(Class<?> type, JsonNode specs) throws Exception {
        List<Field> fields = new ArrayList<>();
        for (JsonNode field : specs) {
            String text = field.get("type").asText();
            boolean array = text.startsWith("[]");
            String of = array ? text.substring(2) : text;
            JsonNode nested = field.has("fields") ? field.get("fields") : common.get(of);
            Struct struct = null;
            if (nested != null) {
                struct = struct(Class.forName(PACKAGE + Specs.className(spec) + "$" + of), nested);
            }
            fields.add(new Field(of, array, Range.of(field.get("versions")), Range.of(field.get("nullableVersions")),
                Range.of(field.get("taggedVersions")), setter(type, field.get("name").asText()), struct));
        }
        return new Struct(type, fields);
    }

    private static Method setter(Class<?> type, String field) {
        String name = "set" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
        for (Method method : type.getMethods()) {
            if (method.getName().equals(name) && method.getParameterCount() == 1) {
                return method;
            }
        }
        throw new IllegalStateException(type + " has no " + name);
    }

    String name() {
        return spec.get("name").asText();
    }

    /** As the spec has it: request, response, header or data. */
    String kind() {
        return spec.get("type").asText();
    }

    /** -1 where there is none. */
    int apiKey() {
        return spec.path("apiKey").asInt(-1);
    }

    short min() {
        return valid.min;
    }

    short max() {
        return valid.max;
    }

    boolean isFlexible(short version) {
        return flexible.contains(version);
    }

    Struct struct() {
        return struct;
    }

    byte[] write(Message message, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(bytes), cache, version);
        if (bytes.hasRemaining()) {
            throw new IllegalStateException(name() + " is smaller than it says");
        }
        return bytes.array();
    }

    Message read(byte[] bytes, short version) throws Exception {
        Message message = struct.instance();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        message.read(new ByteBufferAccessor(buffer), version);
        if (buffer.hasRemaining()) {
            throw new IllegalStateException(buffer.remaining() + " bytes left");
        }
        return message;
    }

    /** As Kafka prints it, with record bytes as an empty string. */
    JsonNode toJson(Message message, short version) throws Exception {
        return (JsonNode) call(toJson, message, version, true);
    }

    Message fromJson(JsonNode json, short version) throws Exception {
        return (Message) call(fromJson, json, version);
    }

    private static Object call(Method method, Object... arguments) throws Exception {
        try {
            return method.invoke(null, arguments);
        } catch (InvocationTargetException thrown) {
            throw thrown.getCause() instanceof Exception cause ? cause : thrown;
        }
    }
}
