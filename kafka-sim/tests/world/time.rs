//! Virtual time, and what follows from a seed.

use std::time::Duration;

use kafka_sim::Time;
use kafka_sim::world::{Elapsed, Stuck, World, WorldOptions};

use crate::{client, survives};

#[test]
fn the_same_seed_is_the_same_run() {
    let quiet = |seed| survives(seed, |_| async {});
    let hash = quiet(1);
    assert_eq!(quiet(1), hash);
    assert_ne!(quiet(2), hash);
    let killed = |sim: kafka_sim::world::WorldHandle| async move {
        sim.sleep(Duration::from_millis(40)).await;
        sim.kill_node(1);
    };
    let hash = survives(1, killed);
    assert_eq!(survives(1, killed), hash);
}

#[test]
fn the_trace_says_what_happened() {
    let lines = || {
        let mut world = crate::world(3);
        world.keep_trace();
        let sim = world.handle();
        world.run(async move { crate::send(&client(&sim)?, 1).await }).unwrap().unwrap();
        world.take_trace()
    };
    let all = lines();
    assert_eq!(all, lines());
    for part in [" client 1 app", " connected ", " request ", " answer ", " hang up "] {
        assert!(all.iter().any(|line| line.contains(part)), "{part} in {all:#?}");
    }
}

#[test]
fn a_day_passes_at_once() {
    let mut world = World::new(WorldOptions::default());
    let sim = world.handle();
    let waited = world.run(async move {
        let day = sim.spawn({
            let sim = sim.clone();
            async move { sim.sleep(Duration::from_secs(86_400)).await }
        });
        let early = sim.timeout(Duration::from_secs(1), sim.sleep(Duration::from_secs(2))).await;
        let in_time = sim.timeout(Duration::from_secs(2), async { 5 }).await;
        assert_eq!((early, in_time, sim.now()), (Err(Elapsed), Ok(5), Time::from_millis(1000)));
        day.await.unwrap();
        sim.now()
    });
    assert_eq!(waited, Ok(Time::from_millis(86_400_000)));
}

#[test]
fn what_can_never_happen_is_told() {
    let mut world = World::new(WorldOptions::default());
    let stuck = world.run(std::future::pending::<()>());
    assert_eq!(stuck, Err(Stuck::Deadlock(Time::ZERO)));
    let stuck = world.run(std::future::poll_fn::<(), _>(|cx| {
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    }));
    assert_eq!(stuck, Err(Stuck::HotLoop(Time::ZERO)));
}

#[test]
fn what_takes_too_long_is_told() {
    let (hour, mut world) = (Duration::from_secs(3_600), World::new(WorldOptions::default()));
    world.set_time_limit(hour);
    let sim = world.handle();
    // Somebody else is never idle, so that there is always something that happens.
    sim.spawn({
        let sim = sim.clone();
        async move {
            loop {
                sim.sleep(Duration::from_secs(600)).await;
            }
        }
    });
    assert_eq!(world.run(std::future::pending::<()>()), Err(Stuck::TooLong(hour)));
    assert_eq!(sim.now(), Time::ZERO + hour);
    // It is counted anew each time.
    assert_eq!(world.run(async move { sim.sleep(hour).await }), Ok(()));
}

#[test]
fn nothing_is_left_of_a_client_that_is_closed() {
    let mut world = crate::world(5);
    let sim = world.handle();
    world
        .run(async move {
            let client = client(&sim)?;
            crate::send(&client, 3).await?;
            assert!(sim.connections() > 0);
            client.close().await;
            crate::Outcome::Ok(())
        })
        .unwrap()
        .unwrap();
    world.run_for(Duration::from_secs(1)).unwrap();
    assert_eq!((world.leftover(), world.handle().connections()), ((0, 0, 0), 0));
}
