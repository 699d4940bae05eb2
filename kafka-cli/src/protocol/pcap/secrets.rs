//! What is in messages and must not be printed: passwords, tokens, keys, and what they could be guessed from.

use kafka_proto::Uuid;
use serde_json::{Map, Value};

/// What stands in place of a secret.
const HIDDEN: &str = "(hidden)";

/// Fields that hold a secret in whatever message has them: SaslAuthenticate; delegation tokens;
/// AlterUserScramCredentials; requests inside Envelope; snapshots of the cluster's metadata, which has the users' keys.
const SECRET_FIELDS: [&str; 7] = [
    "authBytes",
    "hmac",
    "salt",
    "saltedPassword",
    "requestData",
    "responseData",
    "unalignedRecords",
];

/// Words in the name of a setting whose value is a secret.
const SECRET_SETTINGS: [&str; 6] = ["password", "secret", "jaas", "credential", "token", ".key"];

/// The topic whose records are the cluster's metadata, and its id.
const METADATA_TOPIC: &str = "__cluster_metadata";
const METADATA_TOPIC_ID: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/// Replaces every secret in a message.
pub(super) fn hide(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(hide),
        Value::Object(fields) => {
            let has_secret_setting = names_secret_setting(fields);
            let is_metadata = names_metadata(fields);
            for (name, value) in fields {
                let is_secret =
                    SECRET_FIELDS.contains(&name.as_str()) || has_secret_setting && name == "value";
                if is_secret && !value.is_null() {
                    *value = HIDDEN.into();
                } else if is_metadata {
                    hide_records(value);
                }
                hide(value);
            }
        }
        _ => {}
    }
}

fn names_secret_setting(fields: &Map<String, Value>) -> bool {
    let name = fields.get("name").and_then(Value::as_str).map(str::to_ascii_lowercase);
    name.is_some_and(|name| SECRET_SETTINGS.iter().any(|word| name.contains(word)))
}

fn names_metadata(fields: &Map<String, Value>) -> bool {
    let id = Uuid(METADATA_TOPIC_ID).to_string();
    fields.iter().any(|(name, value)| match name.as_str() {
        "topic" | "name" => value == METADATA_TOPIC,
        "topicId" => value.as_str() == Some(&id),
        _ => false,
    })
}

fn hide_records(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(hide_records),
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "records" if !value.is_null() => *value = HIDDEN.into(),
                    _ => hide_records(value),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_hidden_and_nothing_else() {
        let check = |mut value: Value, expected: Value| {
            hide(&mut value);
            assert_eq!(value, expected);
        };
        check(json!({"body": {"authBytes": "AHU="}}), json!({"body": {"authBytes": HIDDEN}}));
        check(
            json!({"tokens": [{"tokenId": "t", "hmac": "AAAA"}]}),
            json!({"tokens": [{"tokenId": "t", "hmac": HIDDEN}]}),
        );
        check(
            json!({"upsertions": [{"name": "u", "salt": "AA", "saltedPassword": "AA", "iterations": 4096}]}),
            json!({"upsertions": [{"name": "u", "salt": HIDDEN, "saltedPassword": HIDDEN, "iterations": 4096}]}),
        );
        check(
            json!([{"name": "ssl.keystore.password", "value": "x"}, {"name": "sasl.jaas.config", "value": null}]),
            json!([{"name": "ssl.keystore.password", "value": HIDDEN}, {"name": "sasl.jaas.config", "value": null}]),
        );
        let setting = json!({"name": "retention.ms", "value": "1000"});
        check(setting.clone(), setting);
        let records = json!({"topic": "t", "partitions": [{"records": "AAAA"}]});
        check(records.clone(), records);
        for topic in [
            json!({"topic": METADATA_TOPIC, "partitions": [{"index": 0, "records": "AAAA"}]}),
            json!({"topicId": "AAAAAAAAAAAAAAAAAAAAAQ", "partitions": [{"index": 0, "records": "AAAA"}]}),
        ] {
            let mut hidden = topic.clone();
            hide(&mut hidden);
            assert_eq!(hidden.pointer("/partitions/0/records"), Some(&json!(HIDDEN)), "{topic}");
            assert_eq!(hidden.pointer("/partitions/0/index"), Some(&json!(0)));
        }
    }
}
