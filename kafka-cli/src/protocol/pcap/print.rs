//! Exchanges as lines, for people or as JSON.

use std::fmt::Write;
use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::capture::Time;
use super::exchange::{Event, Exchange, Request, broker_release, errors};
use super::frames::Frame;
use super::secrets;

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer {
    /// As JSON, with the bodies.
    pub(super) json: bool,
    pub(super) show_secrets: bool,
}

impl Printer {
    /// The event as a line without its end.
    pub(super) fn line(self, event: &Event) -> String {
        match (self.json, event) {
            (false, Event::Tls { time, client, broker }) => {
                format!("{} {client} -> {broker} TLS, can't be read", utc(*time))
            }
            (true, Event::Tls { time, client, broker }) => {
                Value::Object(head(*time, *client, *broker, "tls")).to_string()
            }
            (false, Event::Exchange { client, broker, exchange }) => {
                format!("{} {client} -> {broker} {}", utc(exchange.time()), text(exchange))
            }
            (true, Event::Exchange { client, broker, exchange }) => {
                let head = head(exchange.time(), *client, *broker, exchange.name());
                Value::Object(self.object(head, exchange)).to_string()
            }
        }
    }

    fn object(self, mut line: Map<String, Value>, exchange: &Exchange) -> Map<String, Value> {
        match exchange {
            Exchange::Answered(request, response) => {
                self.put_request(&mut line, request);
                line.insert("response_bytes".into(), response.length.into());
                let latency = latency(request.frame.time, response.time);
                line.insert("latency_ms".into(), latency.into());
                let decoded = request.decode_response(response);
                if let Ok(decoded) = &decoded {
                    line.insert("errors".into(), json!(errors(decoded)));
                    if let Some(release) = broker_release(decoded) {
                        line.insert("broker_release".into(), release.into());
                    }
                }
                self.put(&mut line, "response", decoded);
            }
            Exchange::Silent(request) | Exchange::Unanswered(request) => {
                self.put_request(&mut line, request);
            }
            Exchange::Stray(response) => {
                line.insert("response_bytes".into(), response.length.into());
            }
            Exchange::Tokens { token, answer } => {
                line.insert("request_bytes".into(), token.length.into());
                self.put_token(&mut line, "request", token);
                if let Some(answer) = answer {
                    line.insert("response_bytes".into(), answer.length.into());
                    line.insert("latency_ms".into(), latency(token.time, answer.time).into());
                    self.put_token(&mut line, "response", answer);
                }
            }
        }
        line
    }

    fn put_request(self, line: &mut Map<String, Value>, request: &Request) {
        line.insert("api_key".into(), request.key.into());
        line.insert("api".into(), request.api.map(|api| api.name()).into());
        line.insert("version".into(), request.version.into());
        line.insert("correlation_id".into(), request.correlation.into());
        line.insert("request_bytes".into(), request.frame.length.into());
        self.put(line, "request", request.decode());
    }

    fn put(self, line: &mut Map<String, Value>, name: &str, decoded: Result<Value, String>) {
        match decoded {
            Ok(mut message) => {
                if !self.show_secrets {
                    secrets::hide(&mut message);
                }
                line.insert(name.into(), message);
            }
            Err(error) => {
                line.insert(format!("{name}_error"), error.into());
            }
        }
    }

    fn put_token(self, line: &mut Map<String, Value>, name: &str, token: &Frame) {
        if self.show_secrets {
            line.insert(format!("{name}_token"), STANDARD.encode(&token.bytes).into());
        }
    }
}

impl Exchange {
    /// When it began, as far as is known.
    fn time(&self) -> Time {
        match self {
            Self::Answered(request, _) | Self::Silent(request) | Self::Unanswered(request) => {
                request.frame.time
            }
            Self::Stray(frame) | Self::Tokens { token: frame, .. } => frame.time,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Answered(..) => "exchange",
            Self::Silent(_) => "no_response_wanted",
            Self::Unanswered(_) => "no_response",
            Self::Stray(_) => "no_request",
            Self::Tokens { .. } => "sasl_token",
        }
    }
}

/// What every line of JSON begins with.
fn head(time: Time, client: SocketAddr, broker: SocketAddr, kind: &str) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("time".into(), utc(time).into());
    line.insert("kind".into(), kind.into());
    line.insert("client".into(), client.to_string().into());
    line.insert("broker".into(), broker.to_string().into());
    line
}

fn text(exchange: &Exchange) -> String {
    match exchange {
        Exchange::Answered(request, response) => {
            let mut text = text_of_request(request);
            let latency = latency(request.frame.time, response.time);
            // Nothing can go wrong when a String is written to.
            let _ = write!(text, ", response {} B after {latency:.3} ms", response.length);
            match request.decode_response(response) {
                Ok(response) => {
                    if let Some(release) = broker_release(&response) {
                        let _ = write!(text, ", broker is {release}");
                    }
                    for (error, count) in errors(&response) {
                        let _ = match count {
                            1 => write!(text, ", {error}"),
                            _ => write!(text, ", {error} x{count}"),
                        };
                    }
                }
                Err(error) => {
                    let _ = write!(text, ", unreadable: {error}");
                }
            }
            text
        }
        Exchange::Silent(request) => format!("{}, no response wanted", text_of_request(request)),
        Exchange::Unanswered(request) => format!("{}, no response", text_of_request(request)),
        Exchange::Stray(response) => {
            format!("response {} B to a request that was not captured", response.length)
        }
        Exchange::Tokens { token, answer: Some(answer) } => {
            let latency = latency(token.time, answer.time);
            let (sent, received) = (token.length, answer.length);
            format!("SASL token {sent} B, answer {received} B after {latency:.3} ms")
        }
        Exchange::Tokens { token, answer: None } => {
            format!("SASL token {} B, no answer", token.length)
        }
    }
}

fn text_of_request(request: &Request) -> String {
    let name = match request.api {
        Some(api) => api.name().to_owned(),
        None => format!("API {}", request.key),
    };
    let Request { version, correlation, frame, .. } = request;
    let mut text = format!("{name} v{version} id {correlation} request {} B", frame.length);
    if frame.missing() > 0 {
        let _ = write!(text, " ({} B not captured)", frame.missing());
    }
    text
}

/// Milliseconds from the last byte of the request to that of the response.
fn latency(request: Time, response: Time) -> f64 {
    let microseconds = response.saturating_sub(request) / 1_000;
    microseconds as f64 / 1_000.0
}

/// A point in time as RFC 3339 writes it, in microseconds.
fn utc(time: Time) -> String {
    let seconds = time.div_euclid(1_000_000_000);
    let microseconds = time.rem_euclid(1_000_000_000) / 1_000;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{microseconds:06}Z")
}

/// Year, month and day, so many days after the first of 1970.
fn date(days: i64) -> (i64, i64, i64) {
    // Counted from the first of March of a year that 400 divides, so that leap days are the last of their year.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + later, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_dates() {
        let check = |time: Time, expected: &str| assert_eq!(utc(time), expected);
        check(0, "1970-01-01T00:00:00.000000Z");
        check(951_782_399_999_999_000, "2000-02-28T23:59:59.999999Z");
        check(951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z");
        check(1_709_164_800_000_000_000, "2024-02-29T00:00:00.000000Z");
        check(1_700_000_000_123_456_789, "2023-11-14T22:13:20.123456Z");
        check(-1_000, "1969-12-31T23:59:59.999999Z");
        check(Time::MAX, "2262-04-11T23:47:16.854775Z");
        check(Time::MIN, "1677-09-21T00:12:43.145224Z");
    }
}
