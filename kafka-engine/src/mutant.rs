//! Bugs on purpose: what shows that the checks of `kafka-sim` see something.
//!
//! `kafka-sim/mutants.txt` lists them. A build with `--cfg mutant="NAME"` has that one; a build with `--cfg mutant="any"`
//! has the one that the variable `KAFKA_MUTANT` names, so that all can be gone through without building again. Any other
//! build has none, and the compiler leaves nothing of the question.

/// Whether this build has the bug of that name.
#[doc(hidden)]
#[macro_export]
macro_rules! mutant {
    ($name:tt) => {
        (cfg!(mutant = $name) || (cfg!(mutant = "any") && $crate::is_chosen_mutant($name)))
    };
}

/// Whether the environment names that bug.
#[cfg(mutant = "any")]
#[doc(hidden)]
pub fn is_chosen_mutant(name: &str) -> bool {
    extern crate std;
    static CHOSEN: std::sync::OnceLock<Option<std::ffi::OsString>> = std::sync::OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var_os("KAFKA_MUTANT")).as_deref().is_some_and(|it| it == name)
}

/// Whether the environment names that bug: it isn't asked.
#[cfg(not(mutant = "any"))]
#[doc(hidden)]
pub const fn is_chosen_mutant(_: &str) -> bool {
    false
}
