//! DescribeConfigs (key 32), versions 0 to 4, flexible from 4: configuration of topics, brokers and more (KIP-133).
//!
//! - Resource types: 2 topic, 4 broker, 8 a broker's loggers, 16 client metrics, 32 group. A broker is named by its id,
//!   and must be asked itself; an empty name is what all brokers share.
//! - Version 0 says whether a value is the default, later ones where it comes from, and can list what it would be
//!   otherwise (KIP-226): 1 topic, 2 this broker, changed at run time, 3 all brokers, changed at run time, 4 the
//!   broker's file, 5 default, 6 logger, 7 client metrics, 8 group.
//! - Version 3 has types and documentation (KIP-569). 4.0 dropped version 0 (KIP-896).
//! - A resource takes as few as 8 bytes and 72 decoded, an entry of version 0 11 and 136, hence the memory factors.

use alloc::vec::Vec;

use crate::{schema::messages, wire::Str};

messages! {
    /// Asks for configurations.
    DescribeConfigsRequest -> DescribeConfigsResponse = key 32, versions 0..=4, flexible 4.., memory 12,
        kips [0: 133, 1: 226, 2: 219, 3: 569, 4: 482] {
        /// The resources.
        resources: Vec<DescribeConfigsResource> [0..],
        /// Whether to list where else each value could come from.
        include_synonyms: bool [1..] = false,
        /// Whether to explain each key.
        include_documentation: bool [3..] = false,
    }

    /// A resource.
    DescribeConfigsResource {
        /// Its type.
        resource_type: i8 [0..],
        /// Its name.
        resource_name: Str [0..],
        /// Keys to tell; null for all.
        configuration_keys: Option<Vec<Str>> [0.., null 0..],
    }

    /// Configurations.
    DescribeConfigsResponse = key 32, versions 0..=4, flexible 4.., memory 16 {
        /// Milliseconds that the broker holds the client back.
        throttle_time_ms: i32 [0..],
        /// The resources.
        results: Vec<DescribeConfigsResult> [0..],
    }

    /// A resource.
    DescribeConfigsResult {
        /// 0, or why it has no answer.
        error_code: i16 [0..],
        /// Why it has no answer.
        error_message: Option<Str> [0.., null 0.., lossy],
        /// Its type.
        resource_type: i8 [0..],
        /// Its name.
        resource_name: Str [0..],
        /// Its configuration.
        configs: Vec<DescribeConfigsResourceResult> [0..],
    }

    /// One configuration entry.
    DescribeConfigsResourceResult {
        /// Its key.
        name: Str [0..],
        /// Its value; null if it is sensitive or not set.
        value: Option<Str> [0.., null 0..],
        /// Whether it can't be changed at run time.
        read_only: bool [0..],
        /// Whether it is the default, in version 0.
        is_default: bool [0],
        /// Where the value comes from, from version 1 on, or -1.
        config_source: i8 [1.., ignorable] = -1,
        /// Whether it is a secret.
        is_sensitive: bool [0..],
        /// Where else the value could come from, the one in force first.
        synonyms: Vec<DescribeConfigsSynonym> [1.., ignorable],
        /// 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password, 0 unknown.
        config_type: i8 [3.., ignorable],
        /// What the key means; null when not asked for.
        documentation: Option<Str> [3.., null 0.., ignorable, lossy],
    }

    /// A place that the value could come from.
    DescribeConfigsSynonym {
        /// The key there.
        name: Str [1..],
        /// The value there; null if it is sensitive or not set.
        value: Option<Str> [1.., null 0..],
        /// Which place it is.
        source: i8 [1..],
    }
}
