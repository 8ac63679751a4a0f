//! The driver against a scripted provider.

mod fake;

use std::time::Duration;

use helpdesk_core::ai::{Answer, Delta, Escalation, Line, Passage, Purpose, Speaker};
use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{AccountId, AssistantId, WorkspaceId};
use helpdesk_core::model::{Assistant, Citation, Priority};
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use self::fake::{Fake, Step, delta, done, finish, text};
use super::*;

const KEY: &str = "sk-very-private";

fn driver(fake: &Fake) -> OpenAiResponder {
    OpenAiResponder::builder().base_url(&fake.base_url).api_key(KEY).model("test-model").build().unwrap()
}

fn line(speaker: Speaker, text: &str) -> Line {
    Line { speaker, text: text.to_owned(), at: Timestamp::UNIX_EPOCH }
}

fn turn() -> Turn {
    let passage =
        |title: &str, text: &str| Passage { citation: Citation { title: title.to_owned(), url: None }, text: text.to_owned(), score: 1.0 };
    Turn {
        workspace: WorkspaceId::DEFAULT,
        purpose: Purpose::Answer,
        assistant: Assistant::new(AssistantId::from_uuid(Uuid::nil()), "Ada", OpenAiResponder::DRIVER),
        language: Some("de".to_owned()),
        default_language: "en".to_owned(),
        history: vec![line(Speaker::Contact, "Can I return my sofa?")],
        passages: vec![passage("Returns", "Within 30 days."), passage("Postage", "Postage is free."), passage("Returns", "In its box.")],
        may_escalate: true,
    }
}

/// The texts of the stream and how it ended.
async fn collect(driver: &OpenAiResponder, turn: Turn) -> (Vec<String>, Result<Answer, AiError>) {
    let account = Account::fixed(WorkspaceId::DEFAULT, OpenAiResponder::DRIVER);
    let mut stream = match driver.respond(&account, turn).await {
        Ok(stream) => stream,
        Err(error) => return (Vec::new(), Err(error)),
    };
    let mut texts = Vec::new();
    while let Some(step) = stream.next().await {
        match step {
            Ok(Delta::Text(text)) => texts.push(text),
            Ok(Delta::Done(answer)) => {
                assert!(stream.next().await.is_none(), "something follows the end");
                assert_eq!(texts.concat(), answer.text);
                return (texts, Ok(answer));
            }
            Err(error) => return (texts, Err(error)),
        }
    }
    panic!("the stream ended without an end");
}

async fn answer(steps: impl Into<Vec<Step>>) -> Result<Answer, AiError> {
    let fake = Fake::streaming(steps).await;
    collect(&driver(&fake), turn()).await.1
}

fn unavailable(result: Result<Answer, AiError>, detail: &str) {
    match result {
        Err(error @ AiError::Unavailable { .. }) => assert!(error.to_string().contains(detail), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_is_streamed_as_it_is_written() {
    let fake = Fake::streaming([
        delta(json!({"role": "assistant", "content": ""})),
        text("\nYou"),
        text(" can [1]"),
        text("."),
        finish("stop"),
        done(),
    ])
    .await;
    let (texts, whole) = collect(&driver(&fake), turn()).await;
    assert_eq!(texts, ["You", " can", "."]);
    let whole = whole.unwrap();
    assert_eq!(whole.citations.iter().map(|citation| citation.title.as_str()).collect::<Vec<_>>(), ["Returns"]);
    assert_eq!(whole.escalation, None);
}

#[tokio::test]
async fn the_request_says_all_that_the_model_must_know() {
    let fake = Fake::streaming([text("x"), finish("stop")]).await;
    let mut asked = turn();
    asked.history = vec![
        line(Speaker::Assistant, "Hello!"),
        line(Speaker::Contact, "Hi"),
        line(Speaker::Contact, "A question"),
        line(Speaker::Operator, "Ask!"),
        line(Speaker::Contact, "Can I return my sofa?"),
    ];
    collect(&driver(&fake), asked).await.1.unwrap();
    let [request] = fake.requests().try_into().unwrap();
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    let body = request.body;
    assert_eq!((&body["model"], &body["stream"]), (&json!("test-model"), &json!(true)));
    assert_eq!(body["tools"][0]["function"]["name"], "escalate_to_human");
    let messages = body["messages"].as_array().unwrap();
    let roles: Vec<_> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "assistant", "user", "assistant", "user"]);
    assert_eq!(messages[2]["content"], "Hi\n\nA question");
    assert_eq!(messages[3]["content"], "(Human colleague:) Ask!");
    let system = messages[0]["content"].as_str().unwrap();
    for part in
        ["You are the support assistant", "Ada", "[1] Returns\nWithin 30 days.", "[3] Returns\nIn its box.", "Escalate when", "tag de"]
    {
        assert!(system.contains(part), "{part} is missing in {system}");
    }
}

#[tokio::test]
async fn without_the_right_to_escalate_no_tool_is_offered_and_no_call_heeded() {
    let call = json!({"tool_calls": [{"index": 0, "function": {"name": "escalate_to_human", "arguments": "{\"reason\":\"a\",\"subject\":\"b\"}"}}]});
    let fake = Fake::streaming([text("Fine."), delta(call), finish("tool_calls"), done()]).await;
    let mut asked = turn();
    asked.may_escalate = false;
    asked.passages.clear();
    let whole = collect(&driver(&fake), asked).await.1.unwrap();
    assert_eq!((whole.text.as_str(), whole.escalation), ("Fine.", None));
    let body = &fake.requests()[0].body;
    assert_eq!(body.get("tools"), None);
    assert!(body["messages"][0]["content"].as_str().unwrap().contains("No help article fits"));
}

#[tokio::test]
async fn a_confirmation_follows_its_own_instruction() {
    let fake = Fake::streaming([text("Kommt gleich."), finish("stop"), done()]).await;
    let mut asked = turn();
    asked.purpose = Purpose::Confirmation { instruction: "Confirm briefly.".to_owned() };
    asked.history.push(line(Speaker::Assistant, "You can."));
    assert_eq!(collect(&driver(&fake), asked).await.1.unwrap().text, "Kommt gleich.");
    let body = &fake.requests()[0].body;
    let messages = body["messages"].as_array().unwrap();
    assert!(messages[0]["content"].as_str().unwrap().contains("Confirm briefly."));
    assert!(!messages[0]["content"].as_str().unwrap().contains("Within 30 days"));
    assert_eq!(messages.last().unwrap()["role"], "user");
    assert_eq!(body.get("tools"), None);
}

#[tokio::test]
async fn a_long_history_is_cut_at_its_beginning() {
    let fake = Fake::streaming([text("x"), finish("stop")]).await;
    let mut asked = turn();
    asked.history = (0..30)
        .map(|n| line(if n % 2 == 0 { Speaker::Assistant } else { Speaker::Contact }, &format!("{n}:{}", "x".repeat(9_000))))
        .collect();
    collect(&driver(&fake), asked).await.1.unwrap();
    let messages = fake.requests()[0].body["messages"].as_array().unwrap().clone();
    assert_eq!(messages.len(), 5);
    assert!(messages[4]["content"].as_str().unwrap().starts_with("29:"));
}

#[tokio::test]
async fn a_tool_call_in_pieces_becomes_an_escalation() {
    let piece = |call: Value| delta(json!({"tool_calls": [call]}));
    let whole = answer([
        delta(json!({"role": "assistant", "content": null})),
        piece(json!({"index": 1, "id": "b", "type": "function", "function": {"name": "other", "arguments": "{}"}})),
        piece(json!({"index": 0, "id": "a", "type": "function", "function": {"name": "escalate_to_human", "arguments": ""}})),
        piece(json!({"index": 0, "function": {"arguments": "{\"reason\": \"angry\", \"sub"}})),
        piece(json!({"index": 1, "function": {"arguments": ""}})),
        piece(json!({"index": 0, "function": {"arguments": "ject\": \"Sofa\", \"priority\": \"high\"}"}})),
        finish("tool_calls"),
        done(),
    ])
    .await
    .unwrap();
    let escalation = Escalation { reason: "angry".to_owned(), subject: "Sofa".to_owned(), priority: Some(Priority::High) };
    assert_eq!((whole.text.as_str(), whole.escalation), ("", Some(escalation)));
}

#[tokio::test]
async fn a_tool_call_without_indexes_is_put_together() {
    let piece = |call: Value| delta(json!({"tool_calls": [call]}));
    let whole = answer([
        piece(json!({"id": "a", "function": {"name": "other", "arguments": "{}"}})),
        piece(json!({"id": "b", "function": {"name": "escalate_to_human", "arguments": "{\"reason\": \"x\","}})),
        piece(json!({"function": {"arguments": "\"subject\": \"y\"}"}})),
        finish("tool_calls"),
    ])
    .await
    .unwrap();
    assert_eq!(whole.escalation, Some(Escalation { reason: "x".to_owned(), subject: "y".to_owned(), priority: None }));
}

#[rstest]
#[case("<tool_call>\n{\"name\": \"escalate_to_human\", \"arguments\": {\"reason\": \"x\", \"subject\": \"y\"}}\n</tool_call>")]
#[case("```json\n{\"name\": \"escalate_to_human\", \"arguments\": {\"reason\": \"x\", \"subject\": \"y\"}}\n```")]
#[case("[TOOL_CALLS][{\"name\": \"escalate_to_human\", \"arguments\": {\"reason\": \"x\", \"subject\": \"y\"}}]")]
#[case("functions.escalate_to_human({\"reason\": \"x\", \"subject\": \"y\"})")]
#[tokio::test]
async fn a_tool_call_as_text_is_heeded_and_not_shown(#[case] call: &str, #[values(1, 3, 7, 1000)] size: usize) {
    let written = format!("One moment. {call}");
    let characters: Vec<char> = written.chars().collect();
    let mut steps: Vec<_> = characters.chunks(size).map(|piece| text(&String::from_iter(piece))).collect();
    steps.extend([finish("stop"), done()]);
    let whole = answer(steps).await.unwrap();
    assert_eq!(whole.text, "One moment.");
    assert_eq!(whole.escalation, Some(Escalation { reason: "x".to_owned(), subject: "y".to_owned(), priority: None }));
}

#[tokio::test]
async fn a_text_that_is_only_a_broken_call_is_no_answer() {
    unavailable(answer([text("<tool_call>{\"name\": \"escal"), finish("length"), done()]).await, "empty");
}

#[tokio::test]
async fn every_citation_is_given_once() {
    let whole = answer([text("In its box [3], within 30 days [1], free of charge [2]"), text("[9]."), finish("stop")]).await.unwrap();
    assert_eq!(whole.text, "In its box, within 30 days, free of charge.");
    assert_eq!(whole.citations.iter().map(|citation| citation.title.as_str()).collect::<Vec<_>>(), ["Returns", "Postage"]);
}

#[tokio::test]
async fn what_is_cut_or_empty_is_no_answer() {
    unavailable(answer([text("Half an "), Step::Cut]).await, "connection failed");
    unavailable(answer([text("Half an ")]).await, "cut");
    unavailable(answer([text("Half an "), Step::Send("data: {\"choices\": [{\"del".to_owned())]).await, "malformed");
    unavailable(answer([]).await, "cut");
    unavailable(answer([done()]).await, "empty");
    unavailable(answer([text(" \n"), finish("stop"), done()]).await, "empty");
    unavailable(answer([text("ok"), Step::Send("data: {oops\n\n".to_owned()), finish("stop"), done()]).await, "malformed");
    unavailable(answer([text("Well"), finish("content_filter"), done()]).await, "withheld");
    unavailable(
        answer([text("ok"), Step::Send("data: {\"error\": {\"message\": \"overloaded\"}}\n\n".to_owned())]).await,
        "reported an error",
    );
}

#[tokio::test]
async fn what_is_whole_is_an_answer_however_the_stream_ends() {
    assert_eq!(answer([text("As long as it may be"), finish("length"), done()]).await.unwrap().text, "As long as it may be");
    assert_eq!(answer([text("No end mark"), finish("stop")]).await.unwrap().text, "No end mark");
    assert_eq!(answer([text("No reason"), done()]).await.unwrap().text, "No reason");
    assert_eq!(answer([text("Cut after the end"), finish("stop"), Step::Cut]).await.unwrap().text, "Cut after the end");
    assert_eq!(answer([text("Silent after the end"), finish("stop"), done(), Step::Hang]).await.unwrap().text, "Silent after the end");
    let endless: Vec<_> = std::iter::repeat_n(text(&"word ".repeat(200)), 30).collect();
    assert_eq!(answer(endless).await.unwrap().text.chars().count(), 10_000);
}

#[tokio::test]
async fn the_provider_is_asked_once_and_its_wish_to_wait_is_passed_on() {
    let fake = Fake::refusing(429, vec![("retry-after", "7".to_owned())], "{\"error\": {\"type\": \"rate_limit_error\"}}").await;
    let Err(AiError::Unavailable { retry_after, .. }) = collect(&driver(&fake), turn()).await.1 else { panic!("no fault") };
    assert_eq!((retry_after, fake.requests().len()), (Some(Duration::from_secs(7)), 1));
    let fake = Fake::refusing(500, Vec::new(), "oops").await;
    unavailable(collect(&driver(&fake), turn()).await.1, "HTTP 500");
    assert_eq!(fake.requests().len(), 1);
}

#[rstest]
#[case(401, "", "HTTP 401")]
#[case(429, "{\"error\": {\"code\": \"insufficient_quota\"}}", "insufficient_quota")]
#[case(307, "", "HTTP 307")]
#[case(200, "{\"object\": \"chat.completion\"}", "no stream")]
#[case(200, "{\"error\": {\"code\": \"invalid_api_key\"}}", "invalid_api_key")]
#[tokio::test]
async fn what_cannot_get_better_is_permanent(#[case] status: u16, #[case] body: &str, #[case] detail: &str) {
    let headers = vec![("content-type", "application/json".to_owned()), ("location", "http://127.0.0.1:9/elsewhere".to_owned())];
    let fake = Fake::refusing(status, headers, body).await;
    match collect(&driver(&fake), turn()).await.1 {
        Err(error @ AiError::Permanent { .. }) => assert!(error.to_string().contains(detail), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_provider_that_is_silent_is_given_up() {
    let impatient = |fake: &Fake, first: u64, between: u64| {
        OpenAiResponder::builder()
            .base_url(&fake.base_url)
            .model("m")
            .first_byte_timeout(Duration::from_millis(first))
            .chunk_timeout(Duration::from_millis(between))
            .build()
            .unwrap()
    };
    const LONG: u64 = 60_000;
    for silent in [Fake::mute().await, Fake::streaming([Step::Hang]).await] {
        let mut patience = 50;
        // On a busy machine the first patience may end before the question has left.
        while silent.requests().is_empty() {
            unavailable(collect(&impatient(&silent, patience, LONG), turn()).await.1, "in time");
            patience *= 2;
        }
        silent.closed().await;
    }
    let stalled = Fake::streaming([text("Well"), Step::Hang]).await;
    let (texts, end) = collect(&impatient(&stalled, LONG, 50), turn()).await;
    unavailable(end, "in time");
    assert_eq!(texts, ["Well"]);
    stalled.closed().await;
}

#[tokio::test]
async fn nobody_at_the_address_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let driver = OpenAiResponder::builder().base_url(base_url).model("m").build().unwrap();
    unavailable(collect(&driver, turn()).await.1, "no connection");
}

#[tokio::test]
async fn dropping_the_stream_aborts_the_request() {
    let fake = Fake::streaming([text("Well"), Step::Hang]).await;
    let account = Account::fixed(WorkspaceId::DEFAULT, OpenAiResponder::DRIVER);
    let mut stream = driver(&fake).respond(&account, turn()).await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap(), Delta::Text("Well".to_owned()));
    drop(stream);
    fake.closed().await;
}

#[tokio::test]
async fn an_account_reaches_the_private_network_only_where_that_is_allowed() {
    let fake = Fake::streaming([text("Hi"), finish("stop"), done()]).await;
    let mut account = Account::fixed(WorkspaceId::DEFAULT, OpenAiResponder::DRIVER);
    account.id = Some(AccountId::from_uuid(Uuid::nil()));
    let by_name = fake.base_url.replace("127.0.0.1", "localhost");
    for (base_url, allowed) in [(&by_name, false), (&fake.base_url, false), (&by_name, true), (&fake.base_url, true)] {
        account.configuration = json!({"base_url": base_url, "model": "m"});
        let driver = OpenAiResponder::builder().api_key(KEY).allow_private_addresses(allowed).build().unwrap();
        match driver.respond(&account, turn()).await {
            Ok(_) => assert!(allowed),
            Err(error) => assert!(!allowed && !error.is_retryable() && error.to_string().contains("private network"), "{error}"),
        }
    }
    let requests = fake.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| !request.headers.contains_key("authorization")));
}

#[tokio::test]
async fn neither_texts_nor_keys_are_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    // The test's runtime has one thread, on which everything runs, the fake included.
    let guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("the log works");
    let secret = "my-secret-text";
    let malformed = format!("data: {{\"choices\": [\"{secret}\"\n\n");
    for steps in [vec![text(secret), finish("stop")], vec![Step::Send(malformed)], vec![text(secret), Step::Cut]] {
        let fake = Fake::streaming(steps).await;
        let mut asked = turn();
        asked.history.push(line(Speaker::Contact, secret));
        let debug = format!("{:?}", collect(&driver(&fake), asked).await.1.map(|_| ()));
        assert!(!debug.contains(secret));
    }
    let fake = Fake::refusing(500, Vec::new(), secret).await;
    let fault = collect(&driver(&fake), turn()).await.1.unwrap_err();
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap() + &fault.to_string();
    assert!(log.contains("the log works"));
    assert!(!log.contains(secret) && !log.contains(KEY), "{log}");
}

#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
