//! Progress bars, which show on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// How often a bar is drawn again.
const REFRESH: Duration = Duration::from_millis(200);

/// A bar for so many records. On stderr, and only if that is a terminal; it goes when it is dropped.
pub(crate) fn bar(what: &'static str, records: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(records), ProgressDrawTarget::stderr());
    if bar.is_hidden() {
        return bar;
    }
    let style =
        ProgressStyle::with_template("{msg:10} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}");
    let bar = match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    };
    bar.enable_steady_tick(REFRESH);
    bar.with_message(what).with_finish(ProgressFinish::AndClear)
}
