//! The same handles with methods that block their thread: for programs without an async runtime.
//!
//! Nothing of the client changes by that: a thread that waits is one more waker.

/// Methods that block on the async ones of the same name.
macro_rules! blocking {
    ($type:ty: $($(#[$doc:meta])* fn $name:ident($($arg:ident: $kind:ty),*) -> $output:ty;)+) => {
        impl $type {
            $($(#[$doc])* pub fn $name(&self, $($arg: $kind),*) -> $output {
                crate::block_on(self.0.$name($($arg),*))
            })+
        }
    };
}

mod client;
mod consumer;
mod producer;

pub use client::{Admin, Client};
pub use consumer::{Consumer, ConsumerHandle, Iter};
pub use producer::{Producer, TopicProducer};
