//! What a cluster tells to store is enough to go on from.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use kafka_proto::Uuid;
use kafka_proto::messages::init_producer_id::InitProducerIdRequest;
use kafka_sim::{Cluster, ClusterOptions, StoreOp};

use crate::world::{World, batch, options, produce_request, sequenced};

fn persistent() -> ClusterOptions {
    ClusterOptions { persist: true, ..options(2) }
}

/// What a store would have on disk after these operations.
#[derive(Default)]
struct Disk {
    catalogue: String,
    logs: BTreeMap<(Uuid, i32), Vec<Bytes>>,
}

impl Disk {
    fn of(ops: &[StoreOp]) -> Self {
        let mut disk = Self::default();
        for op in ops.iter().cloned() {
            match op {
                StoreOp::Catalogue(text) => disk.catalogue = text,
                StoreOp::Append { topic, partition, head, payload, .. } => {
                    disk.logs
                        .entry((topic, partition))
                        .or_default()
                        .push([head, payload].concat().into());
                }
                StoreOp::Reset { topic, partition } => drop(disk.logs.remove(&(topic, partition))),
                StoreOp::Delete { topic } => disk.logs.retain(|(of, _), _| *of != topic),
                StoreOp::Trim { .. } => {}
                other => panic!("unknown operation {other:?}"),
            }
        }
        disk
    }

    fn restore(self, options: ClusterOptions) -> World {
        let logs = self
            .logs
            .into_iter()
            .map(|((topic, partition), log)| (topic, partition, log.into_iter()));
        World::of(Cluster::restore(options, &self.catalogue, logs).unwrap())
    }
}

#[test]
fn a_restored_cluster_goes_on_where_the_first_ended() {
    let mut world = World::with_options(persistent());
    let cluster_id = world.cluster.cluster_id().to_owned();
    let id = world.cluster.create_topic("t", 2, 2).unwrap();
    world.cluster.create_topic("gone", 1, 1).unwrap();
    world.cluster.set_config("t", "max.message.bytes", "500").unwrap();
    world.cluster.move_leader("t", 0, 2).unwrap();
    let conn = world.connect(2);
    let producer = world.call(conn, 5, &InitProducerIdRequest::default()).producer_id;
    for (sequence, value) in ["a", "b", "c"].into_iter().enumerate() {
        let result = world.produce(conn, 12, sequenced(producer, 0, sequence as i32, &[value]));
        assert_eq!(result.error_code, 0);
    }
    world.cluster.delete_topic("gone").unwrap();
    world.drain();

    let mut again = Disk::of(&world.stored).restore(persistent());
    assert_eq!(again.cluster.cluster_id(), cluster_id);
    assert_eq!(again.cluster.topics().collect::<Vec<_>>(), [("t", 2)]);
    assert_eq!(again.cluster.topic_id("t"), Some(id));
    let (leader, epoch) = again.cluster.leader("t", 0).unwrap();
    assert_eq!(epoch, 2, "a restart is a new epoch");
    assert_eq!(
        again.cluster.log("t", 0).collect::<Vec<_>>(),
        world.cluster.log("t", 0).collect::<Vec<_>>()
    );

    let conn = again.connect(leader);
    let repeated = again.produce(conn, 12, sequenced(producer, 0, 1, &["b"]));
    assert_eq!((repeated.error_code, repeated.base_offset), (0, 1), "producers are remembered");
    assert_eq!(again.produce(conn, 12, sequenced(producer, 0, 3, &["d"])).base_offset, 3);
    assert_eq!(again.values("t", 0), ["a", "b", "c", "d"]);
    assert_eq!(again.cluster.log("t", 0).last().unwrap().leader_epoch, 2);
    assert!(again.call(conn, 5, &InitProducerIdRequest::default()).producer_id > producer);
    let large = again.produce(conn, 12, batch(&[&"x".repeat(600)]));
    assert_eq!(large.error_code, 10, "configuration is kept");
}

#[test]
fn no_topic_has_the_id_of_an_earlier_one() {
    let mut world = World::with_options(persistent());
    let mut ids = BTreeSet::new();
    for life in ["a", "b", "c"] {
        for name in ["t", "u", "v"] {
            let id = world.cluster.create_topic(&format!("{life}{name}"), 1, 1).unwrap();
            assert!(ids.insert(id), "{life}{name} has the id of another topic");
        }
        // An id does not come back with the name either.
        world.cluster.delete_topic(&format!("{life}v")).unwrap();
        world.drain();
        world = Disk::of(&world.stored).restore(persistent());
    }
}

#[test]
fn what_is_acknowledged_was_stored_first() {
    let mut world = World::with_options(persistent());
    world.cluster.create_topic("t", 1, 1).unwrap();
    world.drain();
    let conn = world.connect(1);
    let request = produce_request(&world.cluster, 12, "t", 0, batch(&["a"]));
    let frame = kafka_proto::header::encode_request(&request, 12, 1, None)
        .unwrap()
        .chunks
        .to_bytes()
        .slice(4..);
    world.cluster.handle(world.now, kafka_sim::Input::Frame { conn, frame });
    let order: Vec<_> =
        std::iter::from_fn(|| world.cluster.poll()).map(|output| format!("{output:?}")).collect();
    assert!(order[0].starts_with("Store(Append"), "{order:?}");
    assert!(order[1].starts_with("Send"), "{order:?}");
}

#[test]
fn cuts_are_stored() {
    let mut world = World::with_options(persistent());
    world.cluster.create_topic("t", 1, 1).unwrap();
    let conn = world.connect(1);
    for value in ["a", "b", "c", "d"] {
        world.produce(conn, 12, batch(&[value]));
    }
    world.cluster.truncate("t", 0, 3).unwrap();
    world.cluster.trim("t", 0, 1).unwrap();
    world.drain();
    let again = Disk::of(&world.stored).restore(persistent());
    assert_eq!(again.cluster.offsets("t", 0), Some((1, 3)));
    assert_eq!(again.values("t", 0), ["b", "c"]);
}

#[test]
fn a_catalogue_that_is_none_is_refused() {
    let check = |text: &str| {
        let none: [(Uuid, i32, std::vec::IntoIter<Bytes>); 0] = [];
        assert!(Cluster::restore(options(1), text, none).is_err(), "{text:?}");
    };
    check("");
    check("kafka-sim 2\n");
    check("kafka-sim 1\nnonsense\n");
    check("kafka-sim 1\npartition 0 0 1\n");
    check("kafka-sim 1\ntopic x\n");
    check("kafka-sim 1\ncreated many\n");
}
