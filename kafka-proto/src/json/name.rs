//! Names of fields in JSON.

use alloc::string::String;

/// Kafka's name of a field in JSON, from its name in the schema: `throttleTimeMs` for `throttle_time_ms`.
#[must_use]
pub fn field_name(snake_case: &str) -> String {
    let mut name = String::new();
    camel_case(snake_case, &mut name);
    name
}

/// Like [`field_name`], into a string that exists already.
pub(super) fn camel_case(snake_case: &str, name: &mut String) {
    // A name that is a keyword of Rust is written as a raw identifier.
    let snake_case = snake_case.strip_prefix("r#").unwrap_or(snake_case);
    name.clear();
    name.reserve_exact(snake_case.len());
    let mut capital = false;
    for letter in snake_case.chars() {
        match letter {
            '_' => capital = true,
            _ if core::mem::take(&mut capital) => name.push(letter.to_ascii_uppercase()),
            _ => name.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kafkas() {
        for (schema, json) in [
            ("topics", "topics"),
            ("throttle_time_ms", "throttleTimeMs"),
            ("k_raft_version", "kRaftVersion"),
            ("v0_host", "v0Host"),
            ("r#type", "type"),
        ] {
            assert_eq!(field_name(schema), json);
        }
    }
}
