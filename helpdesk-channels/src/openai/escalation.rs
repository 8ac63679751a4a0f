//! The one tool of the model: to ask for a human. Its declaration, and its calls, well formed or not.

use async_openai::types::chat::FunctionObject;
use helpdesk_core::ai::Escalation;
use helpdesk_core::model::Priority;
use helpdesk_core::model::text::{LINE_LIMIT, preview};
use serde_json::{Map, Value, json};

/// The tool's name.
pub(super) const TOOL_NAME: &str = "escalate_to_human";

const REASON_LIMIT: usize = 1_000;
/// How many places of a text are tried as the beginning of JSON.
const JSON_ATTEMPTS: usize = 32;

/// The tool as it is offered.
pub(super) fn function() -> FunctionObject {
    FunctionObject {
        name: TOOL_NAME.to_owned(),
        description: Some("Asks a human of the support team to take over this conversation.".to_owned()),
        parameters: Some(json!({
            "type": "object",
            "properties": {
                "reason": {"type": "string", "description": "Why a human is needed, for the team."},
                "subject": {"type": "string", "description": "What it is about, in one short line, in the team's words."},
                "priority": {"type": "string", "enum": ["low", "normal", "high", "urgent"], "description": "Only if it differs from the usual."}
            },
            "required": ["reason", "subject"],
            "additionalProperties": false
        })),
        strict: None,
    }
}

/// A proper call. Whatever its arguments are worth, a human was asked for; `question` stands in for a missing subject.
pub(super) fn from_call(arguments: &str, question: &str) -> Escalation {
    let arguments: Map<String, Value> = serde_json::from_str(arguments).unwrap_or_default();
    from_arguments(&arguments, question).unwrap_or_else(|| escalation("", "", None, question))
}

/// A call that the model wrote as text, in one of the many ways of models. None if it is not a valid one of this tool.
pub(super) fn from_text(text: &str, question: &str) -> Option<Escalation> {
    if !text.contains(TOOL_NAME) {
        return None;
    }
    json_values(text).find_map(|value| arguments_in(&value)).and_then(|arguments| from_arguments(&arguments, question)).or_else(|| {
        let [reason, subject, priority] = ["reason", "subject", "priority"].map(|name| field(text, name).unwrap_or_default());
        (!reason.is_empty() || !subject.is_empty()).then(|| escalation(reason, subject, Some(priority), question))
    })
}

fn from_arguments(arguments: &Map<String, Value>, question: &str) -> Option<Escalation> {
    let text = |name: &str| arguments.get(name).and_then(Value::as_str).unwrap_or_default();
    let (reason, subject) = (text("reason"), text("subject"));
    (!reason.trim().is_empty() || !subject.trim().is_empty()).then(|| escalation(reason, subject, Some(text("priority")), question))
}

fn escalation(reason: &str, subject: &str, priority: Option<&str>, question: &str) -> Escalation {
    let clean = |text: &str, limit: usize| preview(&text.replace(|c: char| c.is_control() && !c.is_whitespace(), ""), limit);
    let either = |texts: [&str; 3], limit: usize| {
        texts
            .into_iter()
            .map(|text| clean(text, limit))
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| "The assistant asked for a human".to_owned())
    };
    Escalation {
        reason: either([reason, subject, ""], REASON_LIMIT),
        subject: either([subject, reason, question], LINE_LIMIT),
        priority: priority.and_then(parse_priority),
    }
}

fn parse_priority(text: &str) -> Option<Priority> {
    match text.trim().to_ascii_lowercase().as_str() {
        "low" => Some(Priority::Low),
        "normal" | "medium" => Some(Priority::Normal),
        "high" => Some(Priority::High),
        "urgent" | "critical" => Some(Priority::Urgent),
        _ => None,
    }
}

/// The JSON objects and lists in a text, wherever they stand.
fn json_values(text: &str) -> impl Iterator<Item = Value> + '_ {
    let mut rest = text;
    let mut attempts = 0;
    std::iter::from_fn(move || {
        while attempts < JSON_ATTEMPTS {
            attempts += 1;
            rest = &rest[rest.find(['{', '['])?..];
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
            if let Some(Ok(value)) = values.next() {
                rest = &rest[values.byte_offset()..];
                return Some(value);
            }
            rest = &rest[1..];
        }
        None
    })
}

/// The arguments of a call of this tool, in whatever envelope; or, in a text that names the tool elsewhere, the arguments alone.
fn arguments_in(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Array(values) => values.iter().find_map(arguments_in),
        Value::Object(object) => {
            let function = object.get("function").and_then(Value::as_object).unwrap_or(object);
            let arguments = ["arguments", "parameters", "args", "input"].into_iter().find_map(|name| function.get(name));
            match arguments {
                Some(Value::Object(arguments)) => return Some(arguments.clone()),
                Some(Value::String(text)) => return serde_json::from_str(text).ok(),
                _ => {}
            }
            if object.contains_key("reason") || object.contains_key("subject") {
                return Some(object.clone());
            }
            object.values().find_map(arguments_in)
        }
        _ => None,
    }
}

/// The value of a field in a call that is no JSON: `reason="..."`, `<parameter=reason>...</parameter>`, `<reason>...</reason>`,
/// `<arg_key>reason</arg_key><arg_value>...</arg_value>`.
fn field<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).find_map(|(at, _)| {
        let after = &text[at + name.len()..];
        if text[..at].ends_with(is_word) || after.starts_with(is_word) {
            return None;
        }
        value_after(after)
    })
}

fn value_after(mut rest: &str) -> Option<&str> {
    let (mut separator, mut quote) = (None, None);
    loop {
        if let Some(after) = ["</arg_key>", "<arg_value>"].into_iter().find_map(|tag| rest.strip_prefix(tag)) {
            (rest, separator, quote) = (after, Some('>'), None);
            continue;
        }
        let next = rest.chars().next()?;
        match next {
            '=' | ':' | '>' => (separator, quote) = (Some(next), None),
            '"' | '\'' if separator != Some('>') && quote.is_none() => quote = Some(next),
            next if next.is_whitespace() => {}
            _ => break,
        }
        rest = &rest[next.len_utf8()..];
    }
    let end = match (separator?, quote) {
        ('>', _) => rest.find('<'),
        (_, Some(quote)) => rest.char_indices().find(|(at, c)| *c == quote && !rest[..*at].ends_with('\\')).map(|(at, _)| at),
        _ => rest.find([',', ')', '}', '\n', '<']),
    };
    Some(rest[..end.unwrap_or(rest.len())].trim())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::hermes(r#"<tool_call>{"name": "escalate_to_human", "arguments": {"reason": "angry", "subject": "Refund", "priority": "high"}}</tool_call>"#)]
    #[case::text_arguments(
        r#"{"name":"escalate_to_human","arguments":"{\"reason\":\"angry\",\"subject\":\"Refund\",\"priority\":\"high\"}"}"#
    )]
    #[case::llama(r#"<function=escalate_to_human>{"reason": "angry", "subject": "Refund", "priority": "HIGH"}</function>"#)]
    #[case::mistral(
        r#"[TOOL_CALLS][{"name": "escalate_to_human", "arguments": {"reason": "angry", "subject": "Refund", "priority": "high"}}]"#
    )]
    #[case::mistral_newer(r#"[TOOL_CALLS]escalate_to_human[ARGS]{"reason": "angry", "subject": "Refund", "priority": "high"}"#)]
    #[case::envelope(r#"{"tool_calls":[{"type":"function","function":{"name":"escalate_to_human","arguments":{"reason":"angry","subject":"Refund","priority":"high"}}}]}"#)]
    #[case::python(r#"functions.escalate_to_human(reason="angry", subject='Refund', priority="high")"#)]
    #[case::python_with_object(r#"escalate_to_human({"reason": "angry", "subject": "Refund", "priority": "high"})"#)]
    #[case::qwen_coder(
        "<tool_call>\n<function=escalate_to_human>\n<parameter=reason>\nangry\n</parameter>\n<parameter=subject>\nRefund\n</parameter><parameter=priority>high</parameter></function></tool_call>"
    )]
    #[case::glm(
        "<tool_call>escalate_to_human\n<arg_key>reason</arg_key>\n<arg_value>angry</arg_value><arg_key>subject</arg_key><arg_value>Refund</arg_value><arg_key>priority</arg_key><arg_value>high</arg_value></tool_call>"
    )]
    #[case::invoke(r#"<invoke name="escalate_to_human"><parameter name="reason">angry</parameter><parameter name="subject">Refund</parameter><parameter name="priority">high</parameter></invoke>"#)]
    #[case::react("Action: escalate_to_human\nAction Input: {\"reason\": \"angry\", \"subject\": \"Refund\", \"priority\": \"high\"}")]
    fn a_call_written_as_text_is_understood(#[case] text: &str) {
        let expected = Escalation { reason: "angry".to_owned(), subject: "Refund".to_owned(), priority: Some(Priority::High) };
        assert_eq!(from_text(text, "question"), Some(expected));
    }

    #[rstest]
    #[case("escalate_to_human")]
    #[case("<tool_call>{\"name\": \"other_tool\", \"arguments\": {\"reason\": \"x\"}}</tool_call>")]
    #[case("<tool_call>{\"name\": \"escalate_to_human\", \"arguments\": {}}</tool_call>")]
    #[case("escalate_to_human({[{[{[")]
    #[case("escalate_to_human(reason")]
    #[case("escalate_to_human(reason=\"\", subject=\"\")")]
    #[case("")]
    fn what_is_no_valid_call_is_none(#[case] text: &str) {
        assert_eq!(from_text(text, "question"), None);
    }

    #[test]
    fn a_proper_call_with_broken_arguments_still_asks_for_a_human() {
        let broken = from_call("{\"reason\": ", "Where is my\nparcel?");
        assert_eq!((broken.reason.as_str(), broken.subject.as_str()), ("The assistant asked for a human", "Where is my parcel?"));
        let odd = from_call(r#"{"reason": "a\u0000\nb", "subject": 7, "priority": "sky-high"}"#, "");
        assert_eq!((odd.reason.as_str(), odd.subject.as_str(), odd.priority), ("a b", "a b", None));
        let long = from_call(&json!({"reason": "r".repeat(5_000), "subject": "s".repeat(5_000)}).to_string(), "");
        assert_eq!((long.reason.chars().count(), long.subject.chars().count()), (REASON_LIMIT, LINE_LIMIT));
    }
}
