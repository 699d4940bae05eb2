//! What the network and the machines in it do to a client, one trouble at a time: everything that was written is read.

use std::net::IpAddr;
use std::ops::Range;
use std::time::Duration;

use kafka_handle::{Config, ErrorKind, ProducerConfig, Record};
use kafka_proto::ApiKey;
use kafka_sim::world::{ClientId, Conditions, Direction, World, WorldHandle, WorldOptions};

use crate::{Outcome, client, send, survives, world};

const APP: ClientId = ClientId(1);

async fn after(sim: &WorldHandle, millis: u64) {
    sim.sleep(Duration::from_millis(millis)).await;
}

#[test]
fn nodes_that_die_and_come_back() {
    survives(1, |sim| async move {
        for node in [1, 2, 3, 1, 2, 3] {
            after(&sim, 30).await;
            sim.kill_node(node);
            after(&sim, 700).await;
            sim.start_node(node);
        }
    });
}

#[test]
fn nodes_that_lose_their_power_and_get_it_back() {
    survives(1, |sim| async move {
        for node in [1, 2, 3, 1, 2, 3] {
            after(&sim, 30).await;
            assert!(sim.cut_power(node) && !sim.cut_power(node) && !sim.kill_node(node));
            after(&sim, 7_000).await;
            sim.start_node(node);
        }
    });
}

#[test]
fn who_has_lost_its_power_tells_nobody_and_knows_nothing_of_before() {
    let mut world = world(1);
    let sim = world.handle();
    let seen = world.run(async move {
        let client = client(&sim)?;
        send(&client, 20).await?;
        // The producer closes its own.
        after(&sim, 1_000).await;
        let open = sim.connections();
        assert!(open > 0);
        for node in 1..=3 {
            sim.cut_power(node);
        }
        after(&sim, 1_000).await;
        let silent = sim.connections();
        for node in 1..=3 {
            sim.start_node(node);
        }
        after(&sim, 1_000).await;
        // Nobody has asked.
        let listening = sim.connections();
        send(&client, 20).await?;
        Outcome::Ok([open == silent, silent == listening])
    });
    assert_eq!(seen.unwrap().unwrap(), [true, true]);
}

/// Has a request take so long that it is given up and sent again, and comes to the broker behind the one that replaced it.
/// Gives how often the record is in the log then.
fn overtaken(idempotent: bool) -> usize {
    let mut world = world(1);
    let sim = world.handle();
    let copies = world.run(async move {
        let mut config = Config::new(&sim.bootstrap())?;
        config.request_timeout = Duration::from_secs(1);
        let client = sim.client("app", config)?;
        let enable_idempotence = Some(idempotent);
        let config = ProducerConfig { enable_idempotence, ..ProducerConfig::default() };
        let producer = client.producer(config)?;
        let warm = Record::to("t").partition(0).value("warm");
        producer.send(warm).await?.await?;
        let usual = sim.usual_conditions().latency;
        let set = |latency: Range<Duration>| {
            for node in 1..=3 {
                sim.set_conditions(APP, node, |conditions| conditions.latency = latency.clone());
            }
        };
        set(Duration::from_secs(9)..Duration::from_secs(10));
        let delivery = producer.send(Record::to("t").partition(0).value("cold")).await?;
        after(&sim, 100).await;
        set(usual.clone());
        delivery.await?;
        let written = sim.now();
        let sent = sim.cluster(|cluster| cluster.requests(ApiKey::Produce));
        after(&sim, 12_000).await;
        let came = sim.cluster(|cluster| cluster.requests(ApiKey::Produce));
        assert!(written.as_millis() < 5_000 && came == sent + 1, "{written:?} {sent} {came}");
        Outcome::Ok(sim.cluster(|cluster| cluster.log("t", 0).count()) - 1)
    });
    copies.unwrap().unwrap()
}

#[test]
fn bytes_of_a_connection_that_was_given_up_arrive_behind_those_of_the_next() {
    assert_eq!((overtaken(true), overtaken(false)), (1, 2));
}

#[test]
fn a_node_that_stands_still() {
    survives(2, |sim| async move {
        after(&sim, 30).await;
        for node in 1..=3 {
            sim.pause_node(node);
            after(&sim, 3_000).await;
            sim.resume_node(node);
        }
    });
}

#[test]
fn connections_cut_at_any_byte() {
    for direction in [Direction::ToBroker, Direction::ToClient] {
        for bytes in [0, 1, 3, 4, 5, 11, 40, 100] {
            survives(3, |sim| async move {
                for round in 0..3_u64 {
                    after(&sim, 10 + round).await;
                    for node in 1..=3 {
                        sim.cut_after(APP, node, direction, bytes);
                    }
                }
            });
        }
    }
}

#[test]
fn ways_that_are_blocked_one_way_or_both() {
    for (to_broker, to_client) in [(true, false), (false, true), (true, true)] {
        survives(4, |sim| async move {
            after(&sim, 20).await;
            for node in 1..=3 {
                let block = |conditions: &mut Conditions| {
                    conditions.to_broker_blocked = to_broker;
                    conditions.to_client_blocked = to_client;
                };
                sim.set_conditions(APP, node, block);
                after(&sim, 40_000).await;
                sim.heal();
            }
        });
    }
}

#[test]
fn nodes_that_refuse_or_never_answer() {
    survives(5, |sim| async move {
        for node in 1..=2 {
            sim.refuse_connections(node, true);
            sim.hang_connections(node + 1, true);
            after(&sim, 5_000).await;
            sim.cut(APP, node);
            sim.refuse_connections(node, false);
            sim.hang_connections(node + 1, false);
        }
    });
}

#[test]
fn a_narrow_slow_way_in_single_bytes() {
    let latency = Duration::from_millis(5)..Duration::from_millis(300);
    let conditions =
        Conditions { latency, bandwidth: Some(5_000), segment: Some(3), ..Conditions::default() };
    let mut world = World::new(WorldOptions { seed: 6, conditions, ..WorldOptions::default() });
    world.handle().cluster(|cluster| cluster.create_topic("t", 3, 3)).unwrap();
    let sim = world.handle();
    let numbers = world.run(async move {
        let client = client(&sim)?;
        crate::send(&client, 20).await?;
        crate::read(&client, 20).await
    });
    assert_eq!(numbers.unwrap().unwrap(), (0..20).collect::<Vec<_>>());
}

#[test]
fn a_node_that_moves_house_and_a_name_that_fails() {
    survives(7, |sim| async move {
        after(&sim, 20).await;
        sim.set_name("broker-2.sim", Err("SERVFAIL".into()));
        sim.cut(APP, 2);
        sim.move_node(1, IpAddr::from([10, 0, 9, 1]));
        sim.cut(APP, 1);
        after(&sim, 5_000).await;
        sim.set_name("broker-2.sim", Ok(vec![IpAddr::from([10, 0, 0, 2])]));
    });
}

#[test]
fn a_client_whose_wall_clock_jumps() {
    survives(8, |sim| async move {
        for milliseconds in [3_600_000, -7_200_000, 1] {
            after(&sim, 50).await;
            let before = sim.wall_ms(APP);
            sim.skew_clock(APP, milliseconds);
            assert_eq!(sim.wall_ms(APP), before + milliseconds);
        }
        let right = sim.wall_ms(ClientId(9));
        assert_eq!(sim.wall_ms(APP), right + 3_600_000 - 7_200_000 + 1);
        after(&sim, 50).await;
        assert_eq!(sim.wall_ms(ClientId(9)), right + 50);
    });
}

#[test]
fn a_client_that_crashes_leaves_nothing_behind() {
    let mut world = crate::world(9);
    let sim = world.handle();
    let result = world.run(async move {
        let config = Config::new(&sim.bootstrap())?;
        let (number, client) = sim.numbered_client("victim", config)?;
        let sending = sim.spawn(async move { crate::send(&client, 1_000).await });
        after(&sim, 50).await;
        sim.crash(number);
        let error = sending.await?.expect_err("it was cut off");
        let kind = error.downcast_ref::<kafka_handle::Error>().map(|error| error.kind().clone());
        assert!(matches!(kind, Some(ErrorKind::Closed)), "{error}");
        Outcome::Ok(())
    });
    result.unwrap().unwrap();
    assert_eq!(world.leftover().clients, 0);
    assert_eq!(world.handle().connections(), 0);
}

#[test]
fn nodes_are_numbered_from_one_wherever_they_are() {
    let sim = World::new(WorldOptions { nodes: 4, ..WorldOptions::default() }).handle();
    sim.kill_node(2);
    sim.move_node(1, "10.9.9.9".parse().unwrap());
    assert_eq!(sim.nodes(), [1, 2, 3, 4]);
}
