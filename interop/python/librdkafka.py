# librdkafka as a client of brokers, by its Python package: topics, records in every codec, reading by assignment.
#
#   python librdkafka.py BOOTSTRAP TOPIC    prints what it saw, one line a step, for the test to compare
#
# Nothing here depends on the wall clock: a step waits for its answer, for a minute at most.

import sys

from confluent_kafka import Consumer, KafkaError, KafkaException, OFFSET_BEGINNING, Producer, TopicPartition
from confluent_kafka import libversion
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

BOOTSTRAP = {"bootstrap.servers": sys.argv[1]}
TOPIC = sys.argv[2]
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]
PATIENCE = 60
TIME = 1_700_000_000_123

print("librdkafka", libversion()[0], file=sys.stderr)
admin = AdminClient(BOOTSTRAP)


def come_of(futures):
    """The one result of an admin call, or the name of its error."""
    [future] = futures.values()
    try:
        return future.result(PATIENCE)
    except KafkaException as failure:
        return failure.args[0].name()


def is_there():
    return TOPIC in admin.list_topics(timeout=PATIENCE).topics


def until_known(partitions):
    """A broker learns of topics a moment after the controller has answered."""
    while True:
        metadata = admin.list_topics(TOPIC, timeout=PATIENCE)
        if len(metadata.topics[TOPIC].partitions) == partitions:
            return metadata


def policy(topic):
    resource = ConfigResource(ResourceType.TOPIC, topic)
    configs = come_of(admin.describe_configs([resource], request_timeout=PATIENCE))
    return configs["cleanup.policy"].value if isinstance(configs, dict) else configs


def administer():
    new = NewTopic(TOPIC, num_partitions=1, replication_factor=1, config={"cleanup.policy": "compact"})
    print("create", come_of(admin.create_topics([new])))
    until_known(1)
    print("create again", come_of(admin.create_topics([new])))
    print("create badly", come_of(admin.create_topics([NewTopic("no/name", 1, 1)])))
    print("is there", is_there())
    print("policy", policy(TOPIC))
    entry = ConfigEntry("cleanup.policy", "delete", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[entry])
    print("alter", come_of(admin.incremental_alter_configs([resource])))
    while policy(TOPIC) == "compact":
        pass
    print("policy", policy(TOPIC))
    print("policy of none", policy(TOPIC + "-none"))
    print("grow", come_of(admin.create_partitions([NewPartitions(TOPIC, 2)])))
    print("grow again", come_of(admin.create_partitions([NewPartitions(TOPIC, 2)])))
    metadata = until_known(2)
    leaders = [metadata.topics[TOPIC].partitions[index].leader for index in (0, 1)]
    print("brokers", len(metadata.brokers), "leaders", leaders)


def produce(codec, first):
    placed = []

    def delivered(error, message):
        placed.append(error.name() if error else (message.partition(), message.offset()))

    producer = Producer({**BOOTSTRAP, "enable.idempotence": True, "compression.type": codec, "linger.ms": 50})
    for n in range(first, first + 10):
        value = None if n % 10 == 9 else b"%d" % n * 50
        producer.produce(
            TOPIC, value, key=b"k%d" % n, partition=n % 2, timestamp=TIME + n, headers=[("h", b"%d" % n), ("h", None)],
            on_delivery=delivered,
        )
    left = producer.flush(PATIENCE)
    print("produce", codec, left, sorted(placed))


def produce_badly():
    def delivered(error, _message):
        print("produce badly", error.name() if error else "done")

    producer = Producer({**BOOTSTRAP, "message.timeout.ms": PATIENCE * 1000, "allow.auto.create.topics": False})
    producer.produce(TOPIC, b"v", partition=7, on_delivery=delivered)
    producer.flush(PATIENCE)


def consume():
    consumer = Consumer({**BOOTSTRAP, "group.id": "g", "enable.auto.commit": False, "enable.partition.eof": True})
    partitions = [TopicPartition(TOPIC, index) for index in (0, 1)]
    print("watermarks", [consumer.get_watermark_offsets(partition, PATIENCE) for partition in partitions])
    wanted = [TopicPartition(TOPIC, index, TIME + 20) for index in (0, 1)]
    print("at time", [found.offset for found in consumer.offsets_for_times(wanted, PATIENCE)])
    consumer.assign([TopicPartition(TOPIC, index, OFFSET_BEGINNING) for index in (0, 1)])
    seen, ends = [], 0
    while ends < 2:
        message = consumer.poll(PATIENCE)
        if message is None:
            print("nothing came")
            break
        if message.error() and message.error().code() == KafkaError._PARTITION_EOF:
            ends += 1
        elif message.error():
            print("consume", message.error().name())
            break
        else:
            seen.append(message)
    consumer.close()
    for index in (0, 1):
        ours = [message for message in seen if message.partition() == index]
        print("offsets", index, [message.offset() for message in ours])
        print("keys", index, b" ".join(message.key() for message in ours).decode())
    good = [check(message) for message in seen]
    print("records", len(good), "good", all(good))


def check(message):
    n = int(message.key()[1:])
    value = None if n % 10 == 9 else b"%d" % n * 50
    stamp = message.timestamp()[1]
    return (message.value(), stamp, message.headers()) == (value, TIME + n, [("h", b"%d" % n), ("h", None)])


def main():
    administer()
    for at, codec in enumerate(CODECS):
        produce(codec, 10 * at)
    produce_badly()
    consume()
    deleted = come_of(admin.delete_records([TopicPartition(TOPIC, 0, 7)]))
    print("delete records", deleted if isinstance(deleted, str) else deleted.low_watermark)
    consume()
    print("delete", come_of(admin.delete_topics([TOPIC])))
    while is_there():
        pass
    print("delete again", come_of(admin.delete_topics([TOPIC])))


main()
