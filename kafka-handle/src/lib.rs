//! Runtime-neutral async handles over kafka-engine: Client, Producer, Consumer, Admin.
