//! A client's operations: tried, and tried again under the same name, until the outcome is known or nobody waits for it
//! any more; then written down.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::attempt::Lost;
use super::{Account, Live, Shared, Tally};
use crate::history::{Action, Operation, Outcome, Record};
use crate::wire::{Audience, Summary};

/// How long somebody waits for the outcome of what they did.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many of those whose request was lost give up at once, as people do who close the page.
const GIVEN_UP: f64 = 0.1;

/// What is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// What.
    pub(crate) action: Action,
    /// Where.
    pub(crate) conversation: Option<Uuid>,
    /// The name that makes it safe to repeat.
    pub(crate) client_id: Option<String>,
    /// The text.
    pub(crate) text: Option<String>,
    /// The race it takes part in.
    pub(crate) race: Option<u64>,
}

impl Wish {
    /// Something without a text.
    pub(crate) fn of(action: Action, conversation: Uuid) -> Self {
        Self { action, conversation: Some(conversation), client_id: None, text: None, race: None }
    }
}

/// A client.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(super) process: u32,
    pub(super) account: Account,
    pub(super) shared: Arc<Shared>,
    pub(super) live: Live,
    pub(super) random: StdRng,
    /// The server that it talks to.
    node: usize,
    /// How many names it gave.
    names: u64,
}

/// How an attempt ended.
enum Ended {
    Known(Outcome, Option<Uuid>),
    /// The server wants it later, and did nothing.
    Later,
    Lost(Lost),
}

impl Caller {
    /// A client who begins at a server.
    pub(crate) fn new(process: u32, account: Account, shared: &Arc<Shared>, random: StdRng) -> Self {
        let node = process as usize % shared.urls.len();
        let live = Live::start(process, account.clone(), node, Arc::clone(shared));
        Self { process, account, shared: Arc::clone(shared), live, random, node, names: 0 }
    }

    /// What the client hears.
    pub(crate) fn live(&self) -> &Live {
        &self.live
    }

    /// Its number.
    pub(crate) fn process(&self) -> u32 {
        self.process
    }

    /// Its side.
    pub(crate) fn audience(&self) -> Audience {
        self.account.audience
    }

    /// A name that this client never gave before.
    pub(super) fn name(&mut self) -> String {
        self.names += 1;
        format!("{}-{}", self.process, self.names)
    }

    /// Rests for a moment around this long.
    pub(super) async fn rest(&mut self, around: Duration) {
        sleep(around.mul_f64(self.random.random_range(0.2..1.8))).await;
    }

    /// Does it, and writes down what became of it: the outcome, and where.
    pub(super) async fn operate(&mut self, mut wish: Wish) -> (Outcome, Option<Uuid>) {
        let repeatable = !matches!(wish.action, Action::Look | Action::Timeline);
        if repeatable && wish.client_id.is_none() {
            wish.client_id = Some(self.name());
        }
        let start = self.shared.recorder.now();
        let patience = Instant::now() + PATIENCE;
        let (mut attempts, mut uncertain) = (0, false);
        let (outcome, place) = loop {
            attempts += 1;
            match self.attempt(&wish).await {
                Ended::Known(outcome, place) => break (outcome, place),
                Ended::Later => {}
                Ended::Lost(lost) => {
                    self.node = (self.node + 1) % self.shared.urls.len();
                    uncertain |= lost == Lost::Unanswered && repeatable;
                    if lost == Lost::Unanswered && self.random.random_bool(GIVEN_UP) {
                        break (Outcome::Unknown, None);
                    }
                }
            }
            if Instant::now() > patience {
                break (Outcome::Unknown, None);
            }
            self.rest(Duration::from_millis(150)).await;
        };
        let end = self.shared.recorder.now();
        let tally = &self.shared.tally;
        Tally::count(&tally.operations);
        Tally::count(match outcome {
            Outcome::Done { .. } => &tally.done,
            Outcome::Refused { .. } => &tally.refused,
            Outcome::Unknown => &tally.unknown,
        });
        if attempts > 1 {
            Tally::count(&tally.repeated);
        }
        let conversation = place.or(wish.conversation);
        let (process, actor) = (self.process, self.account.actor);
        let Wish { action, client_id, text, race, .. } = wish;
        let kept = outcome.clone();
        let operation = Operation { process, actor, action, conversation, client_id, text, race, start, end, attempts, uncertain, outcome };
        self.shared.recorder.add(&Record::Operation(Box::new(operation)));
        (kept, place)
    }

    async fn attempt(&mut self, wish: &Wish) -> Ended {
        if let (Action::Send | Action::Reply, Some(client_id), Some(conversation), Some(text)) =
            (wish.action, &wish.client_id, wish.conversation, &wish.text)
        {
            // As the pages do: by the socket while there is one. Some say it by a posted frame.
            match self.random.random_range(0..10) {
                0..5 => match self.live.send(client_id, conversation, text).await {
                    Some(Ok(frame)) => return frame_outcome(&frame),
                    Some(Err(lost)) => return Ended::Lost(lost),
                    None => {}
                },
                5 => {
                    let frame = json!({"type": "send", "client_id": client_id, "conversation": conversation, "text": text});
                    return match self.ask(Method::POST, "frames", Some(&frame)).await {
                        Ok((200, body)) => frame_outcome(&body["frames"][0]),
                        other => answer(other, self.account.audience, wish),
                    };
                }
                _ => {}
            }
        }
        let (method, path, body) = request(wish, self.account.audience);
        let asked = self.ask(method, &path, body.as_ref()).await;
        answer(asked, self.account.audience, wish)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<(u16, Value), Lost> {
        let url = format!("{}/helpdesk/api/v1/{path}", self.shared.urls[self.node]);
        self.shared.http.ask(method, &url, &self.account.token, body).await
    }
}

/// The request that a wish is.
fn request(wish: &Wish, audience: Audience) -> (Method, String, Option<Value>) {
    let side = if audience == Audience::Contact { "widget/" } else { "" };
    let place = wish.conversation.map_or_else(String::new, |id| format!("/{id}"));
    let assignee = |target: Value| ("/assign", json!({"assignee": target}));
    let (what, body) = match wish.action {
        Action::Start => ("", json!({"text": wish.text})),
        Action::Send | Action::Reply => ("/messages", json!({"text": wish.text})),
        Action::Note => ("/notes", json!({"text": wish.text})),
        Action::Human => ("/human", json!({})),
        Action::End => ("/end", json!({})),
        Action::Claim => ("/claim", json!({})),
        Action::HandBack => assignee(json!({"type": "assistant"})),
        Action::Leave => assignee(json!({"type": "nobody"})),
        Action::Assign(id) => assignee(json!({"type": "operator", "id": id})),
        Action::Resolve => ("/status", json!({"status": "resolved"})),
        Action::Reopen => ("/status", json!({"status": "open"})),
        Action::Read(seq) => ("/read", json!({"seq": seq})),
        Action::Look => ("", Value::Null),
        Action::Timeline => ("/timeline?limit=1", Value::Null),
    };
    let place = if wish.action == Action::Start { String::new() } else { place };
    let path = format!("{side}conversations{place}{what}");
    let Value::Object(mut fields) = body else { return (Method::GET, path, None) };
    fields.extend(wish.client_id.iter().map(|name| ("client_id".to_owned(), json!(name))));
    (Method::POST, path, Some(Value::Object(Map::from_iter(fields))))
}

/// What an answer says.
fn answer(asked: Result<(u16, Value), Lost>, audience: Audience, wish: &Wish) -> Ended {
    let (status, body) = match asked {
        Ok(answered) => answered,
        Err(lost) => return Ended::Lost(lost),
    };
    match status {
        200 | 201 => {
            let conversation = if wish.action == Action::Look { &body } else { &body["conversation"] };
            let summary = Summary::read(audience, conversation).ok();
            let seq = if wish.action == Action::Timeline { body["seq"].as_u64() } else { body["entry"]["seq"].as_u64() };
            Ended::Known(Outcome::Done { seq, summary }, summary.map(|summary| summary.conversation))
        }
        429 => Ended::Later,
        500.. => Ended::Lost(Lost::Unanswered),
        _ => {
            let code = body["code"].as_str().map_or_else(|| status.to_string(), str::to_owned);
            let holder = body["claimed_by"]["id"].as_str().and_then(|id| id.parse().ok());
            Ended::Known(Outcome::Refused { code, holder }, None)
        }
    }
}

/// What an `ack` or an `error` frame says.
fn frame_outcome(frame: &Value) -> Ended {
    match (frame["type"].as_str(), frame["code"].as_str()) {
        (Some("ack"), _) => Ended::Known(Outcome::Done { seq: frame["seq"].as_u64(), summary: None }, None),
        (_, Some("rate_limited")) => Ended::Later,
        (_, Some("busy" | "internal")) | (_, None) => Ended::Lost(Lost::Unanswered),
        (_, Some(code)) => Ended::Known(Outcome::Refused { code: code.to_owned(), holder: None }, None),
    }
}
