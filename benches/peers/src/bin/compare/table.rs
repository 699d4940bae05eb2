//! The outcome: the best run of every client at every workload, and whether ours holds its limit.

use kafka_peers::row::{Client, Workload};

use crate::child::Run;

/// Ours costs at most this share of librdkafka's processor time.
const LIMIT: f64 = 0.5;

/// All runs so far.
#[derive(Default)]
pub(crate) struct Table {
    /// Processor nanoseconds a record; none for a run that failed.
    runs: Vec<(Workload, Client, Option<f64>)>,
}

impl Table {
    pub(crate) fn add(&mut self, workload: Workload, client: Client, run: Option<Run>) {
        self.runs.push((
            workload,
            client,
            run.map(|run| run.measured.cpu_per_record()),
        ));
    }

    fn of(&self, workload: Workload, client: Client) -> impl Iterator<Item = Option<f64>> {
        self.runs
            .iter()
            .filter(move |run| (run.0, run.1) == (workload, client))
            .map(|run| run.2)
    }

    /// Whether trying again is vain.
    pub(crate) fn has_failed(&self, workload: Workload, client: Client) -> bool {
        self.of(workload, client).any(|cost| cost.is_none())
    }

    /// The least of the runs: what disturbs a run can only add to it. None if one failed or there was none.
    fn best(&self, workload: Workload, client: Client) -> Option<f64> {
        self.of(workload, client)
            .try_fold(f64::INFINITY, |best, cost| Some(best.min(cost?)))
            .filter(|b| b.is_finite())
    }

    /// What ours costs, as a share of librdkafka.
    fn ratio(&self, workload: Workload, client: Client) -> Option<f64> {
        Some(self.best(workload, client)? / self.best(workload, Client::Librdkafka)?)
    }

    /// Whether every row of ours was measured and holds its limit.
    pub(crate) fn holds(&self, mut workloads: impl Iterator<Item = Workload>) -> bool {
        workloads.all(|workload| {
            let mut ours = Client::ALL.into_iter().filter(|client| client.is_ours());
            ours.all(|client| {
                self.ratio(workload, client)
                    .is_some_and(|ratio| ratio <= LIMIT)
            })
        })
    }

    pub(crate) fn print(&self, workloads: impl Iterator<Item = Workload>) {
        println!(
            "{:16} {:15} {:>12} {:>16} {:>6}  at most {LIMIT}",
            "workload", "ours on", "ours ns/rec", "librdkafka ns/rec", "ratio"
        );
        for workload in workloads {
            for client in Client::ALL.into_iter().filter(|client| client.is_ours()) {
                let ratio = self.ratio(workload, client);
                println!(
                    "{workload:16} {client:15} {:>12} {:>17} {:>6}  {}",
                    number(self.best(workload, client), 1),
                    number(self.best(workload, Client::Librdkafka), 1),
                    number(ratio, 2),
                    match ratio {
                        None => "not measured",
                        Some(ratio) if ratio <= LIMIT => "yes",
                        Some(_) => "NO",
                    }
                );
            }
        }
    }
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}
