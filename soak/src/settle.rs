//! After the load: waits until nothing is owed any more, then reads everything as both sides see it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde::Deserialize as _;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::Failure;
use crate::client::{Account, Caller, Http, Shared};
use crate::history::{Final, Queue, Record, Ticket, View};
use crate::server::OWNER;
use crate::wire::{Audience, Entry, Summary};

/// How long it may take until nothing is owed: a job of a server that died is done by another when its lease runs out, an
/// answer that fails is given up after 90 seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long sockets may take to know what is in the end, once nothing changes any more.
const LAST_WORDS: Duration = Duration::from_secs(20);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// How many conversations are read at once.
const AT_ONCE: usize = 8;

/// Waits until all is quiet, reads it, and writes it down. The clients still listen.
pub(crate) async fn settle(shared: &Shared, clients: &[Caller], visitors: &HashMap<Uuid, Account>) -> Result<usize, Failure> {
    let owner = Reader { http: &shared.http, api: format!("{}/helpdesk/api/v1", shared.urls[0]) };
    let end = Instant::now() + PATIENCE;
    let mut before = HashMap::new();
    let conversations = loop {
        let conversations = owner.conversations(View::All).await;
        if let Ok(conversations) = conversations {
            let versions: HashMap<Uuid, u64> = conversations.iter().map(|it| (it.conversation, it.version)).collect();
            let owing: Vec<_> = conversations.iter().filter(|it| it.answering).map(|it| it.conversation).collect();
            let late = Instant::now() > end;
            if (owing.is_empty() && versions == before) || late {
                for conversation in owing {
                    let detail = format!("after {PATIENCE:?} without load an answer is still owed in {conversation}");
                    shared.recorder.add(&Record::Unsettled { detail });
                }
                break conversations;
            }
            before = versions;
        } else if Instant::now() > end {
            return Err(format!("the servers do not answer after the load: {conversations:?}").into());
        }
        sleep(PAUSE).await;
    };
    let finals: Vec<Final> = stream::iter(&conversations)
        .map(|summary| owner.read(summary.conversation, visitors))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    let counts = shared.http.get(&format!("{}/counts", owner.api), OWNER).await?;
    for view in View::ALL {
        let listed = owner.conversations(view).await?.into_iter().map(|summary| summary.conversation).collect();
        let count = counts[view.name()].as_u64().ok_or_else(|| format!("{} is not counted", view.name()))?;
        shared.recorder.add(&Record::Queue(Queue { view, conversations: listed, count }));
    }
    listen_out(shared, clients, &finals).await;
    finals.into_iter().for_each(|end| shared.recorder.add(&Record::Final(Box::new(end))));
    Ok(conversations.len())
}

/// Waits until every socket knows the end. Those that never do are found by the checker.
async fn listen_out(shared: &Shared, clients: &[Caller], finals: &[Final]) {
    let team: HashMap<Uuid, u64> = finals.iter().map(|end| (end.summary.conversation, end.summary.version)).collect();
    let contacts: HashMap<Uuid, u64> = finals.iter().map(|end| (end.summary.conversation, end.contact_summary.version)).collect();
    let versions = |client: &Caller| if client.audience() == Audience::Team { &team } else { &contacts };
    let knows = |client: &Caller| client.live().known().iter().all(|(id, known)| versions(client).get(id) == Some(known));
    let end = Instant::now() + LAST_WORDS;
    while !clients.iter().all(knows) && Instant::now() < end {
        sleep(PAUSE).await;
    }
    for client in clients {
        for conversation in client.live().known().into_keys() {
            shared.recorder.add(&Record::Listening { process: client.process(), conversation });
        }
    }
}

struct Reader<'a> {
    http: &'a Http,
    api: String,
}

impl Reader<'_> {
    /// The conversations of a view, page by page.
    async fn conversations(&self, view: View) -> Result<Vec<Summary>, Failure> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.http.get(&format!("{}/conversations?view={}&limit=200{cursor}", self.api, view.name()), OWNER).await?;
            for item in page["items"].as_array().into_iter().flatten() {
                all.push(Summary::read(Audience::Team, item)?);
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(all),
            }
        }
    }

    /// A conversation as both sides see it.
    async fn read(&self, id: Uuid, visitors: &HashMap<Uuid, Account>) -> Result<Final, Failure> {
        let shown = self.http.get(&format!("{}/conversations/{id}", self.api), OWNER).await?;
        let contact: Uuid = shown["contact"]["id"].as_str().ok_or("a conversation without a contact")?.parse()?;
        let visitor = visitors.get(&contact).ok_or_else(|| format!("{id} is of {contact}, who is none of the visitors"))?;
        let theirs = self.http.get(&format!("{}/widget/conversations/{id}", self.api), &visitor.token).await?;
        let link = ticket(&shown["ticket"])?;
        let now = match &link {
            Some(link) => ticket(&self.http.get(&format!("{}/tickets/{}", self.api, link.number), OWNER).await?)?,
            None => None,
        };
        Ok(Final {
            contact,
            summary: Summary::read(Audience::Team, &shown)?,
            contact_summary: Summary::read(Audience::Contact, &theirs)?,
            entries: self.timeline("", id, OWNER).await?,
            contact_entries: self.timeline("widget/", id, &visitor.token).await?,
            link,
            ticket: now,
        })
    }

    async fn timeline(&self, side: &str, id: Uuid, token: &str) -> Result<Vec<Entry>, Failure> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let page = self.http.get(&format!("{}/{side}conversations/{id}/timeline?limit=200&after={after}", self.api), token).await?;
            all.extend(Vec::<Entry>::deserialize(&page["entries"])?);
            match page["next_after"].as_u64() {
                Some(next) => after = next,
                None => return Ok(all),
            }
        }
    }
}

fn ticket(shape: &Value) -> Result<Option<Ticket>, Failure> {
    Ok(Option::<Ticket>::deserialize(shape)?)
}
