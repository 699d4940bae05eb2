//! One run: a plan carried out in a world, and judged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::apps::App;
use super::codes;
use super::crew::{Crew, Flags};
use super::fault::{FaultKind, FaultPlan, name};
use super::hit::Begun;
use super::plan::{Plan, Role};
use super::recorder::{Recorder, final_log};
use crate::check::{
    self, Event, Invariant, Phase, Report, Settings, Summary, Tally, Target, Violation, check_all,
};
use crate::world::{
    ClientId, Conditions, JoinHandle, Leftover, Stuck, World, WorldHandle, WorldOptions,
};
use crate::{ClusterOptions, Time};

/// What came of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// What did not hold, and what was exercised.
    pub report: Report,
    /// The hash of all that happened.
    pub trace_hash: u64,
    /// Lines of what happened, if they were asked for: those of the world, and the events that are judged.
    pub trace: Vec<String>,
    /// How long the run was in simulated time.
    pub simulated: Duration,
    /// Simulated seconds in which every client did something.
    pub busy: Duration,
}

/// How long clients are open and nobody uses them.
const IDLE: Duration = Duration::from_secs(10);

/// Beyond this after the faults, a run will never come to its end.
const LONGEST_END: Duration = Duration::from_secs(1_000);

/// Carries a plan out and judges what came of it.
///
/// A panic on the way is a violation like others, and the only one: of a run that was cut short the checks can say nothing.
/// What was exercised until then is counted, and in the trace.
#[must_use]
pub fn run(plan: &Plan, trace: bool) -> Outcome {
    carry_out(plan, trace, |_| ())
}

/// Does so in a world in which `prepare` has done something first.
fn carry_out(plan: &Plan, trace: bool, prepare: impl FnOnce(&WorldHandle)) -> Outcome {
    let mut world = World::new(WorldOptions {
        seed: plan.seed,
        nodes: plan.nodes,
        conditions: plan.conditions.clone(),
        cluster: ClusterOptions {
            auto_create: false,
            release: plan.release,
            fetch_session_slots: plan.session_slots,
            ..ClusterOptions::default()
        },
    });
    if trace {
        world.keep_trace();
    }
    let (sim, recorder) = (world.handle(), Recorder::default());
    sim.cluster(|cluster| cluster.record_truth(true));
    world.set_tap(recorder.clone());
    prepare(&sim);
    let played = caught(|| play(&mut world, plan, &recorder));
    let panicked_at = sim.now();
    let judged = caught(|| judge(&world, plan, &recorder));
    let mut panics = Vec::new();
    let mut report = judged.unwrap_or_else(|what| {
        panics.push(what);
        Report { summary: Summary { runs: 1, ..Summary::default() }, ..Report::default() }
    });
    let Ended { at, violations } = played.unwrap_or_else(|what| {
        panics.insert(0, what);
        Ended { at: panicked_at, violations: Vec::new() }
    });
    if panics.is_empty() {
        report.violations.extend(violations);
        report.summary.judged.insert(Invariant::Panic, Tally { judged: 1, violated: 0 });
    } else {
        let panicked = |what| Violation { invariant: Invariant::Panic, at: panicked_at, what };
        report.violations = panics.into_iter().map(panicked).collect();
        report.summary.judged = [(Invariant::Panic, Tally { judged: 1, violated: 1 })].into();
    }
    let busy = Duration::from_secs(recorder.busy_seconds());
    let simulated = at.since(Time::ZERO);
    let (trace_hash, bytes) = (world.trace_hash(), world.take_trace());
    let trace = if trace { check::merge(bytes, recorder.lock().history.lines()) } else { bytes };
    // What a panic has left half done may panic again when it is dropped; it has been told.
    let _ = caught(|| drop(world));
    Outcome { report, trace_hash, trace, simulated, busy }
}

/// What `action` comes to, or what its panic said.
fn caught<T>(action: impl FnOnce() -> T) -> Result<T, String> {
    // Whatever is broken by it is looked at once more, under the same guard, and dropped with the world.
    catch_unwind(AssertUnwindSafe(action)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        text.unwrap_or("of another kind").to_owned()
    })
}

/// How a run came to its end.
struct Ended {
    at: Time,
    /// That it did not come to it by itself.
    violations: Vec<Violation>,
}

/// Leads the world through the run, and lets go of it.
fn play(world: &mut World, plan: &Plan, recorder: &Recorder) -> Ended {
    let sim = world.handle();
    let (plan, crew) = (Arc::new(plan.clone()), Crew::default());
    let director =
        Director { sim: sim.clone(), recorder: recorder.clone(), plan: Arc::clone(&plan), crew };
    let limit = plan.safety + LONGEST_END;
    let timer = sim.clone();
    let ended = world.run(async move { timer.timeout(limit, director.direct()).await });
    let at = sim.now();
    // What was closed takes its leave of the brokers, if time goes on.
    let leave = if ended.is_ok() { world.run_for(Duration::from_secs(2)) } else { Ok(()) };
    let mut violations = Vec::new();
    if matches!(ended, Ok(Err(_))) {
        let what = "the run does not end".to_owned();
        violations.push(Violation { invariant: Invariant::Liveness, at, what });
    }
    for stuck in ended.err().into_iter().chain(leave.err()) {
        let hot = matches!(stuck, Stuck::HotLoop(_));
        let invariant = if hot { Invariant::HotLoop } else { Invariant::Liveness };
        violations.push(Violation { invariant, at, what: stuck.to_string() });
    }
    Ended { at, violations }
}

/// What the checks say of it.
fn judge(world: &World, plan: &Plan, recorder: &Recorder) -> Report {
    let sim = world.handle();
    let Leftover { clients, connections, tasks } = world.leftover();
    for (what, count) in [("clients", clients), ("connections", connections), ("tasks", tasks)] {
        let client = check::ClientId(0);
        recorder.push(sim.now(), Event::Leftover { client, what, count: count as u64 });
    }
    recorder.count_met(sim.now());
    let mut logs = final_logs(&sim, recorder);
    let first = recorder.partition(&name(0), 0).topic;
    for log in logs.iter_mut().filter(|log| log.partition.topic == first) {
        log.compacted = plan.compacted;
    }
    let mut report = check_all(&recorder.lock().history, &Settings::default(), &logs);
    report.summary.states = recorder.states();
    expect(&mut report.summary, plan);
    report
}

/// Has the summary tell also of what should come sometime and did not: kinds of faults, and error codes.
fn expect(summary: &mut Summary, plan: &Plan) {
    *summary.releases.entry(plan.release.name).or_default() += 1;
    for kind in FaultKind::NAMES {
        summary.faults.entry(kind).or_default();
    }
    for (api, code) in codes::all() {
        summary.codes.entry((api.to_i16(), code.0)).or_default();
    }
}

/// What is in all partitions now.
pub(crate) fn final_logs(sim: &WorldHandle, recorder: &Recorder) -> Vec<check::FinalLog> {
    let all: Vec<(String, i32)> = sim.cluster(|cluster| {
        let topics = cluster.topics().map(|(name, count)| (name.to_owned(), count));
        topics.collect()
    });
    let mut logs = Vec::new();
    for (topic, count) in all {
        for partition in 0..count {
            let known = recorder.partition(&topic, partition);
            logs.push(sim.cluster(|cluster| final_log(cluster, &topic, known)));
        }
    }
    logs
}

/// Leads a run through its phases.
#[derive(Clone)]
struct Director {
    sim: WorldHandle,
    recorder: Recorder,
    plan: Arc<Plan>,
    crew: Crew,
}

impl Director {
    async fn direct(self) {
        let Flags { draining, resting, closing } = &self.crew.flags;
        self.phase(Phase::WarmUp);
        for (topic, partitions) in self.plan.topics.iter().enumerate() {
            // It is refused if there is one, which there is not.
            let _ = self.sim.cluster(|cluster| cluster.create_topic(&name(topic), *partitions, -1));
        }
        if self.plan.compacted {
            let set = |c: &mut crate::Cluster| c.set_config(&name(0), "cleanup.policy", "compact");
            let _ = self.sim.cluster(set);
        }
        for client in 1..=self.plan.clients.len() as u32 {
            self.tell_round_trips(ClientId(client));
        }
        // What is to go wrong in the very beginning.
        for fault in self.plan.faults.iter().filter(|fault| fault.is_early()) {
            self.begin(fault);
        }
        for client in &self.plan.clients {
            self.crew.launch(&self.sim, &self.recorder, (&self.plan, client));
        }
        self.sim.sleep(Duration::from_secs(5)).await;
        self.endanger().await;
        self.phase(Phase::Liveness);
        self.await_calm(false).await;
        self.phase(Phase::Drain);
        draining.store(true, Ordering::Relaxed);
        self.await_calm(true).await;
        let (readers, others): (Vec<_>, Vec<_>) = self
            .crew
            .take_tasks()
            .into_iter()
            .partition(|(role, _)| matches!(role, Role::Consumer(_)));
        self.join(others).await;
        resting.store(true, Ordering::Relaxed);
        self.sim.sleep(Duration::from_secs(2)).await;
        self.phase(Phase::Idle);
        self.sim.sleep(IDLE).await;
        self.phase(Phase::Close);
        closing.store(true, Ordering::Relaxed);
        self.join(readers).await;
        for app in self.crew.alive() {
            self.close(&app).await;
        }
    }

    /// Lets the faults come and go, each by a task of its own, and heals everything.
    async fn endanger(&self) {
        self.phase(Phase::Safety);
        let begin = self.sim.now();
        for fault in self.plan.faults.iter().filter(|fault| !fault.is_early()) {
            self.sim.sleep_until(begin + fault.at).await;
            if let FaultKind::Crash(client) | FaultKind::Restart(client) = fault.kind {
                if !self.crew.crash(client) {
                    continue;
                }
                self.recorder.crashed(self.sim.now(), client);
            }
            self.begin(fault);
        }
        self.sim.sleep_until(begin + self.plan.safety).await;
        // The last of the faults end by themselves.
        self.sim.sleep(Duration::from_millis(1)).await;
        self.sim.heal();
        for fault in &self.plan.faults {
            fault.kind.end(&self.sim);
        }
        self.sim.cluster(crate::Cluster::clear_faults);
        self.phase(Phase::Heal);
        self.recorder.push(self.sim.now(), Event::Heal);
        for app in self.crew.alive() {
            self.tell_round_trips(app.id);
        }
    }

    fn begin(&self, fault: &FaultPlan) {
        let (sim, recorder, kind) = (self.sim.clone(), self.recorder.clone(), fault.kind.clone());
        let number = recorder.fault();
        let now = sim.now();
        let on = Event::FaultOn { fault: number, kind: kind.name(), target: Target::All };
        recorder.push(now, on);
        let begun = match kind {
            FaultKind::Cancel(client) => {
                let app = self.crew.member(client);
                if app.is_some_and(|app| app.interrupt.ring()) { Begun::Hit } else { Begun::Missed }
            }
            _ => kind.begin(&sim),
        };
        begun.note(kind.name(), now, &recorder);
        let over = (now + fault.lasts).min(Time::ZERO + Duration::from_secs(5) + self.plan.safety);
        let this = self.clone();
        sim.clone().spawn(async move {
            sim.sleep_until(over).await;
            kind.end(&sim);
            if let FaultKind::Restart(client) = kind {
                this.restart(client);
            }
            recorder.push(sim.now(), Event::FaultOff { fault: number });
        });
    }

    /// The application of a client that was killed comes back.
    fn restart(&self, killed: ClientId) {
        let at = killed.0.checked_sub(1).and_then(|at| usize::try_from(at).ok());
        let Some(client) = at.and_then(|at| self.plan.clients.get(at)) else { return };
        if let Some(id) = self.crew.launch(&self.sim, &self.recorder, (&self.plan, client)) {
            self.tell_round_trips(id);
        }
    }

    /// Waits until everything has come to its end that should, or until the checks will say that it has not.
    async fn await_calm(&self, all: bool) {
        let longest = self.plan.clients.iter().map(|client| match &client.role {
            Role::Producer(plan) => plan.delivery_timeout.max(client.request_timeout),
            // A long poll has its own time on top.
            Role::Consumer(plan) => client.request_timeout + plan.fetch_max_wait,
            _ => client.request_timeout,
        });
        let limit = self.sim.now()
            + longest.max().unwrap_or_default().max(Duration::from_secs(30))
            + Duration::from_secs(3);
        loop {
            self.sim.sleep(Duration::from_secs(1)).await;
            let alive = self.crew.alive();
            let sent = !all || alive.iter().all(|app| app.open.load(Ordering::Relaxed) == 0);
            let read = alive.iter().all(|app| app.caught_up.load(Ordering::Relaxed));
            if (sent && read) || self.sim.now() >= limit {
                return;
            }
        }
    }

    async fn join(&self, tasks: Vec<(Role, Vec<JoinHandle<()>>)>) {
        for task in tasks.into_iter().flat_map(|(_, tasks)| tasks) {
            // What does not end is left over, and told as such.
            let _ = self.sim.timeout(Duration::from_secs(200), task).await;
        }
    }

    async fn close(&self, app: &App) {
        let client = app.id;
        let now = self.sim.now();
        let deadline = now + Duration::from_secs(5);
        self.recorder.push(now, Event::CloseStarted { client, deadline });
        app.client.close().await;
        self.recorder.push(self.sim.now(), Event::Closed { client });
    }

    fn phase(&self, phase: Phase) {
        self.recorder.push(self.sim.now(), Event::Phase(phase));
    }

    /// Says how long there and back takes a client at most. Where bytes come in pieces or take time, there is some to spare.
    fn tell_round_trips(&self, client: ClientId) {
        let Conditions { latency, bandwidth, segment, .. } = &self.plan.conditions;
        let whole = bandwidth.is_none() && segment.is_none();
        let spare = if whole { Duration::ZERO } else { Duration::from_millis(5) };
        let round_trip = latency.end * 2 + spare;
        let now = self.sim.now();
        for node in 1..=i32::from(self.plan.nodes) {
            self.recorder.push(now, Event::RoundTrip { client, node, round_trip });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_leaves_what_was_seen_until_then() {
        let plan = Plan::draw(1);
        let panics = |trace| {
            carry_out(&plan, trace, |sim| {
                let sim = sim.clone();
                sim.clone().spawn(async move {
                    sim.sleep(Duration::from_secs(20)).await;
                    panic!("on purpose");
                });
            })
        };
        let (outcome, whole) = (panics(true), run(&plan, false));
        let at = Time::from_millis(20_000);
        let what = "on purpose".to_owned();
        let told = [Violation { invariant: Invariant::Panic, at, what }];
        assert_eq!(outcome.report.violations, told);
        assert_eq!(outcome.simulated, Duration::from_secs(20));
        let summary = &outcome.report.summary;
        let judged = [(Invariant::Panic, Tally { judged: 1, violated: 1 })].into();
        assert_eq!((summary.runs, &summary.judged), (1, &judged));
        let (sent, all) = (summary.records.sent, whole.report.summary.records.sent);
        assert!(0 < sent && sent < all, "{sent} of {all}");
        assert!(outcome.busy > Duration::ZERO && outcome.trace.len() > 100);
        assert_eq!(outcome.trace_hash, panics(false).trace_hash);
        assert_ne!(outcome.trace_hash, whole.trace_hash);
    }
}
