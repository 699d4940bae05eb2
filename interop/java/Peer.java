// The reference client as a peer for cross-checks: it writes, reads and administers through org.apache.kafka:kafka-clients
// and speaks JSON lines, one object a line, bytes in base64.
//
// Build:            javac -cp 'LIBS/*' -d DIR Peer.java Json.java
// One command:      java -cp 'DIR:LIBS/*' Peer CMD BOOTSTRAP [ARG..] [NAME=VALUE..] [--FLAG[=VALUE]..]
// Many, one JVM:    java -cp 'DIR:LIBS/*' Peer serve
//   `serve` reads a JSON array of strings (the words of one command) a line. A command that reads records takes the lines
//   up to the next empty one. Every command's answer ends with {"done":true} or {"done":false,"error":"..."}.
//   When standard input ends the owner is gone, and the JVM halts at once, whatever it is doing.
//
// Commands (NAME=VALUE words configure the client, or the topic for `create` and `alter`):
//   produce BOOTSTRAP TOPIC CODEC [--end=commit|abort|open]   records in, {"partition","offset","timestamp"} or {"error"} out, in order
//   produce-lines BOOTSTRAP TOPIC CODEC                       lines in, each a value, and nothing out: for a million of them
//   consume BOOTSTRAP TOPIC [--partitions=0,1] [--from=OFFSET] all records from the start to the end offsets of now
//   lines BOOTSTRAP TOPIC                                      as consume, but the bare values, each line led by '=' under `serve`
//   topics BOOTSTRAP                                           {"topic","id","internal"}
//   create BOOTSTRAP TOPIC PARTITIONS RF | delete BOOTSTRAP TOPIC | grow BOOTSTRAP TOPIC PARTITIONS | alter BOOTSTRAP TOPIC
//   leaders BOOTSTRAP TOPIC                                    {"partition","leader","replicas","isr"}; leader -1 is none
//   end-offsets BOOTSTRAP TOPIC                                {"partition","start","end"}; takes isolation.level=read_committed
//   trim BOOTSTRAP TOPIC PARTITION OFFSET                      deletes what lies before OFFSET
//   commit BOOTSTRAP GROUP TOPIC PARTITION OFFSET | committed BOOTSTRAP GROUP

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Peer {
    /** A consumer that gets nothing for this long, short of the end offsets, has failed. */
    private static final Duration STALL = Duration.ofSeconds(60);

    private final Lines in;
    private final OutputStream out;
    private final boolean serving;

    private Peer(Lines in, OutputStream out, boolean serving) {
        this.in = in;
        this.out = out;
        this.serving = serving;
    }

    public static void main(String[] words) throws Exception {
        // Whatever a library prints must not land among the answers.
        OutputStream out = new BufferedOutputStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), 1 << 16);
        System.setOut(System.err);
        boolean serving = words.length == 1 && words[0].equals("serve");
        Peer peer = new Peer(new Lines(serving), out, serving);
        if (!serving) {
            int status = peer.answer(List.of(words)) ? 0 : 1;
            out.flush();
            System.exit(status);
        }
        while (true) {
            List<String> command = new ArrayList<>();
            for (Object word : (List<?>) Json.read(peer.in.next())) {
                command.add((String) word);
            }
            peer.answer(command);
            out.flush();
        }
    }

    private boolean answer(List<String> words) throws IOException {
        Map<String, Object> last = new LinkedHashMap<>();
        try {
            run(new Words(words));
            last.put("done", true);
        } catch (Exception e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            last.put("done", false);
            last.put("error", name(cause));
        }
        if (serving || last.containsKey("error")) {
            print(last);
        }
        return !last.containsKey("error");
    }

    private static String name(Throwable e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private void run(Words words) throws Exception {
        String command = words.next();
        Map<String, Object> client = new HashMap<>();
        client.put("bootstrap.servers", words.next());
        switch (command) {
            case "produce" -> produce(client, words);
            case "produce-lines" -> produceLines(client, words);
            case "consume" -> consume(client, words, this::printRecord);
            case "lines" -> consume(client, words, this::printValue);
            case "end-offsets" -> endOffsets(client, words);
            default -> {
                // A node that is paused answers never; the next attempt asks another.
                client.put("request.timeout.ms", "3000");
                try (Admin admin = Admin.create(client)) {
                    administer(admin, command, words);
                }
            }
        }
    }

    // ---- producing

    private void produce(Map<String, Object> client, Words words) throws Exception {
        String topic = words.next();
        client.put("compression.type", words.next());
        client.put("acks", "all");
        client.putAll(words.settings);
        String end = words.flag("end", "commit");
        boolean transactional = client.containsKey("transactional.id");
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            if (transactional) {
                producer.initTransactions();
                producer.beginTransaction();
            }
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (String line = in.next(); line != null && !line.isEmpty(); line = in.next()) {
                sent.add(producer.send(record(topic, line)));
            }
            producer.flush();
            for (Future<RecordMetadata> one : sent) {
                print(placed(one));
            }
            if (transactional && end.equals("commit")) {
                producer.commitTransaction();
            } else if (transactional && end.equals("abort")) {
                producer.abortTransaction();
            } else if (transactional) {
                // Closing would abort; an open transaction is what was asked for, so the producer is let go without a word.
                producer.close(Duration.ZERO);
            }
        }
    }

    private void produceLines(Map<String, Object> client, Words words) throws Exception {
        String topic = words.next();
        client.put("compression.type", words.next());
        client.put("acks", "all");
        client.putAll(words.settings);
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String line = in.next(); line != null && !line.isEmpty(); line = in.next()) {
                producer.send(new ProducerRecord<>(topic, line.getBytes(StandardCharsets.UTF_8)), (at, e) -> {
                    if (e != null) {
                        failure.compareAndSet(null, e);
                    }
                });
            }
        }
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    private static Map<String, Object> placed(Future<RecordMetadata> one) throws InterruptedException {
        Map<String, Object> answer = new LinkedHashMap<>();
        try {
            RecordMetadata at = one.get();
            answer.put("partition", at.partition());
            answer.put("offset", at.offset());
            answer.put("timestamp", at.timestamp());
        } catch (ExecutionException e) {
            answer.put("error", name(e.getCause()));
        }
        return answer;
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String line) {
        Map<?, ?> json = (Map<?, ?>) Json.read(line);
        Number partition = (Number) json.get("partition");
        Number timestamp = (Number) json.get("timestamp");
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
            topic,
            partition == null ? null : Integer.valueOf(partition.intValue()),
            timestamp == null ? null : Long.valueOf(timestamp.longValue()),
            bytes(json.get("key")),
            bytes(json.get("value")));
        if (json.get("headers") instanceof List<?> headers) {
            for (Object header : headers) {
                List<?> pair = (List<?>) header;
                record.headers().add((String) pair.get(0), bytes(pair.get(1)));
            }
        }
        return record;
    }

    // ---- consuming

    private interface Sink {
        void accept(ConsumerRecord<byte[], byte[]> record) throws IOException;
    }

    private Consumer<byte[], byte[]> consumer(Map<String, Object> client, Words words) {
        client.put("enable.auto.commit", "false");
        client.put("allow.auto.create.topics", "false");
        client.put("auto.offset.reset", "none");
        client.putAll(words.settings);
        return new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(Consumer<?, ?> consumer, String topic, String wanted) {
        List<TopicPartition> all = new ArrayList<>();
        if (wanted.isEmpty()) {
            consumer.partitionsFor(topic).forEach(p -> all.add(new TopicPartition(topic, p.partition())));
        } else {
            for (String number : wanted.split(",")) {
                all.add(new TopicPartition(topic, Integer.parseInt(number)));
            }
        }
        if (all.isEmpty()) {
            throw new IllegalStateException("no topic " + topic);
        }
        return all;
    }

    private void consume(Map<String, Object> client, Words words, Sink sink) throws IOException {
        String topic = words.next();
        String from = words.flag("from", "");
        try (Consumer<byte[], byte[]> consumer = consumer(client, words)) {
            List<TopicPartition> partitions = partitions(consumer, topic, words.flag("partitions", ""));
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            if (from.isEmpty()) {
                consumer.seekToBeginning(partitions);
            } else {
                partitions.forEach(p -> consumer.seek(p, Long.parseLong(from)));
            }
            long heard = System.nanoTime();
            while (!reached(consumer, ends)) {
                var records = consumer.poll(Duration.ofMillis(500));
                if (!records.isEmpty()) {
                    heard = System.nanoTime();
                } else if (System.nanoTime() - heard > STALL.toNanos()) {
                    throw new IllegalStateException("nothing for " + STALL + " before " + ends);
                }
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
                        sink.accept(record);
                    }
                }
            }
        }
    }

    private static boolean reached(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
        List<TopicPartition> finished = new ArrayList<>();
        for (TopicPartition partition : consumer.assignment()) {
            if (consumer.position(partition) >= ends.get(partition)) {
                finished.add(partition);
            }
        }
        consumer.pause(finished);
        return finished.size() == ends.size();
    }

    private void printRecord(ConsumerRecord<byte[], byte[]> record) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("partition", record.partition());
        json.put("offset", record.offset());
        json.put("timestamp", record.timestamp());
        json.put("timestampType", record.timestampType().name);
        json.put("leaderEpoch", record.leaderEpoch().orElse(null));
        json.put("key", base64(record.key()));
        json.put("value", base64(record.value()));
        List<Object> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            List<Object> pair = new ArrayList<>();
            pair.add(header.key());
            pair.add(base64(header.value()));
            headers.add(pair);
        }
        json.put("headers", headers);
        print(json);
    }

    private void printValue(ConsumerRecord<byte[], byte[]> record) throws IOException {
        if (serving) {
            out.write('=');
        }
        if (record.value() != null) {
            out.write(record.value());
        }
        out.write('\n');
    }

    private void endOffsets(Map<String, Object> client, Words words) throws IOException {
        String topic = words.next();
        try (Consumer<byte[], byte[]> consumer = consumer(client, words)) {
            List<TopicPartition> partitions = partitions(consumer, topic, words.flag("partitions", ""));
            Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            partitions.sort((a, b) -> Integer.compare(a.partition(), b.partition()));
            for (TopicPartition partition : partitions) {
                print(object("partition", partition.partition(), "start", starts.get(partition), "end", ends.get(partition)));
            }
        }
    }

    // ---- administration

    private void administer(Admin admin, String command, Words words) throws Exception {
        switch (command) {
            case "topics" -> {
                for (var topic : admin.listTopics(new ListTopicsOptions().listInternal(true)).listings().get()) {
                    print(object("topic", topic.name(), "id", topic.topicId().toString(), "internal", topic.isInternal()));
                }
            }
            case "create" -> admin.createTopics(List.of(new NewTopic(words.next(), Optional.of(words.number()),
                Optional.of((short) words.number())).configs(words.settings))).all().get();
            case "delete" -> admin.deleteTopics(List.of(words.next())).all().get();
            case "grow" -> admin.createPartitions(Map.of(words.next(), NewPartitions.increaseTo(words.number()))).all().get();
            case "alter" -> alter(admin, words);
            case "leaders" -> leaders(admin, words.next());
            case "trim" -> {
                TopicPartition partition = new TopicPartition(words.next(), words.number());
                admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(Long.parseLong(words.next())))).all().get();
            }
            case "commit" -> {
                String group = words.next();
                TopicPartition partition = new TopicPartition(words.next(), words.number());
                OffsetAndMetadata offset = new OffsetAndMetadata(Long.parseLong(words.next()));
                admin.alterConsumerGroupOffsets(group, Map.of(partition, offset)).all().get();
            }
            case "committed" -> {
                for (var entry : admin.listConsumerGroupOffsets(words.next()).partitionsToOffsetAndMetadata().get().entrySet()) {
                    print(object("topic", entry.getKey().topic(), "partition", entry.getKey().partition(),
                        "offset", entry.getValue().offset(), "metadata", entry.getValue().metadata(),
                        "leaderEpoch", entry.getValue().leaderEpoch().orElse(null)));
                }
            }
            default -> throw new IllegalArgumentException("no command " + command);
        }
    }

    private static void alter(Admin admin, Words words) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, words.next());
        Collection<AlterConfigOp> changes = new ArrayList<>();
        words.settings.forEach((name, value) -> changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
        admin.incrementalAlterConfigs(Map.of(topic, changes)).all().get();
    }

    private void leaders(Admin admin, String topic) throws Exception {
        for (TopicPartitionInfo partition : admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()) {
            Node leader = partition.leader();
            print(object("partition", partition.partition(), "leader", leader == null || leader.isEmpty() ? -1 : leader.id(),
                "replicas", partition.replicas().stream().map(Node::id).toList(), "isr", partition.isr().stream().map(Node::id).toList()));
        }
    }

    // ---- lines and JSON

    private void print(Map<String, Object> json) throws IOException {
        out.write(Json.write(json).getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }

    private static Map<String, Object> object(Object... pairs) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            json.put((String) pairs[i], pairs[i + 1]);
        }
        return json;
    }

    private static byte[] bytes(Object base64) {
        return base64 == null ? null : Base64.getDecoder().decode((String) base64);
    }

    private static String base64(byte[] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    /** The words of a command: plain ones in order, NAME=VALUE settings, --FLAG[=VALUE]s. */
    private static final class Words {
        private final List<String> plain = new ArrayList<>();
        private final Map<String, String> flags = new HashMap<>();
        private final Map<String, String> settings = new TreeMap<>();

        Words(List<String> words) {
            for (String word : words) {
                int equals = word.indexOf('=');
                if (word.startsWith("--")) {
                    flags.put(word.substring(2, equals < 0 ? word.length() : equals), equals < 0 ? "" : word.substring(equals + 1));
                } else if (equals > 0) {
                    settings.put(word.substring(0, equals), word.substring(equals + 1));
                } else {
                    plain.add(word);
                }
            }
        }

        String next() {
            if (plain.isEmpty()) {
                throw new IllegalArgumentException("a word is missing");
            }
            return plain.remove(0);
        }

        int number() {
            return Integer.parseInt(next());
        }

        String flag(String name, String fallback) {
            return flags.getOrDefault(name, fallback);
        }
    }

    /** Standard input by lines. Under `serve` a thread reads ahead, so that the writer never waits for us and its death is seen at once. */
    private static final class Lines {
        private final BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
        private final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        private final boolean serving;

        Lines(boolean serving) {
            this.serving = serving;
            if (serving) {
                Thread thread = new Thread(this::pump, "stdin");
                thread.setDaemon(true);
                thread.start();
            }
        }

        private void pump() {
            try {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    queue.add(line);
                }
            } catch (IOException e) {
                System.err.println("standard input: " + e);
            }
            Runtime.getRuntime().halt(0);
        }

        /** The next line; null at the end. */
        String next() throws IOException, InterruptedException {
            return serving ? queue.poll(Long.MAX_VALUE, TimeUnit.NANOSECONDS) : reader.readLine();
        }
    }
}
