//! How this client is tested: runs drawn from seeds, with clusters, clients, faults and the judgement of what came of it.
//!
//! It is what `kafka sim` does. A service of your own is tested with [`run_seeds`](crate::world::run_seeds).
//!
//! A [`Plan`] follows from a seed and says everything about a run: how many brokers, what clients with what settings, and
//! which faults at what times. [`run()`] carries it out in a [`World`](crate::world::World) and checks the invariants of
//! [`check`](crate::check) over what happened. A plan that fails can be made smaller by [`shrink()`], until no part of it can be
//! left out any more.
//!
//! ```
//! use kafka_sim::sweep::{Plan, run};
//!
//! let plan = Plan::draw(1);
//! let outcome = run(&plan, false);
//! assert!(outcome.report.summary.records.acked > 0);
//! println!("{:#?}", outcome.report.violations);
//! ```

mod apps;
mod aside;
mod busy;
mod codes;
mod crew;
mod draw;
mod fault;
mod hit;
mod parts;
mod plan;
mod promise;
pub(crate) mod recorder;
mod run;
mod shrink;
mod theme;

pub use self::fault::{FaultKind, FaultPlan};
pub use self::plan::{ClientPlan, ConsumerPlan, Plan, ProducerPlan, Role};
pub(crate) use self::run::final_logs;
pub use self::run::{Outcome, run};
pub use self::shrink::shrink;
