//! What went wrong, as the engine must know it: whether trying again may help, and when.
//!
//! Only statuses and error codes are told, never a provider's message: messages quote keys and texts.

use std::time::Duration;

use helpdesk_core::ai::AiError;
use helpdesk_core::clock::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::http::PrivateAddress;

/// A provider that wants more patience than this is taken to want this much.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// The fault that an HTTP answer with an error status stands for. `body` is its beginning.
pub(super) fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8], now: Timestamp) -> AiError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // A list with one object around the error is Google's way.
    let body = body.get(0).unwrap_or(&body);
    classify(Some(status), body.get("error").unwrap_or(body), retry_after(headers, now))
}

/// The fault that an error object in the middle of a stream stands for.
pub(super) fn reported(error: &Value) -> AiError {
    let number = |name| error.get(name).and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let status = number("code").or_else(|| number("status")).and_then(|code| StatusCode::from_u16(code).ok());
    classify(status, error, None)
}

/// The fault of a connection.
pub(super) fn transport(error: &reqwest::Error) -> AiError {
    if PrivateAddress::is_cause_of(error) {
        return AiError::Permanent { detail: format!("{PrivateAddress}, which is not allowed") };
    }
    AiError::unavailable(if error.is_timeout() {
        "the connection timed out"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection failed"
    })
}

fn classify(status: Option<StatusCode>, error: &Value, retry_after: Option<Duration>) -> AiError {
    let codes: Vec<&str> =
        ["type", "code", "status"].into_iter().filter_map(|name| error.get(name)?.as_str()).filter(|code| is_code(code)).collect();
    let mut detail = status.map_or_else(|| "the provider reported an error".to_owned(), |status| format!("HTTP {}", status.as_u16()));
    if !codes.is_empty() {
        detail = format!("{detail} ({})", codes.join(", "));
    }
    let no_quota = codes.iter().any(|code| matches!(*code, "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active"));
    let retryable = match status {
        Some(status) => {
            status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED || matches!(status.as_u16(), 408 | 409 | 425 | 429)
        }
        None => !codes
            .iter()
            .any(|code| matches!(*code, "invalid_request_error" | "authentication_error" | "invalid_api_key" | "model_not_found")),
    };
    if retryable && !no_quota { AiError::Unavailable { detail, retry_after } } else { AiError::Permanent { detail } }
}

/// Whether a text is an error code and not prose, which may quote anything. Keys have capitals, digits and hyphens.
fn is_code(text: &str) -> bool {
    (1..=48).contains(&text.len())
        && (text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            || text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

/// How long the provider wants to be left alone: in milliseconds, in seconds, or until a point in time.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let moment = |text: &str| chrono::DateTime::parse_from_rfc2822(text).ok();
    let wait = if let Some(milliseconds) = text("retry-after-ms").and_then(number) {
        Duration::from_secs_f64(milliseconds.min(1e9) / 1000.0)
    } else {
        let value = text(RETRY_AFTER.as_str())?;
        match number(value) {
            Some(seconds) => Duration::from_secs_f64(seconds.min(1e9)),
            // By the provider's own clock where it tells it: ours may differ.
            None => (moment(value)?.to_utc() - text(DATE.as_str()).and_then(moment).map_or(now, |date| date.to_utc()))
                .to_std()
                .unwrap_or_default(),
        }
    };
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use rstest::rstest;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[rstest]
    #[case(429, r#"{"error":{"type":"rate_limit_error","message":"slow down"}}"#, true)]
    #[case(429, r#"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#, false)]
    #[case(400, r#"{"error":{"code":"insufficient_quota"}}"#, false)]
    #[case(400, r#"{"error":{"code":"context_length_exceeded"}}"#, false)]
    #[case(401, "", false)]
    #[case(402, "", false)]
    #[case(403, "<html>", false)]
    #[case(404, r#"[{"error":{"status":"NOT_FOUND"}}]"#, false)]
    #[case(408, "", true)]
    #[case(409, "", true)]
    #[case(422, "null", false)]
    #[case(301, "", false)]
    #[case(500, "{", true)]
    #[case(503, "[]", true)]
    #[case(529, r#"{"type":"error"}"#, true)]
    fn a_status_says_whether_to_try_again(#[case] status: u16, #[case] body: &str, #[case] retryable: bool) {
        let fault = refused(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), Timestamp::UNIX_EPOCH);
        assert_eq!(fault.is_retryable(), retryable, "{fault}");
        assert!(fault.to_string().contains(&status.to_string()));
    }

    #[test]
    fn neither_messages_nor_keys_are_told() {
        let body =
            r#"{"error":{"message":"Incorrect API key provided: sk-abc. You said: my secret","type":"sk-abc","code":"invalid_api_key"}}"#;
        let fault = refused(StatusCode::UNAUTHORIZED, &HeaderMap::new(), body.as_bytes(), Timestamp::UNIX_EPOCH).to_string();
        assert_eq!(fault, "the assistant cannot answer: HTTP 401 (invalid_api_key)");
    }

    #[rstest]
    #[case(&[("retry-after", "7")], Some(7_000))]
    #[case(&[("retry-after", "1.5")], Some(1_500))]
    #[case(&[("retry-after-ms", "250"), ("retry-after", "9")], Some(250))]
    #[case(&[("retry-after", "Thu, 01 Jan 1970 00:01:00 GMT")], Some(60_000))]
    #[case(&[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), ("date", "Fri, 31 Dec 1999 23:59:50 GMT")], Some(9_000))]
    #[case(&[("retry-after", "Fri, 31 Dec 1999 23:59:50 GMT"), ("date", "Fri, 31 Dec 1999 23:59:59 GMT")], Some(0))]
    #[case(&[("retry-after", "1e300")], Some(86_400_000))]
    #[case(&[("retry-after", "-5")], None)]
    #[case(&[("retry-after", "NaN")], None)]
    #[case(&[("retry-after", "soon")], None)]
    #[case(&[], None)]
    fn the_wait_is_read_in_every_form(#[case] pairs: &[(&'static str, &'static str)], #[case] milliseconds: Option<u64>) {
        let fault = refused(StatusCode::TOO_MANY_REQUESTS, &headers(pairs), b"", Timestamp::UNIX_EPOCH);
        let AiError::Unavailable { retry_after, .. } = fault else { panic!("{fault}") };
        assert_eq!(retry_after, milliseconds.map(Duration::from_millis));
    }

    #[test]
    fn errors_within_a_stream_are_told_apart() {
        assert!(reported(&serde_json::json!({"message": "overloaded", "type": "server_error"})).is_retryable());
        assert!(reported(&serde_json::json!({"code": 429})).is_retryable());
        assert!(reported(&serde_json::json!("oops")).is_retryable());
        assert!(!reported(&serde_json::json!({"code": "insufficient_quota"})).is_retryable());
        assert!(!reported(&serde_json::json!({"code": 401})).is_retryable());
    }
}
