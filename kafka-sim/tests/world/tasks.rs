//! Tasks beside others: waited for, and aborted.

use std::pin::pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use kafka_handle::OffsetSpec;
use kafka_sim::Time;
use kafka_sim::world::{Aborted, JoinHandle, Leftover, Tap, World, WorldHandle, WorldOptions};

use crate::Outcome;

/// What happened in a task, and when.
#[derive(Clone)]
struct Notes {
    sim: WorldHandle,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Notes {
    fn say(&self, what: &str) {
        let line = format!("{what} at {}", self.sim.now().as_millis());
        self.lines.lock().unwrap().push(line);
    }
}

/// Says when it is dropped.
struct Guard(Notes);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.say("dropped");
    }
}

/// A task that works for ten seconds.
fn worker(notes: &Notes) -> JoinHandle<u32> {
    let notes = notes.clone();
    notes.sim.clone().spawn(async move {
        let _guard = Guard(notes.clone());
        notes.say("begun");
        notes.sim.sleep(Duration::from_secs(10)).await;
        notes.say("done");
        7
    })
}

/// What is noted in a world in which `story` is told, and what is left over of its tasks.
fn told<F: Future<Output = ()> + Send + 'static>(story: impl FnOnce(Notes) -> F) -> Vec<String> {
    let mut world = World::new(WorldOptions::default());
    let notes = Notes { sim: world.handle(), lines: Arc::default() };
    world.run(story(notes.clone())).unwrap();
    world.run_for(Duration::from_secs(60)).unwrap();
    assert_eq!(world.leftover(), Leftover::default());
    notes.lines.lock().unwrap().clone()
}

#[test]
fn an_aborted_task_ends_where_it_waits() {
    let lines = told(|notes| async move {
        let task = worker(&notes);
        notes.sim.sleep(Duration::from_secs(3)).await;
        assert!(!task.is_finished());
        task.abort();
        notes.say("aborted");
        assert!(!task.is_finished(), "it ends when this one waits");
        let begun = notes.sim.now();
        assert_eq!((task.await, notes.sim.now()), (Err(Aborted), begun));
    });
    assert_eq!(lines, ["begun at 0", "aborted at 3000", "dropped at 3000"]);
}

#[test]
fn others_see_that_an_aborted_task_is_over() {
    let lines = told(|notes| async move {
        let task = Arc::new(worker(&notes));
        let supervisor = Arc::clone(&task);
        let sim = notes.sim.clone();
        notes.sim.spawn(async move {
            sim.sleep(Duration::from_millis(4_500)).await;
            supervisor.abort();
        });
        while !task.is_finished() {
            notes.sim.sleep(Duration::from_secs(1)).await;
        }
        notes.say("noticed");
        assert_eq!(task.take(), None);
    });
    assert_eq!(lines, ["begun at 0", "dropped at 4500", "noticed at 5000"]);
}

#[test]
fn a_task_that_is_done_keeps_its_result() {
    let lines = told(|notes| async move {
        let mut task = worker(&notes);
        let late = notes.sim.timeout(Duration::from_secs(9), &mut task).await;
        assert!(late.is_err());
        notes.sim.sleep(Duration::from_secs(2)).await;
        assert!(task.is_finished());
        task.abort();
        assert_eq!(task.await, Ok(7));
    });
    assert_eq!(lines, ["begun at 0", "done at 10000", "dropped at 10000"]);
}

#[test]
fn a_task_that_is_aborted_at_once_never_begins() {
    let lines = told(|notes| async move {
        let task = worker(&notes);
        task.abort();
        assert_eq!(task.await, Err(Aborted));
    });
    assert_eq!(lines, Vec::<String>::new());
}

#[test]
fn a_task_may_abort_itself() {
    let lines = told(|notes| async move {
        let own: Arc<Mutex<Option<JoinHandle<()>>>> = Arc::default();
        let (known, inner) = (Arc::clone(&own), notes.clone());
        let task = notes.sim.spawn(async move {
            let _guard = Guard(inner.clone());
            if let Some(task) = known.lock().unwrap().as_ref() {
                task.abort();
            }
            inner.say("still here");
            inner.sim.sleep(Duration::from_secs(1)).await;
            inner.say("unreachable");
        });
        *own.lock().unwrap() = Some(task);
        notes.sim.sleep(Duration::from_secs(5)).await;
        assert!(own.lock().unwrap().as_ref().is_some_and(JoinHandle::is_finished));
    });
    assert_eq!(lines, ["still here at 0", "dropped at 0"]);
}

#[test]
fn an_aborted_service_lets_go_of_its_client() {
    let run = || {
        let mut world = crate::world(4);
        let sim = world.handle();
        let ended = world.run(async move {
            let client = crate::client(&sim)?;
            let sending = sim.spawn(async move { crate::send(&client, 1_000).await });
            sim.sleep(Duration::from_millis(40)).await;
            sending.abort();
            Outcome::Ok(matches!(sending.await, Err(Aborted)))
        });
        assert!(ended.unwrap().unwrap());
        world.run_for(Duration::from_secs(60)).unwrap();
        assert_eq!(world.leftover(), Leftover::default());
        let sim = world.handle();
        let sent: usize =
            (0..3).map(|at| sim.cluster(|cluster| cluster.log("t", at).count())).sum();
        assert!((1..1_000).contains(&sent), "{sent} were sent");
        (sent, world.trace_hash())
    };
    assert_eq!(run(), run());
}

#[test]
fn what_ends_with_its_world_is_aborted() {
    let mut world = World::new(WorldOptions::default());
    let task = world.handle().spawn(std::future::pending::<()>());
    world.run_for(Duration::from_secs(1)).unwrap();
    assert_eq!((task.is_finished(), world.handle().now()), (false, Time::from_millis(1_000)));
    drop(world);
    assert_eq!((task.is_finished(), task.take()), (true, None));
}

/// A future that never ends, and something that is gone when it is.
fn captured(sim: &WorldHandle) -> (impl Future<Output = ()> + Send + 'static, Weak<()>) {
    let (kept, sim) = (Arc::new(()), sim.clone());
    let gone = Arc::downgrade(&kept);
    let future = async move {
        std::future::pending::<()>().await;
        drop((kept, sim));
    };
    (future, gone)
}

/// Spawns what never ends when it is dropped.
struct Heir(WorldHandle, Arc<Mutex<Vec<Inherited>>>);

type Inherited = (JoinHandle<()>, Weak<()>);

impl Drop for Heir {
    fn drop(&mut self) {
        let (future, gone) = captured(&self.0);
        self.1.lock().unwrap().push((self.0.spawn(future), gone));
    }
}

#[test]
fn what_has_not_begun_when_its_world_ends_is_aborted_too() {
    let mut world = World::new(WorldOptions::default());
    let sim = world.handle();
    let tasks: Arc<Mutex<Vec<_>>> = Arc::default();
    let spawn = |sim: &WorldHandle| drop(Heir(sim.clone(), Arc::clone(&tasks)));
    world.run(std::future::ready(())).unwrap();
    spawn(&sim);
    let heir = Heir(sim.clone(), Arc::clone(&tasks));
    sim.spawn(async move {
        std::future::pending::<()>().await;
        drop(heir);
    });
    assert_eq!(tasks.lock().unwrap().len(), 1);
    drop(world);
    // Nobody will run it, now that the world is gone.
    spawn(&sim);
    let ends: Vec<_> = tasks
        .lock()
        .unwrap()
        .iter()
        .map(|(task, gone)| (task.is_finished(), gone.strong_count()))
        .collect();
    assert_eq!(ends, [(true, 0); 3], "before, meanwhile and after");
}

#[test]
fn nothing_of_a_world_outlives_it() {
    struct Listener(
        #[expect(dead_code, reason = "held, not used")] WorldHandle,
        #[expect(dead_code, reason = "held, not used")] Arc<()>,
    );
    impl Tap for Listener {}
    let mut world = crate::world(5);
    let kept = Arc::new(());
    let gone = Arc::downgrade(&kept);
    world.set_tap(Listener(world.handle(), kept));
    let sim = world.handle();
    let (unborn, waits) = (crate::client(&sim).unwrap(), sim.clone());
    drop(world);
    assert_eq!(gone.strong_count(), 0);
    // What a client that never began is asked for fails.
    let (listing, mut cx) = (unborn.admin(), Context::from_waker(Waker::noop()));
    let mut listing = pin!(listing.list_offsets(&[("t", 0, OffsetSpec::Latest)]));
    assert!(matches!(listing.as_mut().poll(&mut cx), Poll::Ready(Err(_))));
    assert!(pin!(waits.sleep(Duration::from_secs(1))).poll(&mut cx).is_pending());
}
