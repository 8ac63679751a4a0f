//! The kit lets a sound bus through that can be cut, and rejects each broken one by the cases that are about its fault.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::sync::{Semaphore, broadcast};
use tokio_stream::wrappers::BroadcastStream;

use super::super::bus_kit::{self, Medium};
use crate::bus::{BusItem, EventBus, Signal, Topic};
use crate::engine::LocalBus;
use crate::id::{ConversationId, WorkspaceId};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    NodesAreDeafToOthers,
    NodesAreDeafToThemselves,
    EveryHundredthSignalIsLost,
    NotesAreShownToContacts,
    LongTextsAreCut,
    LongSignalsAreDropped,
    WorkspacesAreMixed,
    ConversationsAreMixed,
    TopicsOfAWorkspaceAreMixed,
    SubscriptionsBeginLater,
    SignalsOvertakeEachOther,
    PublishersWaitForListeners,
    LossesAreNotTold,
    EveryListenerSubscribes,
    ListenersAreNeverForgotten,
    WhoLeavesTakesTheOthersAlong,
    PublishingWaitsForTheMedium,
    SubscribingWaitsForTheMedium,
    CutsAreNotTold,
    OnlyTheCutNodeIsTold,
    NodesStayDeafAfterACut,
}

/// What a node's listeners hear, and whether it is within reach.
#[derive(Debug)]
struct Node {
    ear: LocalBus,
    cut: AtomicBool,
    deaf: AtomicBool,
    losses: broadcast::Sender<()>,
    /// Something was published in vain.
    vain: AtomicBool,
}

impl Node {
    fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

struct Air {
    fault: Fault,
    nodes: Mutex<Vec<Arc<Node>>>,
    published: AtomicUsize,
    subscribed: AtomicUsize,
    room: Semaphore,
    held: Mutex<Option<(Topic, Arc<Signal>)>>,
    kept: Mutex<Vec<BoxStream<'static, BusItem>>>,
    left: Mutex<HashSet<Topic>>,
}

impl fmt::Debug for Air {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Air").field(&self.fault).finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone, Debug)]
struct BrokenMedium(Arc<Air>);

#[derive(Debug)]
struct BrokenBus {
    air: Arc<Air>,
    node: Arc<Node>,
}

async fn medium(fault: Fault) -> Arc<dyn Medium> {
    Arc::new(BrokenMedium(Arc::new(Air {
        fault,
        nodes: Mutex::default(),
        published: AtomicUsize::new(0),
        subscribed: AtomicUsize::new(0),
        room: Semaphore::new(64),
        held: Mutex::default(),
        kept: Mutex::default(),
        left: Mutex::default(),
    })))
}

#[async_trait]
impl Medium for BrokenMedium {
    async fn node(&self) -> Arc<dyn EventBus> {
        let (cut, deaf, vain) = (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
        let node = Arc::new(Node { ear: LocalBus::new(), cut, deaf, losses: broadcast::channel(16).0, vain });
        lock(&self.0.nodes).push(Arc::clone(&node));
        Arc::new(BrokenBus { air: Arc::clone(&self.0), node })
    }

    async fn subscriptions(&self) -> usize {
        match self.0.fault {
            Fault::EveryListenerSubscribes => self.0.subscribed.load(Ordering::SeqCst),
            _ => lock(&self.0.nodes).iter().map(|node| node.ear.topics_heard()).sum(),
        }
    }

    fn can_be_cut(&self) -> bool {
        true
    }

    async fn cut(&self, node: usize) {
        lock(&self.0.nodes)[node].cut.store(true, Ordering::SeqCst);
    }

    async fn restore(&self, node: usize) {
        let nodes = lock(&self.0.nodes);
        nodes[node].cut.store(false, Ordering::SeqCst);
        if self.0.fault == Fault::NodesStayDeafAfterACut {
            nodes[node].deaf.store(true, Ordering::SeqCst);
        }
        let vain = nodes[node].vain.swap(false, Ordering::SeqCst);
        for (number, other) in nodes.iter().enumerate() {
            let told = match self.0.fault {
                Fault::CutsAreNotTold => false,
                Fault::OnlyTheCutNodeIsTold => number == node,
                _ => number == node || vain,
            };
            if told {
                let _ = other.losses.send(());
            }
        }
    }
}

impl BrokenBus {
    fn mixed(&self, topic: Topic) -> Topic {
        match (self.air.fault, topic) {
            (Fault::WorkspacesAreMixed, Topic::Conversation { conversation, .. }) => {
                Topic::Conversation { workspace: WorkspaceId::DEFAULT, conversation }
            }
            (Fault::WorkspacesAreMixed, Topic::Queue { .. }) => Topic::Queue { workspace: WorkspaceId::DEFAULT },
            (Fault::WorkspacesAreMixed, Topic::Presence { .. }) => Topic::Presence { workspace: WorkspaceId::DEFAULT },
            (Fault::ConversationsAreMixed, Topic::Conversation { workspace, .. }) => {
                Topic::Conversation { workspace, conversation: ConversationId::from_uuid(WorkspaceId::DEFAULT.as_uuid()) }
            }
            (Fault::TopicsOfAWorkspaceAreMixed, topic) => Topic::Queue { workspace: topic.workspace() },
            (_, topic) => topic,
        }
    }

    fn altered(&self, signal: Arc<Signal>) -> Option<Arc<Signal>> {
        let number = self.air.published.fetch_add(1, Ordering::SeqCst) + 1;
        match (self.air.fault, &*signal) {
            (Fault::EveryHundredthSignalIsLost, _) if number.is_multiple_of(100) => None,
            (Fault::LongSignalsAreDropped, signal) if serde_json::to_vec(signal).is_ok_and(|bytes| bytes.len() > 8_000) => None,
            (Fault::NotesAreShownToContacts, Signal::Typing { conversation, author, note: true }) => {
                Some(Arc::new(Signal::Typing { conversation: *conversation, author: author.clone(), note: false }))
            }
            (Fault::LongTextsAreCut, Signal::Delta { conversation, turn, attempt, offset, text }) => {
                let (conversation, turn, attempt, offset) = (*conversation, *turn, *attempt, *offset);
                Some(Arc::new(Signal::Delta { conversation, turn, attempt, offset, text: text.chars().take(8_000).collect() }))
            }
            _ => Some(signal),
        }
    }

    async fn send(&self, topic: Topic, signal: Arc<Signal>) {
        if self.node.is_cut() {
            self.node.vain.store(true, Ordering::SeqCst);
            return;
        }
        let nodes = lock(&self.air.nodes).clone();
        for node in nodes {
            let own = Arc::ptr_eq(&node, &self.node);
            let deaf = match self.air.fault {
                Fault::NodesAreDeafToOthers => !own,
                Fault::NodesAreDeafToThemselves => own,
                _ => false,
            };
            if !deaf && !node.is_cut() && !node.deaf.load(Ordering::SeqCst) {
                node.ear.publish(topic, signal.clone()).await;
            }
        }
    }
}

async fn until_restored(node: &Node) {
    while node.is_cut() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Notes that it was dropped.
struct Leaving(Arc<Air>, Topic);

impl Drop for Leaving {
    fn drop(&mut self) {
        lock(&self.0.left).insert(self.1);
    }
}

#[async_trait]
impl EventBus for BrokenBus {
    async fn publish(&self, topic: Topic, signal: Arc<Signal>) {
        let topic = self.mixed(topic);
        let Some(signal) = self.altered(signal) else { return };
        match self.air.fault {
            Fault::PublishersWaitForListeners => self.air.room.acquire().await.unwrap().forget(),
            Fault::PublishingWaitsForTheMedium => until_restored(&self.node).await,
            Fault::SignalsOvertakeEachOther => {
                let before = lock(&self.air.held).take();
                if before.is_none() {
                    *lock(&self.air.held) = Some((topic, signal));
                    return;
                }
                self.send(topic, signal).await;
                let (topic, signal) = before.unwrap();
                return self.send(topic, signal).await;
            }
            _ => {}
        }
        self.send(topic, signal).await;
    }

    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem> {
        let (topic, fault) = (self.mixed(topic), self.air.fault);
        self.air.subscribed.fetch_add(1, Ordering::SeqCst);
        if fault == Fault::SubscribingWaitsForTheMedium {
            until_restored(&self.node).await;
        }
        if fault == Fault::ListenersAreNeverForgotten {
            let kept = self.node.ear.subscribe(topic).await;
            lock(&self.air.kept).push(kept);
        }
        let losses = BroadcastStream::new(self.node.losses.subscribe()).map(|_| BusItem::Lagged);
        let signals = match fault {
            Fault::SubscriptionsBeginLater => {
                let ear = self.node.ear.clone();
                stream::once(async move { ear.subscribe(topic).await }).flatten().boxed()
            }
            _ => self.node.ear.subscribe(topic).await,
        };
        let (air, leaving) = (Arc::clone(&self.air), Leaving(Arc::clone(&self.air), topic));
        let mut all = stream::select(signals, losses).boxed();
        stream::poll_fn(move |context| {
            let _ = &leaving;
            loop {
                let Poll::Ready(item) = all.poll_next_unpin(context) else { return Poll::Pending };
                match (air.fault, &item) {
                    (Fault::LossesAreNotTold, Some(BusItem::Lagged)) => continue,
                    (Fault::WhoLeavesTakesTheOthersAlong, _) if lock(&air.left).contains(&topic) => continue,
                    (Fault::PublishersWaitForListeners, _) => air.room.add_permits(1),
                    _ => {}
                }
                return Poll::Ready(item);
            }
        })
        .boxed()
    }
}

mod the_wrapper_is_sound {
    use super::{Fault, Medium, medium};
    use std::sync::Arc;

    async fn sound() -> Arc<dyn Medium> {
        medium(Fault::None).await
    }

    crate::bus_kit!(sound);
}

/// Makes a test a fault, that each of the cases named fails on a bus that has it.
macro_rules! rejected {
    ($($test:ident: $fault:ident by $($subject:ident::$case:ident),+;)+) => {$(
        #[test]
        fn $test() {
            $(
                let run = || bus_kit::run(async || medium(Fault::$fault).await, bus_kit::$subject::$case);
                assert!(
                    catch_unwind(AssertUnwindSafe(run)).is_err(),
                    "{} lets a bus through in which {:?}", stringify!($case), Fault::$fault
                );
            )+
        }
    )+};
}

rejected! {
    deaf_to_others: NodesAreDeafToOthers by delivery::every_node_hears_every_node, delivery::every_listener_of_a_node_hears;
    deaf_to_themselves: NodesAreDeafToThemselves by delivery::every_node_hears_every_node;
    lost_signals: EveryHundredthSignalIsLost by order::a_draft_can_be_put_together, slowness::a_slow_listener_costs_the_others_nothing;
    altered_signals: NotesAreShownToContacts by delivery::signals_arrive_as_they_were_published;
    cut_texts: LongTextsAreCut by sizes::long_drafts_arrive;
    dropped_texts: LongSignalsAreDropped by sizes::long_drafts_arrive, sizes::long_texts_arrive, sizes::long_rolls_arrive;
    mixed_workspaces: WorkspacesAreMixed by topics::a_workspace_hears_nothing_of_another;
    mixed_conversations: ConversationsAreMixed by topics::conversations_are_heard_apart;
    mixed_topics: TopicsOfAWorkspaceAreMixed by topics::queue_presence_and_conversations_are_heard_apart;
    late_subscriptions: SubscriptionsBeginLater by subscribing::what_is_published_after_subscribing_is_heard;
    overtaking_signals: SignalsOvertakeEachOther by order::signals_of_one_kind_keep_their_order;
    waiting_publishers: PublishersWaitForListeners by slowness::a_slow_listener_does_not_hold_up_publishers;
    untold_losses: LossesAreNotTold by slowness::a_slow_listener_learns_what_it_cost, cuts::everybody_learns_of_a_cut;
    own_subscriptions: EveryListenerSubscribes by leaving::listeners_of_a_node_share_a_subscription, leaving::dropped_listeners_are_forgotten;
    kept_listeners: ListenersAreNeverForgotten by leaving::dropped_listeners_are_forgotten, leaving::who_gave_up_subscribing_is_forgotten;
    shared_fates: WhoLeavesTakesTheOthersAlong by leaving::who_stays_is_not_forgotten, subscribing::who_comes_as_another_leaves_hears;
    patient_publishers: PublishingWaitsForTheMedium by cuts::publishing_does_not_wait_for_the_medium;
    patient_subscribers: SubscribingWaitsForTheMedium by cuts::who_subscribes_during_a_cut_is_served;
    untold_cuts: CutsAreNotTold by cuts::everybody_learns_of_a_cut, cuts::who_subscribes_during_a_cut_is_served,
        cuts::listeners_learn_that_a_publisher_was_cut_off;
    untold_publishers: OnlyTheCutNodeIsTold by cuts::listeners_learn_that_a_publisher_was_cut_off;
    deaf_after_cuts: NodesStayDeafAfterACut by cuts::everybody_learns_of_a_cut, cuts::who_subscribes_during_a_cut_is_served;
}
