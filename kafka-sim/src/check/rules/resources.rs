//! I33 and I34: what clients own, and what they leave behind. E01: a client that logs an error has met what it did not expect.

use crate::check::event::Event;
use crate::check::findings::{Findings, Invariant};
use crate::check::run::Run;

pub(super) fn check(run: &Run<'_>, findings: &mut Findings) {
    for (at, event) in run.events.iter() {
        match *event {
            Event::Memory { client, what, bytes, max } => {
                findings.judge(Invariant::Memory, bytes <= max, *at, || {
                    format!(
                        "client {} owns {bytes} bytes of {what}, where {max} are allowed",
                        client.0
                    )
                });
            }
            Event::Leftover { client, what, count } => {
                findings.judge(Invariant::Leak, count == 0, *at, || {
                    format!("client {} is closed, and has {count} {what} left", client.0)
                });
            }
            Event::ErrorLogged { client, text } => {
                findings.judge(Invariant::ErrorEvent, false, *at, || {
                    format!("client {} logged: {}", client.0, run.text(text))
                });
            }
            _ => {}
        }
    }
}
