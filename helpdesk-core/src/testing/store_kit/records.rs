//! Records, contacts and the audit log: what is found by its id and walked by it.

use super::StoreFixture;
use super::scene::{self, Scene, done};
use crate::id::{ArticleId, AuditId, ContactId, ConversationId, Version};
use crate::model::{Article, Audit, AuditActor, Record, RecordBody, RecordKey, RecordKind};
use crate::store::Write;
use crate::testing::samples;

fn article(scene: &Scene<'_>, title: &str) -> Record {
    let article = Article {
        id: ArticleId::generate(&scene.fixture.ids),
        title: title.to_owned(),
        body: "…".to_owned(),
        url: None,
        language: None,
        updated_at: samples::moment(0),
    };
    Record { version: Version(1), body: RecordBody::Article(article) }
}

fn write(record: &Record) -> Write {
    Write::Record(Box::new(record.clone()))
}

/// A kind's records by rising id, in pages of any size, and no other kind's.
pub async fn records_are_paged_by_id(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    done(scene.commit(scene.workspace.founding(&fixture.ids)).await);
    let mut articles: Vec<_> = (0..10).map(|number| article(&scene, &format!("Article {number}"))).collect();
    // Not in the order of their ids.
    for record in articles.iter().rev() {
        scene.put([write(record)]).await;
    }
    articles.sort_unstable_by_key(|record| record.body.key());
    for limit in [1_usize, 3, 10, 200] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let asked = u32::try_from(limit).unwrap();
            let page = scene.store().records(scene.workspace.id, RecordKind::Article, after, asked).await.unwrap();
            assert!(page.len() <= limit, "more records than asked for");
            let Some(last) = page.last() else { break };
            after = Some(last.body.key().id);
            found.extend(page);
            assert!(found.len() <= articles.len(), "pages repeat themselves");
        }
        assert_eq!(found, articles);
    }
    let operators = scene.store().records(scene.workspace.id, RecordKind::Operator, None, 200).await.unwrap();
    assert_eq!(operators.len(), 3);
    assert!(operators.iter().all(|record| matches!(record.body, RecordBody::Operator(_))));
    assert_eq!(scene.store().records(scene.workspace.id, RecordKind::Token, None, 200).await.unwrap(), []);
    assert_eq!(scene.store().records(scene.workspace.id, RecordKind::Settings, None, 200).await.unwrap().len(), 1);
}

/// A record is found by its key as it was last written, and gone when it was removed.
pub async fn a_record_is_replaced_and_removed(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut record = article(&scene, "Before");
    let other = article(&scene, "Other");
    let key = record.body.key();
    let read = async |key| scene.store().record(scene.workspace.id, key).await.unwrap();
    assert_eq!(read(key).await, None);
    scene.put([write(&record), write(&other)]).await;
    assert_eq!(read(key).await, Some(record.clone()));
    assert_eq!(read(RecordKey::new(RecordKind::Token, key.id)).await, None, "the kind is part of the key");

    record.version = Version(2);
    if let RecordBody::Article(article) = &mut record.body {
        article.title = "After".to_owned();
    }
    scene.put([write(&record)]).await;
    assert_eq!(read(key).await, Some(record.clone()));
    assert_eq!(scene.store().records(scene.workspace.id, RecordKind::Article, None, 10).await.unwrap().len(), 2);

    scene.put([Write::DeleteRecord(key)]).await;
    assert_eq!(read(key).await, None);
    assert_eq!(scene.store().records(scene.workspace.id, RecordKind::Article, None, 10).await.unwrap(), [other]);
    // It is gone, and removing it again changes nothing of that.
    scene.put([Write::DeleteRecord(key)]).await;
    record.version = Version(1);
    scene.put([write(&record)]).await;
    assert_eq!(read(key).await, Some(record));
}

/// Several are read at once, absent ones are left out, and what was written last is what is found.
pub async fn conversations_and_contacts_are_found_by_id(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (store, workspace) = (scene.store(), scene.workspace.id);
    let mut contacts: Vec<_> = (0..4).map(|_| scene.contact()).collect();
    let mut conversations: Vec<_> = contacts.iter().map(|contact| scene.workspace.conversation(&fixture.ids, contact)).collect();
    scene.put(contacts.iter().map(scene::contact).chain(conversations.iter().map(scene::conversation))).await;
    contacts[1].name = Some("A name".to_owned());
    contacts[1].version = Version(2);
    conversations[1].labels = vec!["label".to_owned()];
    conversations[1].version = Version(2);
    scene.put([scene::contact(&contacts[1]), scene::conversation(&conversations[1])]).await;

    let ids = [contacts[2].id, ContactId::generate(&fixture.ids), contacts[0].id, contacts[1].id];
    let mut found = store.contacts(workspace, &ids).await.unwrap();
    found.sort_unstable_by_key(|contact| contact.id);
    assert_eq!(found, contacts[..3]);
    let ids = [conversations[2].id, ConversationId::generate(&fixture.ids), conversations[0].id, conversations[1].id];
    let mut found = store.conversations(workspace, &ids).await.unwrap();
    found.sort_unstable_by_key(|conversation| conversation.id);
    assert_eq!(found, conversations[..3]);
    assert_eq!(store.contacts(workspace, &[]).await.unwrap(), []);
    assert_eq!(store.conversations(workspace, &[]).await.unwrap(), []);
}

/// The newest line comes first, in pages of any size.
pub async fn the_audit_log_is_read_backwards(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut lines: Vec<Audit> = (0..7)
        .map(|number| Audit {
            id: AuditId::generate(&fixture.ids),
            at: samples::moment(number),
            actor: AuditActor::System,
            action: format!("action {number}"),
            subject: "settings".to_owned(),
            detail: serde_json::json!({ "number": number }),
        })
        .collect();
    // Two in one commit, and one that comes late.
    for some in [&lines[0..2], &lines[3..5], &lines[2..3], &lines[5..]] {
        scene.put(some.iter().map(|line| Write::Audit(Box::new(line.clone())))).await;
    }
    lines.reverse();
    for limit in [1_usize, 3, 7, 200] {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = scene.store().audit(scene.workspace.id, before, u32::try_from(limit).unwrap()).await.unwrap();
            assert!(page.len() <= limit, "more lines than asked for");
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            found.extend(page);
            assert!(found.len() <= lines.len(), "pages repeat themselves");
        }
        assert_eq!(found, lines);
    }
}
