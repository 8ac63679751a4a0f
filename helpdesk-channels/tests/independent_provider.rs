//! The OpenAI assistant against a mock that nobody of this project wrote: `llmock` from PyPI, which breaks streams on request and
//! judges how its client coped.
//!
//! The test provisions it in a virtual environment under `target/`. Where Python 3 is missing it is skipped, and says so; under
//! `CI=true` that is a failure.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking, and says when it is skipped")]

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use helpdesk_channels::openai::OpenAiResponder;
use helpdesk_core::ai::{AiError, AiResponder as _, Answer, Delta, Line, Purpose, Speaker, Turn};
use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{AssistantId, WorkspaceId};
use helpdesk_core::model::{Account, Assistant};
use serde_json::{Value, json};

const LLMOCK: &str = "llmock==0.2.2";

#[tokio::test]
async fn every_fault_of_an_independent_provider_is_survived() {
    let Some(provider) = Provider::start().await else { return };
    let reply = |text: &str| json!({"type": "reply", "text": text, "times": null});
    // Each question is another: the judge takes the same one for a repetition.
    for fault in [
        json!(null),
        json!({"type": "fail", "status": 429, "retry_after": 1}),
        json!({"type": "fail", "status": 500}),
        json!({"type": "fail", "status": 503, "times": 2}),
        json!({"type": "stream_fault", "kind": "disconnect", "after_chunks": 2}),
        json!({"type": "stream_fault", "kind": "truncate", "after_chunks": 2}),
        json!({"type": "stream_fault", "kind": "malformed", "after_chunks": 2}),
        json!({"type": "stream_fault", "kind": "stall", "after_chunks": 2, "stall_seconds": 30}),
        json!({"type": "slow_first_token", "seconds": 30}),
    ] {
        provider.script([&reply("You can send it back within thirty days."), &fault]).await;
        let answer = provider.ask(&format!("Can I return it? ({fault})")).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(answer.text, "You can send it back within thirty days.", "{fault}");
    }

    for (status, code) in [(401, "invalid_api_key"), (404, "model_not_found"), (429, "insufficient_quota")] {
        provider.script([&json!({"type": "fail", "status": status, "code": code})]).await;
        let error = provider.ask(&format!("Hello? ({status} {code})")).await.unwrap_err();
        assert!(matches!(error, AiError::Permanent { .. }), "{status}: {error}");
    }

    let call = json!({"name": "escalate_to_human", "arguments": {"reason": "The customer is upset", "subject": "Late parcel", "priority": "high"}});
    provider.script([&json!({"type": "reply", "tool_calls": [call]})]).await;
    let escalation = provider.ask("A human, now!").await.unwrap().escalation.unwrap();
    assert_eq!((escalation.reason.as_str(), escalation.subject.as_str()), ("The customer is upset", "Late parcel"));
    provider.script([&json!({"type": "reply", "tool_calls": [call]}), &json!({"type": "tool_fault", "kind": "malformed_arguments"})]).await;
    assert!(provider.ask("A human, at last!").await.unwrap().escalation.is_some());

    let verdict = provider.verdict().await;
    assert_eq!(verdict["errors"], 0, "{verdict:#}");
    assert!(verdict["faults_injected"].as_u64().unwrap() >= 10, "{verdict:#}");
}

struct Provider {
    process: Child,
    base: String,
    control: reqwest::Client,
    assistant: OpenAiResponder,
}

impl Provider {
    async fn start() -> Option<Self> {
        let Some(program) = provision() else {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "llmock could not be provisioned, and this is CI");
            eprintln!("SKIPPED: the independent provider ({LLMOCK}) could not be provisioned; Python 3 with venv and pip is needed");
            return None;
        };
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut command = Command::new(program);
        command.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        // For the test's own control client; the assistant needs no default provider.
        let base = format!("http://127.0.0.1:{port}");
        let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let control = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap();
        let assistant = OpenAiResponder::builder()
            .base_url(format!("{base}/v1"))
            .api_key("sk-test")
            .model("gpt-4o")
            .first_byte_timeout(Duration::from_secs(2))
            .chunk_timeout(Duration::from_secs(2))
            .build()
            .unwrap();
        let provider = Self { process, base, control, assistant };
        provider.wait_until_up().await;
        Some(provider)
    }

    async fn wait_until_up(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.control.get(format!("{}/_llmock/verdict", self.base)).send().await.is_err() {
            assert!(Instant::now() < deadline, "llmock did not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn script<'b>(&self, behaviors: impl IntoIterator<Item = &'b Value>) {
        let behaviors: Vec<_> = behaviors.into_iter().filter(|behavior| !behavior.is_null()).collect();
        let scenario = format!("{}/_llmock/scenario", self.base);
        self.control.delete(&scenario).send().await.unwrap();
        let queued = self.control.post(&scenario).json(&json!({"behaviors": behaviors})).send().await.unwrap();
        let queued: Value = queued.json().await.unwrap();
        assert_eq!(queued["queued"], behaviors.len(), "{queued}");
    }

    async fn verdict(&self) -> Value {
        self.control.get(format!("{}/_llmock/verdict", self.base)).send().await.unwrap().json().await.unwrap()
    }

    /// Asks as the engine does: up to three attempts, not before the provider wants the next.
    async fn ask(&self, question: &str) -> Result<Answer, AiError> {
        let mut pause = Duration::from_millis(100);
        for attempt in 1.. {
            match self.attempt(question).await {
                Err(AiError::Unavailable { retry_after, .. }) if attempt < 3 => {
                    tokio::time::sleep(retry_after.unwrap_or(pause)).await;
                    pause *= 2;
                }
                end => return end,
            }
        }
        unreachable!("the third attempt ends it")
    }

    async fn attempt(&self, question: &str) -> Result<Answer, AiError> {
        let account = Account::fixed(WorkspaceId::DEFAULT, OpenAiResponder::DRIVER);
        let mut stream = self.assistant.respond(&account, turn(question)).await?;
        let mut streamed = String::new();
        while let Some(step) = stream.next().await {
            match step? {
                Delta::Text(text) => streamed.push_str(&text),
                Delta::Done(answer) => {
                    assert_eq!(streamed, answer.text);
                    return Ok(answer);
                }
            }
        }
        panic!("the stream ended without an end")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // Nothing is to be done about a process that is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn turn(question: &str) -> Turn {
    Turn {
        workspace: WorkspaceId::DEFAULT,
        purpose: Purpose::Answer,
        assistant: Assistant::new(AssistantId::from_uuid(uuid::Uuid::nil()), "Ada", OpenAiResponder::DRIVER),
        language: None,
        default_language: "en".to_owned(),
        history: vec![Line { speaker: Speaker::Contact, text: question.to_owned(), at: Timestamp::UNIX_EPOCH }],
        passages: Vec::new(),
        may_escalate: true,
    }
}

/// The program, installed at the first run. A directory without it is a run that was broken off, and made anew.
fn provision() -> Option<PathBuf> {
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join(LLMOCK.replace("==", "-"));
    let program = environment.join("bin/llmock");
    if !program.exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
        run(Command::new(environment.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", LLMOCK]))?;
    }
    program.exists().then_some(program)
}

fn run(command: &mut Command) -> Option<()> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    if !output.status.success() {
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(())
}
