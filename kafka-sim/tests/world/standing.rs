//! Clients that stand still for a while, and clocks that jump: what came meanwhile is read before anybody goes by the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kafka_handle::{Config, ProducerConfig, Record};
use kafka_proto::ApiKey;
use kafka_sim::world::{ClientId, WorldHandle};

use crate::{Outcome, survives, world};

const APP: ClientId = ClientId(1);

#[test]
fn nothing_is_lost_by_a_client_that_stands_still() {
    survives(1, |sim| async move {
        for round in 0..5 {
            sim.sleep(Duration::from_millis(331 + round)).await;
            sim.freeze(APP);
            sim.sleep(Duration::from_secs(20 * round)).await;
            sim.thaw(APP);
        }
        sim.sleep(Duration::from_millis(3)).await;
        sim.freeze(APP);
        sim.heal();
    });
}

#[test]
fn nothing_is_lost_by_a_clock_that_jumps() {
    survives(2, |sim| async move {
        for round in 0..5 {
            sim.sleep(Duration::from_millis(331 + round)).await;
            sim.jump_clock(APP, Duration::from_secs(25 * round));
        }
    });
}

/// Sends records to several partitions, lets `suspend` do something while they are on their way, and gives how often
/// brokers were sent records, and how many connections there were.
fn written_once<F: Future<Output = ()> + Send + 'static>(
    suspend: impl FnOnce(WorldHandle) -> F + Send + 'static,
) -> (u64, u64) {
    let mut world = world(3);
    let sim = world.handle();
    let written = world.run(async move {
        let mut config = Config::new(&sim.bootstrap())?;
        config.request_timeout = Duration::from_secs(2);
        let client = sim.client("app", config)?;
        let config = ProducerConfig {
            linger: Duration::ZERO,
            delivery_timeout: Duration::from_secs(3),
            ..ProducerConfig::default()
        };
        let producer = client.producer(config)?;
        for partition in 0..3 {
            producer.send(Record::to("t").partition(partition).value("warm")).await?.await?;
        }
        let before = sim.cluster(|cluster| cluster.requests(ApiKey::Produce));
        let opened = sim.cluster(|cluster| cluster.requests(ApiKey::ApiVersions));
        let mut deliveries = Vec::new();
        for partition in 0..3 {
            let record = Record::to("t").partition(partition).value("cold");
            deliveries.push(producer.send(record).await?);
        }
        // They are written, and the answers are not here yet.
        sim.sleep(Duration::from_micros(1)).await;
        suspend(sim.clone()).await;
        for delivery in deliveries {
            delivery.await?;
        }
        let after = sim.cluster(|cluster| cluster.requests(ApiKey::Produce));
        let reopened = sim.cluster(|cluster| cluster.requests(ApiKey::ApiVersions));
        Outcome::Ok((after - before, reopened - opened))
    });
    written.unwrap().unwrap()
}

#[test]
fn answers_that_came_meanwhile_are_read_before_requests_run_out_of_time() {
    let frozen = written_once(|sim| async move {
        sim.freeze(APP);
        sim.sleep(Duration::from_secs(60)).await;
        sim.thaw(APP);
    });
    assert_eq!(frozen, (3, 0), "nothing was sent again, and no connection given up");
}

#[test]
fn answers_on_their_way_are_waited_for_when_the_clock_has_jumped() {
    let jumped = written_once(|sim| async move {
        sim.jump_clock(APP, Duration::from_secs(3_600));
    });
    assert_eq!(jumped, (3, 0), "nothing was sent again, and no connection given up");
}

#[test]
fn tasks_of_its_process_stand_still_and_end_with_it() {
    let mut world = world(4);
    let sim = world.handle();
    let ticks = Arc::new(AtomicU32::new(0));
    let counts =
        [0, 0, 0].map(|_| Arc::clone(&ticks)).map(|ticks| move || ticks.load(Ordering::Relaxed));
    let seen = world.run(async move {
        let _client = sim.client("app", Config::new(&sim.bootstrap())?)?;
        let clock = sim.clone();
        let task = sim.spawn_in(APP, async move {
            loop {
                clock.sleep(Duration::from_millis(10)).await;
                ticks.fetch_add(1, Ordering::Relaxed);
            }
        });
        sim.sleep(Duration::from_millis(105)).await;
        sim.freeze(APP);
        sim.sleep(Duration::from_secs(5)).await;
        let frozen = counts[0]();
        sim.thaw(APP);
        sim.sleep(Duration::from_millis(25)).await;
        let thawed = counts[1]();
        sim.crash(APP);
        let ended: Result<(), _> = task.await;
        assert!(ended.is_err());
        assert!(sim.spawn_in(APP, async {}).await.is_err(), "it has no process any more");
        Outcome::Ok((frozen, thawed, counts[2]()))
    });
    assert_eq!(seen.unwrap().unwrap(), (10, 13, 13));
}

#[test]
fn who_has_ended_neither_stands_still_nor_has_a_clock() {
    let mut world = world(5);
    let sim = world.handle();
    let minute = Duration::from_secs(60);
    let seen = world.run(async move {
        let mut seen = Vec::new();
        let mut note = |id| seen.push((sim.freeze(id), sim.jump_clock(id, minute)));
        let closed = sim.client("closed", Config::new(&sim.bootstrap())?)?;
        let _crashed = sim.client("crashed", Config::new(&sim.bootstrap())?)?;
        closed.close().await;
        sim.crash(ClientId(2));
        sim.sleep(minute).await;
        (1..=3).map(ClientId).for_each(&mut note);
        let _client = sim.client("app", Config::new(&sim.bootstrap())?)?;
        note(ClientId(3));
        sim.sleep(minute).await;
        note(ClientId(3));
        Outcome::Ok(seen)
    });
    let gone = (false, false);
    assert_eq!(seen.unwrap().unwrap(), [gone, gone, gone, (true, true), (false, true)]);
}

#[test]
fn a_clock_that_jumps_for_ever_still_goes() {
    let mut world = world(6);
    let sim = world.handle();
    let sent = world.run(async move {
        let client = sim.client("app", Config::new(&sim.bootstrap())?)?;
        for _ in 0..2 {
            assert!(sim.jump_clock(APP, Duration::MAX));
            sim.sleep(Duration::from_secs(1)).await;
        }
        let producer = client.producer(ProducerConfig::default())?;
        producer.send(Record::to("t").value("late")).await?.await?;
        Outcome::Ok(())
    });
    sent.unwrap().unwrap();
}
