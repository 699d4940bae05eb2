//! Runs drawn from seeds.

use kafka_sim::sweep::{Plan, run};

#[test]
fn a_few_seeds_hold() {
    for seed in 1..=12 {
        let outcome = run(&Plan::draw(seed), false);
        assert_eq!(outcome.report.violations, [], "seed {seed}");
        assert!(outcome.report.summary.records.acked > 0, "seed {seed} has something to judge");
    }
}

#[test]
fn a_plan_is_carried_out_the_same_way_each_time() {
    for seed in [3, 4] {
        let hash = |seed| run(&Plan::draw(seed), false).trace_hash;
        assert_eq!(hash(seed), hash(seed));
        assert_ne!(hash(seed), hash(seed + 10));
    }
}
