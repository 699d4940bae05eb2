//! Telling a story: its world, its steps one by one, its end and the judgement.

use std::time::Duration;

use super::stage::Stage;
use super::{Story, TOPIC};
use crate::check::{Settings, check_all};
use crate::sweep::final_logs;
use crate::sweep::recorder::Recorder;
use crate::world::{World, WorldOptions};
use crate::{Cluster, ClusterOptions};

/// No story is longer, in virtual time.
const LONGEST: Duration = Duration::from_secs(3_600);

/// What was not as it had to be.
pub(super) fn tell(story: &Story, seed: u64) -> Vec<String> {
    let cluster =
        ClusterOptions { auto_create: false, release: story.release, ..ClusterOptions::default() };
    let options =
        WorldOptions { seed, nodes: story.nodes.max(1), cluster, ..WorldOptions::default() };
    let mut world = World::new(options);
    let (sim, recorder) = (world.handle(), Recorder::default());
    sim.cluster(|cluster| {
        cluster.record_truth(true);
        set_up(story, cluster);
    });
    world.set_tap(recorder.clone());
    let (story, timer, notes) = (story.clone(), sim.clone(), recorder.clone());
    let told = world.run(async move {
        let stage = match Stage::open(&story, timer.clone(), notes) {
            Ok(stage) => stage,
            Err(error) => return vec![format!("the clients can't be opened: {error}")],
        };
        let problems = timer.timeout(LONGEST, stage.play(&story.steps)).await;
        problems.unwrap_or_else(|_| vec!["it does not end".to_owned()])
    });
    let mut problems = told.unwrap_or_else(|stuck| vec![stuck.to_string()]);
    // What was closed takes its leave of the brokers.
    problems.extend(world.run_for(Duration::from_secs(2)).err().map(|stuck| stuck.to_string()));
    let logs = final_logs(&sim, &recorder);
    let report = check_all(&recorder.lock().history, &Settings::default(), &logs);
    problems.extend(report.violations.iter().map(ToString::to_string));
    problems
}

fn set_up(story: &Story, cluster: &mut Cluster) {
    let replicas = story.nodes.clamp(1, 3) as i16;
    // The first topic of a cluster, whose nodes are all there: neither can be refused.
    let _ = cluster.create_topic(TOPIC, story.partitions, replicas);
    for partition in 0..story.partitions {
        let _ = cluster.move_leader(TOPIC, partition, 1);
    }
}
