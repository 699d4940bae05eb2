//! The comparison itself: each thing that can differ is found, and named.

use kafka_proto::messages::SCHEMAS;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use super::compare::compare;

/// A message with a bit of everything, as its spec is in Kafka.
fn spec() -> Value {
    json!({
        "apiKey": 13, "type": "response", "name": "LeaveGroupResponse",
        "validVersions": "0-5", "flexibleVersions": "4+", "fields": [
            { "name": "ThrottleTimeMs", "type": "int32", "versions": "1+", "ignorable": true },
            { "name": "ErrorCode", "type": "int16", "versions": "0+" },
            { "name": "Members", "type": "[]MemberResponse", "versions": "3+", "fields": [
                { "name": "MemberId", "type": "string", "versions": "3+" },
                { "name": "GroupInstanceId", "type": "string", "versions": "3+", "nullableVersions": "3+" },
                { "name": "ErrorCode", "type": "int16", "versions": "3+" } ] } ]
    })
}

/// What comparing says of the spec after a part of it is another. `pointer` is its place, an index for an array's end
/// appends, and null removes.
fn doctored(pointer: &str, value: Value) -> Vec<String> {
    let mut spec = spec();
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match spec.pointer_mut(parent).unwrap() {
        Value::Object(object) if value.is_null() => drop(object.shift_remove(last)),
        Value::Object(object) => drop(object.insert(last.to_owned(), value)),
        Value::Array(array) if value.is_null() => drop(array.remove(last.parse().unwrap())),
        Value::Array(array) => array.insert(last.parse().unwrap(), value),
        other => panic!("{other} has no parts"),
    }
    let comparison = compare(&[spec], &BTreeSet::new(), SCHEMAS);
    comparison.differences.iter().map(ToString::to_string).collect()
}

#[test]
fn a_true_spec_has_no_differences() {
    let comparison = compare(&[spec()], &BTreeSet::new(), SCHEMAS);
    assert_eq!(comparison.differences, []);
    assert_eq!((comparison.compared.len(), comparison.fields, comparison.absent), (6, 23, 4));
}

#[test]
fn whatever_differs_is_named() {
    let check = |pointer: &str, value: Value, expected: &[&str]| {
        assert_eq!(doctored(pointer, value), expected, "{pointer}");
    };
    let renamed = json!("ForgetGroupResponse");
    check("/name", renamed, &["ForgetGroupResponse: an unknown response of key 13"]);
    check("/validVersions", json!("0-6"), &["LeaveGroupResponse 6: an unknown version"]);
    check("/apiKey", json!(95), &["LeaveGroupResponse: has key Some(13) here, Some(95) in Kafka"]);
    check("/type", json!("data"), &["LeaveGroupResponse: is a response here, a data in Kafka"]);
    check("/flexibleVersions", json!("5+"), &["LeaveGroupResponse 4: is flexible here: true"]);
    check("/fields/1/versions", json!("0-4"), &["LeaveGroupResponse 5: errorCode is not in Kafka"]);
    let new = json!({ "name": "New", "type": "int8", "versions": "5+" });
    check("/fields/3", new, &["LeaveGroupResponse 5: new is not here"]);
    check(
        "/fields/2/fields/1/nullableVersions",
        json!("3-4"),
        &[
            "LeaveGroupResponse 5: members.groupInstanceId: nullable is \"true\" here, \"false\" in Kafka",
        ],
    );
    check(
        "/fields/0/ignorable",
        Value::Null,
        &[
            "LeaveGroupResponse 0: throttleTimeMs: absent and ignorable here: true",
            "LeaveGroupResponse 1: throttleTimeMs: ignorable is \"true\" here, \"false\" in Kafka",
            "LeaveGroupResponse 2: throttleTimeMs: ignorable is \"true\" here, \"false\" in Kafka",
            "LeaveGroupResponse 3: throttleTimeMs: ignorable is \"true\" here, \"false\" in Kafka",
            "LeaveGroupResponse 4: throttleTimeMs: ignorable is \"true\" here, \"false\" in Kafka",
            "LeaveGroupResponse 5: throttleTimeMs: ignorable is \"true\" here, \"false\" in Kafka",
        ],
    );
}

/// Of one version, so that each difference is one line.
#[test]
fn every_attribute_counts() {
    let check = |pointer: &str, value: Value, expected: &str| {
        let found = doctored(pointer, value);
        let newest: Vec<_> =
            found.iter().filter(|it| it.starts_with("LeaveGroupResponse 5")).collect();
        assert_eq!(newest, [&format!("LeaveGroupResponse 5: {expected}")], "{pointer}");
    };
    check("/fields/1/type", json!("int32"), r#"errorCode: type is "int16" here, "int32" in Kafka"#);
    check(
        "/fields/2/type",
        json!("[]Member"),
        r#"members: type is "[]MemberResponse" here, "[]Member" in Kafka"#,
    );
    check("/fields/1/default", json!("-1"), r#"errorCode: default is "" here, "-1" in Kafka"#);
    check(
        "/fields/2/fields/0/nullableVersions",
        json!("3+"),
        r#"members.memberId: nullable is "false" here, "true" in Kafka"#,
    );
    check(
        "/fields/2/fields/0/flexibleVersions",
        json!("none"),
        r#"members.memberId: inflexible is "false" here, "true" in Kafka"#,
    );
    check("/fields/0/versions", json!("1-4"), "throttleTimeMs is not in Kafka");
    let first = json!({ "name": "ErrorCode", "type": "int16", "versions": "0+" });
    let mut spec = spec();
    let fields = spec["fields"].as_array_mut().unwrap();
    fields.remove(1);
    fields.insert(0, first);
    let comparison = compare(&[spec], &BTreeSet::new(), SCHEMAS);
    let expected =
        r#"LeaveGroupResponse 5: Kafka's order of fields is ["errorCode", "throttleTimeMs","#;
    let last = comparison.differences.last().unwrap().to_string();
    assert!(last.starts_with(expected), "{last}");
    let mut tagged = self::spec();
    tagged["fields"][0]["taggedVersions"] = json!("5+");
    tagged["fields"][0]["tag"] = json!("0");
    let comparison = compare(&[tagged], &BTreeSet::new(), SCHEMAS);
    let expected =
        r#"LeaveGroupResponse 5: throttleTimeMs: tag is "None" here, "Some(0)" in Kafka"#;
    assert_eq!(comparison.differences[0].to_string(), expected);
}
