//! The clients of a run: those of the plan, and those that came in the place of one that was killed.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::apps::App;
use super::plan::{ClientPlan, Plan, Role};
use super::recorder::Recorder;
use crate::world::{ClientId, JoinHandle, WorldHandle};

/// When an application's clients have nothing to do any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    /// Nothing new is begun.
    pub(super) draining: Arc<AtomicBool>,
    /// Consumers are to rest too.
    pub(super) resting: Arc<AtomicBool>,
    /// Whatever is still open is to be closed.
    pub(super) closing: Arc<AtomicBool>,
}

/// All clients. A handle to it: whoever has one sees the same.
#[derive(Clone, Default)]
pub(super) struct Crew {
    pub(super) flags: Flags,
    members: Arc<Mutex<Members>>,
}

#[derive(Default)]
struct Members {
    apps: Vec<App>,
    tasks: Vec<(Role, Vec<JoinHandle<()>>)>,
    crashed: Vec<ClientId>,
}

impl Crew {
    /// Opens a client and starts what it is for. Gives its number.
    pub(super) fn launch(
        &self,
        sim: &WorldHandle,
        recorder: &Recorder,
        (plan, client): (&Plan, &ClientPlan),
    ) -> Option<ClientId> {
        let (app, tasks) = App::launch(sim, recorder, plan, client, &self.flags)?;
        let id = app.id;
        let mut members = self.members();
        members.apps.push(app);
        members.tasks.push((client.role.clone(), tasks));
        Some(id)
    }

    /// Notes that a client is killed. Gives whether it lived.
    pub(super) fn crash(&self, client: ClientId) -> bool {
        let mut members = self.members();
        let lived = !members.crashed.contains(&client);
        if lived {
            members.crashed.push(client);
        }
        lived
    }

    /// One of them, dead or alive.
    pub(super) fn member(&self, client: ClientId) -> Option<App> {
        self.members().apps.iter().find(|app| app.id == client).cloned()
    }

    /// Those that live.
    pub(super) fn alive(&self) -> Vec<App> {
        let members = self.members();
        let alive = members.apps.iter().filter(|app| !members.crashed.contains(&app.id));
        alive.cloned().collect()
    }

    /// What all of them do, which is to be waited for.
    pub(super) fn take_tasks(&self) -> Vec<(Role, Vec<JoinHandle<()>>)> {
        std::mem::take(&mut self.members().tasks)
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
