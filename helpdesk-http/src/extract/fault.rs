//! From the faults of JSON to problems.

use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::problem::Problem;

/// Reads a whole JSON text, and says precisely what is wrong with it if something is.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("the text is not valid UTF-8"))?;
    if nests_deeper_than(DEPTH_LIMIT, bytes) {
        return Err(malformed(format!("nested too deeply: at most {DEPTH_LIMIT} levels")));
    }
    // A struct would take its fields from an array too, in the order in which they happen to be declared.
    if text.trim_start().starts_with('[') {
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "must be an object, not an array"));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        // A value of another type where a name of a list should be is a fault of syntax to serde_json, but not to JSON.
        match error.classify() {
            Category::Syntax if serde_json::from_str::<serde_json::Value>(text).is_ok() => of_field(&path, "must be a text: one of a list"),
            _ => of(&path, &error),
        }
    })?;
    reader.end().map_err(|error| of("", &error))?;
    Ok(value)
}

/// No request needs more than four levels.
const DEPTH_LIMIT: usize = 32;

/// Counts brackets outside of strings; whether they match is the parser's to say.
fn nests_deeper_than(limit: usize, bytes: &[u8]) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed_json", detail)
}

fn of(path: &str, error: &serde_json::Error) -> Problem {
    match error.classify() {
        Category::Data => of_field(path, &error.to_string()),
        Category::Syntax | Category::Eof | Category::Io => malformed(format!("this is not JSON: {error}")),
    }
}

/// The problem of a field, from what serde says of it. Its messages are stable, and tested below.
pub(crate) fn of_field(path: &str, message: &str) -> Problem {
    let message = message.split(" at line ").next().unwrap_or(message);
    let path = if path == "." { "" } else { path };
    let (code, named) = if let Some(name) = named_in(message, "unknown field `") {
        ("unknown_field", Some(name))
    } else {
        ("invalid", named_in(message, "missing field `").or_else(|| named_in(message, "duplicate field `")))
    };
    let field = match named {
        // The path may or may not have got as far as the name itself.
        Some(name) if path.is_empty() => name.to_owned(),
        Some(name) if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        Some(name) => format!("{path}.{name}"),
        None => path.to_owned(),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, message).field(field)
}

fn named_in<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = message.split_once(before)?;
    rest.split('`').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "text")]
        _text: String,
        #[serde(default, rename = "inner")]
        _inner: Option<Inner>,
        #[serde(default, rename = "colour")]
        _colour: Option<Colour>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Colour {
        Red,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "number")]
        _number: u64,
    }

    fn fault(text: &[u8]) -> (u16, String, Option<String>) {
        let problem = serde_json::to_value(parse::<Outer>(text).unwrap_err()).unwrap();
        let text = |name: &str| problem[name].as_str().map(str::to_owned);
        (problem["status"].as_u64().unwrap() as u16, text("code").unwrap(), text("field"))
    }

    fn field(code: &str, field: &str) -> (u16, String, Option<String>) {
        (422, code.to_owned(), Some(field.to_owned()))
    }

    #[test]
    fn unknown_fields_are_named_with_their_path() {
        assert_eq!(fault(br#"{"text":"a","size":1}"#), field("unknown_field", "size"));
        assert_eq!(fault(br#"{"text":"a","inner":{"numbr":1}}"#), field("unknown_field", "inner.numbr"));
    }

    #[test]
    fn missing_double_and_wrong_fields_are_named() {
        assert_eq!(fault(b"{}"), field("invalid", "text"));
        assert_eq!(fault(br#"{"text":"a","inner":{}}"#), field("invalid", "inner.number"));
        assert_eq!(fault(br#"{"text":"a","text":"b"}"#), field("invalid", "text"));
        assert_eq!(fault(br#"{"text":5}"#), field("invalid", "text"));
        for colour in ["1", "true", "\"green\"", "{}", "[]"] {
            assert_eq!(fault(format!(r#"{{"text":"a","colour":{colour}}}"#).as_bytes()), field("invalid", "colour"), "{colour}");
        }
        let red = parse::<Outer>(br#"{"text":"a","colour":"red"}"#).unwrap();
        assert!(matches!(red._colour, Some(Colour::Red)));
        assert_eq!(fault(br#"{"text":"a","inner":{"number":-1}}"#), field("invalid", "inner.number"));
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let deep = format!("{{\"text\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let texts: [&[u8]; 8] = [
            b"",
            b"{",
            b"{\"text\":\"a\"} x",
            b"\xff\xfe",
            b"{\"text\":\"\xc3\x28\"}",
            br#"{"text":"\ud800"}"#,
            b"{\"text\":\"a\x01\"}",
            deep.as_bytes(),
        ];
        for text in texts {
            let (status, code, _) = fault(text);
            assert_eq!((status, code.as_str()), (400, "malformed_json"), "{:?}", String::from_utf8_lossy(&text[..text.len().min(40)]));
        }
    }

    #[test]
    fn brackets_in_strings_are_no_nesting() {
        let text = format!(r#"{{"text":"\"{}"}}"#, "[".repeat(1000));
        assert!(parse::<Outer>(text.as_bytes()).is_ok());
    }

    #[test]
    fn a_body_that_is_no_object_is_invalid() {
        assert_eq!(fault(b"[]").0, 422);
        assert_eq!(fault(b" [\"text\"]").0, 422);
        assert_eq!(fault(b"null").0, 422);
        assert_eq!(fault(b"\"text\"").0, 422);
    }
}
