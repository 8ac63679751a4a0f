//! A piece of a streamed completion, read leniently: servers leave out what they think nobody needs, and add what they like.

use serde::Deserialize;
use serde_json::Value;

/// What the data of an event says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    /// An error in the middle of the stream, as several servers report it.
    #[serde(default)]
    pub(super) error: Option<Value>,
}

impl Chunk {
    /// The one choice that was asked for. Chunks that only count tokens have none.
    pub(super) fn into_choice(self) -> Option<Choice> {
        self.choices.into_iter().flatten().find(|choice| choice.index.unwrap_or(0) == 0)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    pub(super) delta: Option<ChoiceDelta>,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ChoiceDelta {
    #[serde(default)]
    content: Option<Content>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<ToolCallDelta>>,
    /// The older form of a tool call.
    #[serde(default)]
    function_call: Option<FunctionDelta>,
}

impl ChoiceDelta {
    /// What is meant for the contact. What a model thinks before it answers is not.
    pub(super) fn text(&self) -> String {
        let content = match &self.content {
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(parts)) => parts.iter().filter_map(ContentPart::text).collect(),
            Some(Content::Other(_)) | None => String::new(),
        };
        // A model that declines says so in a field of its own.
        content + self.refusal.as_deref().unwrap_or_default()
    }

    /// The pieces of tool calls, the older form among them.
    pub(super) fn into_tool_calls(self) -> Vec<ToolCallDelta> {
        let older = self.function_call.map(|function| ToolCallDelta { index: Some(0), id: None, function: Some(function) });
        self.tool_calls.unwrap_or_default().into_iter().chain(older).collect()
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<ContentPart>),
    Other(serde::de::IgnoredAny),
}

#[derive(Debug, Deserialize)]
struct ContentPart {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    text: Option<String>,
}

impl ContentPart {
    fn text(&self) -> Option<&str> {
        self.text.as_deref().filter(|_| self.kind.as_deref().is_none_or(|kind| kind == "text"))
    }
}

/// A piece of a tool call.
#[derive(Debug, Deserialize)]
pub(super) struct ToolCallDelta {
    /// Which call it continues. Some servers leave it out.
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) function: Option<FunctionDelta>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FunctionDelta {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    arguments: Option<Value>,
}

impl FunctionDelta {
    /// The next piece of the arguments' JSON. Some servers send an object instead of its text.
    pub(super) fn arguments(&self) -> String {
        match &self.arguments {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(value) => value.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(json: &str) -> ChoiceDelta {
        serde_json::from_str::<Chunk>(json).unwrap().into_choice().unwrap().delta.unwrap()
    }

    #[test]
    fn text_is_found_in_every_form() {
        assert_eq!(delta(r#"{"choices":[{"delta":{"content":"Hi"}}]}"#).text(), "Hi");
        assert_eq!(delta(r#"{"choices":[{"index":0,"delta":{"content":null,"refusal":"No."},"extra":{}}],"id":7}"#).text(), "No.");
        let parts = r#"{"choices":[{"delta":{"content":[{"type":"thinking","text":"hm"},{"type":"text","text":"Hi"}]}}]}"#;
        assert_eq!(delta(parts).text(), "Hi");
        assert_eq!(delta(r#"{"choices":[{"delta":{"content":{"odd":1}}}]}"#).text(), "");
        assert_eq!(delta(r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#).text(), "");
    }

    #[test]
    fn chunks_without_a_choice_are_no_fault() {
        for json in ["{}", r#"{"choices":null,"usage":{}}"#, r#"{"choices":[]}"#, r#"{"choices":[{"index":1,"delta":{"content":"x"}}]}"#] {
            assert!(serde_json::from_str::<Chunk>(json).unwrap().into_choice().is_none(), "{json}");
        }
    }

    #[test]
    fn tool_calls_are_found_in_every_form() {
        let older = delta(r#"{"choices":[{"delta":{"function_call":{"name":"f","arguments":"{}"}}}]}"#).into_tool_calls();
        assert_eq!(older[0].function.as_ref().unwrap().name.as_deref(), Some("f"));
        let object =
            delta(r#"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"arguments":{"reason":"x"}}}]}}]}"#).into_tool_calls();
        assert_eq!(object[0].function.as_ref().unwrap().arguments(), r#"{"reason":"x"}"#);
    }
}
