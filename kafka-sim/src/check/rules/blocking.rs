//! I43, on one connection: brokers answer in order, so whatever follows a long poll on its connection waits for it.

use kafka_proto::ApiKey;

use crate::ConnId;
use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::numbered::Numbered;
use crate::check::run::Run;
use crate::check::wire::Wire;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    let mut polls: Numbered<ConnId, i32> = Numbered::default();
    for (at, event) in run.events.iter() {
        let (client, conn, wire) = match *event {
            Event::Disconnected { conn, .. } => {
                polls.remove(conn);
                continue;
            }
            Event::Wire { client, conn, wire, .. } => (client, conn, wire),
            _ => continue,
        };
        match wire {
            Wire::Request { api, .. } if api != ApiKey::Fetch.to_i16() => {
                let holds = polls.get(conn).is_none();
                findings.judge(Invariant::HeadOfLine, holds, *at, || {
                    let name = ApiKey::from_i16(api).map_or("a request", ApiKey::name);
                    format!("{name} of client {} waits behind a long poll", client.0)
                });
            }
            Wire::Fetch { correlation_id, max_wait_ms, .. } if max_wait_ms > 0 => {
                polls.insert(conn, correlation_id);
            }
            Wire::Response { correlation_id, .. } if polls.get(conn) == Some(&correlation_id) => {
                polls.remove(conn);
            }
            _ => {}
        }
    }
}
