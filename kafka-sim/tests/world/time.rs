//! Virtual time, and what follows from a seed.

use std::time::Duration;

use kafka_handle::Config;
use kafka_proto::{ApiKey, ErrorCode};
use kafka_sim::world::{ClientId, Elapsed, Leftover, Stuck, TRACE_VARIABLE, World, WorldOptions};
use kafka_sim::{At, Fault, Time};

use crate::{Outcome, client, survives};

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
fn the_trace_tells_frames_leaders_and_what_was_done() {
    let mut world = crate::world(3);
    world.keep_trace();
    let sim = world.handle();
    let story = async move {
        let client = client(&sim)?;
        sim.note(format_args!("here it begins with {} nodes", 3));
        let refused = Fault::Refuse { at: At::any(), code: ErrorCode::KAFKA_STORAGE_ERROR };
        sim.cluster(|cluster| cluster.fail_next(ApiKey::Produce, refused));
        crate::send(&client, 1).await?;
        sim.kill_node(1);
        crate::read(&client, 1).await?;
        sim.start_node(1);
        sim.refuse_connections(1, true);
        let late = sim.client("late", Config::new("broker-1.sim:9092")?)?;
        let none = sim.timeout(Duration::from_millis(50), late.admin().list_topics()).await;
        assert!(none.is_err());
        sim.crash(ClientId(1));
        Outcome::Ok(())
    };
    world.run(story).unwrap().unwrap();
    let lines = world.take_trace();
    for (parts, times) in [
        (&["0.000000000 leader of t-0 in epoch 0: node 1"][..], 1),
        (&["0.000000000 note here it begins with 3 nodes"], 1),
        (&["request connection ", "(client 1, node ", "Produce v13", " 1 record"], 2),
        (&["answer connection ", "Produce v13", " KAFKA_STORAGE_ERROR"], 1),
        (&["answer connection ", "Produce v13", " from offset 0 on"], 1),
        (&[" kill node 1"], 1),
        (&["leader of t-0 in epoch 1: node 2"], 1),
        (&[" crash client 1"], 1),
        (&[" refuse connections to node 1: true"], 1),
    ] {
        let found = lines.iter().filter(|line| parts.iter().all(|part| line.contains(part)));
        assert_eq!(found.count(), times, "{parts:?} in {lines:#?}");
    }
    let refused =
        |line: &&String| line.contains("refused connection") && line.contains("(client 2, node 1)");
    assert!(lines.iter().filter(refused).count() > 0, "{lines:#?}");
    let hashed = |line: &String| {
        let hash = line.rsplit_once(" #").map(|(_, hash)| u32::from_str_radix(hash, 16).is_ok());
        hash == Some(true)
    };
    let mut frames = lines
        .iter()
        .filter(|line| line[16..].starts_with(" request") || line[16..].starts_with(" answer"));
    assert!(frames.all(hashed), "{lines:#?}");
    assert!(lines.is_sorted_by_key(|line| &line[..16]), "{lines:#?}");
}

#[test]
fn a_trace_is_printed_where_the_environment_says_so() {
    let stderr = |variable: &str| {
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "time::the_same_seed_is_the_same_run", "--nocapture"]);
        let output = command.env_remove(TRACE_VARIABLE).env(variable, "1").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(stderr(TRACE_VARIABLE).contains(" request connection 1 (client 1, node "));
    assert_eq!(stderr("KAFKA_SIM_OTHER"), "");
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
    assert_eq!((world.leftover().clients, world.leftover().tasks), (0, 2));
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
    assert_eq!((world.leftover(), world.handle().connections()), (Leftover::default(), 0));
}

#[test]
#[should_panic(expected = "a WorldHandle is used by what was handed to WorldHandle::cluster")]
fn a_world_that_would_wait_for_itself_says_so() {
    let sim = World::new(WorldOptions::default()).handle();
    sim.cluster(|_| sim.kill_node(1));
}

#[test]
fn a_panic_of_a_user_leaves_the_world_usable() {
    let sim = World::new(WorldOptions::default()).handle();
    let panics = || sim.cluster(|_| sim.bootstrap());
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
    assert!(sim.bootstrap().starts_with("broker-1.sim:9092,"));
    // Another thread has to wait for its turn, and gets it.
    let other = sim.clone();
    let waiter = sim.cluster(|_| std::thread::spawn(move || other.connections()));
    assert_eq!(waiter.join().unwrap(), 0);
}
