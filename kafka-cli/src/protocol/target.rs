//! Which message is meant.

use clap::ValueEnum;
use kafka_proto::{
    ApiKey, messages,
    schema::{MessageKind, MessageSchema},
};

/// An API with its request and response, or one message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// An API, by name or key.
    Api(ApiKey),
    /// A request, a response, a header or a data message, by name.
    Message(&'static MessageSchema),
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// From the client to the broker.
    Request,
    /// From the broker to the client.
    Response,
}

impl Target {
    /// Reads an API's name or key, or a message's name, in any case.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(key) = text.parse::<i16>() {
            return api(key).map(Self::Api);
        }
        let same = |name: &str| name.eq_ignore_ascii_case(text);
        if let Some(api) = ApiKey::ALL.iter().find(|api| same(api.name())) {
            return Ok(Self::Api(*api));
        }
        message(text).map(Self::Message)
    }

    /// The message's schema. An API needs to be told which of its two is meant, anything else doesn't.
    pub(crate) fn schema(self, kind: Option<Kind>) -> Result<&'static MessageSchema, String> {
        match (self, kind) {
            (Self::Api(api), Some(kind)) => api_schema(api, kind),
            (Self::Api(api), None) => {
                Err(format!("{api} has a request and a response; choose one with --kind"))
            }
            (Self::Message(schema), None) => Ok(schema),
            (Self::Message(schema), Some(kind)) if schema.kind == kind.of_schema() => Ok(schema),
            (Self::Message(schema), Some(kind)) => {
                Err(format!("{} is no {}", schema.name, kind.name()))
            }
        }
    }
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }

    fn of_schema(self) -> MessageKind {
        match self {
            Self::Request => MessageKind::Request,
            Self::Response => MessageKind::Response,
        }
    }
}

/// The API with this key.
pub(crate) fn api(key: i16) -> Result<ApiKey, String> {
    ApiKey::from_i16(key).ok_or_else(|| format!("there is no API {key}; see `kafka protocol list`"))
}

/// The message with this name, in any case.
pub(crate) fn message(name: &str) -> Result<&'static MessageSchema, String> {
    let found = messages::SCHEMAS.iter().find(|schema| schema.name.eq_ignore_ascii_case(name));
    found.copied().ok_or_else(|| format!("there is no {name}; see `kafka protocol list`"))
}

/// An API's request or response.
pub(crate) fn api_schema(api: ApiKey, kind: Kind) -> Result<&'static MessageSchema, String> {
    let schema = messages::api_schema(api, kind.of_schema());
    schema.ok_or_else(|| format!("{api} has no {}", kind.name()))
}

/// What is good for neither a request nor a response: group metadata, control records, principals.
pub(crate) fn data_messages() -> impl Iterator<Item = &'static MessageSchema> {
    messages::SCHEMAS.iter().copied().filter(|schema| schema.kind == MessageKind::Data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_are_found() {
        let check = |text: &str, kind: Option<Kind>, expected: Result<&str, &str>| {
            let found = Target::parse(text).and_then(|target| target.schema(kind));
            let found = found.map(|schema| schema.name);
            match expected {
                Ok(name) => assert_eq!(found, Ok(name), "{text}"),
                Err(part) => assert!(found.is_err_and(|error| error.contains(part)), "{text}"),
            }
        };
        check("Fetch", Some(Kind::Request), Ok("FetchRequest"));
        check("fetch", Some(Kind::Response), Ok("FetchResponse"));
        check("18", Some(Kind::Response), Ok("ApiVersionsResponse"));
        check("FetchResponse", None, Ok("FetchResponse"));
        check("consumerprotocolsubscription", None, Ok("ConsumerProtocolSubscription"));
        check("Fetch", None, Err("choose one"));
        check("FetchResponse", Some(Kind::Request), Err("is no request"));
        check("EndTxnMarker", Some(Kind::Request), Err("is no request"));
        check("9999", None, Err("no API 9999"));
        check("-1", None, Err("no API -1"));
        check("Fetches", None, Err("no Fetches"));
        check("", None, Err("there is no"));
    }
}
