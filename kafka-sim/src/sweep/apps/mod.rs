//! What the clients of a run do: applications that write down what they were told.

mod chores;
mod consuming;
mod interrupt;
mod producing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use kafka_handle::{Client, Config};

use super::crew::Flags;
use super::fault::{FaultKind, name};
use super::plan::{ClientPlan, Plan, Role};
use super::promise::Promise;
use super::recorder::Recorder;
use crate::check::Event;
use crate::world::{ClientId, JoinHandle, WorldHandle};

pub(super) use self::interrupt::{DROPPED, Interrupt};

/// A client of the run, its state as the run must know it.
#[derive(Clone)]
pub(super) struct App {
    pub(super) sim: WorldHandle,
    pub(super) recorder: Recorder,
    pub(super) id: ClientId,
    pub(super) client: Client,
    flags: Flags,
    /// Records that have no outcome yet.
    pub(super) open: Arc<AtomicU64>,
    /// The consumer's positions are at the ends of the logs.
    pub(super) caught_up: Arc<AtomicBool>,
    pub(super) topics: Arc<Vec<String>>,
    /// Tells when to drop whatever is waited for.
    pub(super) interrupt: Interrupt,
}

impl App {
    /// Opens the client and starts what it is for.
    pub(super) fn launch(
        sim: &WorldHandle,
        recorder: &Recorder,
        plan: &Plan,
        client: &ClientPlan,
        flags: &Flags,
    ) -> Option<(Self, Vec<JoinHandle<()>>)> {
        let mut config = Config::new(&sim.bootstrap()).ok()?;
        config.request_timeout = client.request_timeout;
        config.metadata_max_age = client.metadata_max_age;
        config.connections_max_idle = Some(client.connections_max_idle);
        let (id, handle) = sim.numbered_client("app", config).ok()?;
        recorder.watch(id, Promise::of(plan, client));
        let connections_max_idle = Some(client.connections_max_idle);
        recorder.push(sim.now(), Event::ClientOpened { client: id, connections_max_idle });
        let app = Self {
            sim: sim.clone(),
            recorder: recorder.clone(),
            id,
            client: handle,
            flags: flags.clone(),
            open: Arc::default(),
            caught_up: Arc::new(AtomicBool::new(true)),
            topics: Arc::new((0..plan.topics.len()).map(name).collect()),
            interrupt: match plan.faults.iter().any(|fault| fault.kind == FaultKind::Cancel(id)) {
                true => Interrupt::possible(),
                false => Interrupt::default(),
            },
        };
        if client.role != Role::Idle {
            recorder.expect(sim.now(), id);
        }
        let rng = sim.rng(u64::from(id.0));
        let tasks = match &client.role {
            Role::Producer(plan) => app.produce(plan, rng)?,
            Role::Consumer(plan) => vec![app.consume(plan, rng)?],
            Role::Idle => Vec::new(),
            Role::Admin => {
                let this = app.clone();
                vec![sim.spawn_in(id, async move { this.administrate(rng).await })]
            }
        };
        Some((app, tasks))
    }

    pub(super) fn drains(&self) -> bool {
        self.flags.draining.load(Ordering::Relaxed)
    }
}
