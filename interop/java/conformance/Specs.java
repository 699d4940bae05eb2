// What the client's jar says of its messages: the specs that they were generated from, and the versions of headers.

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.kafka.common.message.ApiMessageType;

final class Specs {
    static final ObjectMapper MAPPER = new ObjectMapper().configure(JsonParser.Feature.ALLOW_COMMENTS, true);
    private static final String SPECS = "common/message/";
    private static final String CLASSES = "org/apache/kafka/common/message/";

    private Specs() {
    }

    /** Every spec in the jar, by name. A class without a spec, or a spec without its class, is an error. */
    static List<JsonNode> all() throws Exception {
        List<JsonNode> specs = new ArrayList<>();
        Set<String> specified = new TreeSet<>();
        Set<String> generated = new TreeSet<>();
        Path path = Path.of(ApiMessageType.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (JarFile jar = new JarFile(path.toFile())) {
            for (JarEntry entry : jar.stream().sorted((a, b) -> a.getName().compareTo(b.getName())).toList()) {
                String name = entry.getName();
                if (name.startsWith(SPECS) && name.endsWith(".json")) {
                    try (InputStream text = jar.getInputStream(entry)) {
                        JsonNode spec = MAPPER.readTree(text);
                        specs.add(spec);
                        if (!spec.get("validVersions").asText().equals("none")) {
                            specified.add(className(spec));
                        }
                    }
                } else if (name.startsWith(CLASSES) && name.endsWith("JsonConverter.class") && name.indexOf('$') < 0) {
                    generated.add(name.substring(CLASSES.length(), name.length() - "JsonConverter.class".length()));
                }
            }
        }
        if (!specified.equals(generated)) {
            throw new IllegalStateException("specs of " + specified + ", classes of " + generated);
        }
        return specs;
    }

    /** The generated class of a message, without its package. */
    static String className(JsonNode spec) {
        String name = spec.get("name").asText();
        return spec.get("type").asText().equals("data") ? name : name + "Data";
    }

    /** Per API: the versions of the headers before its requests and responses, by version from {@code min} on. */
    static List<ObjectNode> apis() {
        List<ObjectNode> apis = new ArrayList<>();
        for (ApiMessageType type : ApiMessageType.values()) {
            ObjectNode api = MAPPER.createObjectNode();
            api.put("api_key", type.apiKey()).put("name", type.name).put("min", type.lowestSupportedVersion());
            api.put("unstable", type.latestVersionUnstable());
            ArrayNode request = api.putArray("request_headers");
            ArrayNode response = api.putArray("response_headers");
            for (short v = type.lowestSupportedVersion(); v <= type.highestSupportedVersion(true); v++) {
                request.add(type.requestHeaderVersion(v));
                response.add(type.responseHeaderVersion(v));
            }
            apis.add(api);
        }
        return apis;
    }
}
