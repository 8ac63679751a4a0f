//! Names that at most one owner holds.

use std::time::Duration;

use bytes::Bytes;

use super::StoreFixture;
use super::scene::{MINUTE, Scene, done, name, owner};
use crate::store::{Claim, Commit, Outcome, Owner, UniqueKey};

fn claim(key: &UniqueKey, owner: &Owner) -> Claim {
    Claim { key: key.clone(), owner: owner.clone(), keep: None }
}

/// Who comes second learns who was first.
pub async fn a_name_has_one_owner(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (key, first, second) = (name("name"), owner("first"), owner("second"));
    assert_eq!(scene.owner(&key).await, None);
    done(scene.take(&key, &first).await);
    assert_eq!(scene.take(&key, &second).await, Outcome::Taken(vec![(key.clone(), first.clone())]));
    assert_eq!(scene.owner(&key).await, Some(first));
}

/// An owner may take again what it holds.
pub async fn a_name_is_taken_again_by_its_owner(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (key, first) = (name("name"), owner("first"));
    done(scene.take(&key, &first).await);
    done(scene.take(&key, &first).await);
    assert_eq!(scene.owner(&key).await, Some(first));
}

/// What was given up, anybody may take.
pub async fn a_released_name_is_free(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (key, first, second) = (name("name"), owner("first"), owner("second"));
    done(scene.take(&key, &first).await);
    done(scene.release(&key, &first).await);
    assert_eq!(scene.owner(&key).await, None);
    done(scene.take(&key, &second).await);
    assert_eq!(scene.owner(&key).await, Some(second));
}

/// Giving up what nobody holds, or what one held until its time was over, is no conflict.
pub async fn a_release_of_nobodys_name_is_fine(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (key, first, second) = (name("name"), owner("first"), owner("second"));
    done(scene.release(&key, &first).await);
    done(scene.take_for(&key, &first, Some(MINUTE)).await);
    fixture.advance(MINUTE).await;
    done(scene.release(&key, &second).await);
    assert_eq!(scene.owner(&key).await, None);
}

/// Giving up what somebody else holds is a conflict of no key, and changes nothing.
pub async fn a_release_by_somebody_else_is_a_conflict(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (key, first, second) = (name("name"), owner("first"), owner("second"));
    done(scene.take(&key, &first).await);
    assert_eq!(scene.release(&key, &second).await, Outcome::Conflict(Vec::new()));
    assert_eq!(scene.owner(&key).await, Some(first.clone()));

    // Nor may it be given up in somebody's name to take it oneself.
    let robbery = Commit { release: vec![(key.clone(), second.clone())], unique: vec![claim(&key, &second)], ..scene.draft() };
    assert_eq!(scene.commit(robbery).await, Outcome::Taken(vec![(key, first)]));
}

/// Releases come before claims, so one commit can pass a name on.
pub async fn a_name_is_handed_over_in_one_commit(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (key, first, second) = (name("name"), owner("first"), owner("second"));
    done(scene.take(&key, &first).await);
    let handing_over = Commit { release: vec![(key.clone(), first)], unique: vec![claim(&key, &second)], ..scene.draft() };
    done(scene.commit(handing_over).await);
    assert_eq!(scene.owner(&key).await, Some(second));
}

/// Two claims of one commit to one name: fine for one owner, taken for two.
pub async fn a_commit_cannot_take_a_name_for_two(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (key, first, second) = (name("name"), owner("first"), owner("second"));
    let quarrel = Commit { unique: vec![claim(&key, &first), claim(&key, &second)], ..scene.draft() };
    assert_eq!(scene.commit(quarrel).await, Outcome::Taken(vec![(key.clone(), first.clone())]));
    assert_eq!(scene.owner(&key).await, None);
    let twice = Commit { unique: vec![claim(&key, &first), claim(&key, &first)], ..scene.draft() };
    done(scene.commit(twice).await);
    assert_eq!(scene.owner(&key).await, Some(first));
}

/// A name that was taken for a time is held that long and no longer; one that was taken for good stays.
pub async fn a_name_runs_out(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (short, long) = (name("short"), name("long"));
    let (first, second) = (owner("first"), owner("second"));
    done(scene.take_for(&short, &first, Some(Duration::from_hours(30 * 24))).await);
    done(scene.take(&long, &first).await);

    fixture.advance(Duration::from_hours(30 * 24) - MINUTE).await;
    assert_eq!(scene.owner(&short).await, Some(first.clone()));
    assert_eq!(scene.take(&short, &second).await, Outcome::Taken(vec![(short.clone(), first.clone())]));

    fixture.advance(MINUTE).await;
    assert_eq!(scene.owner(&short).await, None);
    done(scene.take(&short, &second).await);
    assert_eq!(scene.owner(&short).await, Some(second.clone()));
    fixture.advance(Duration::from_hours(60 * 24)).await;
    assert_eq!(scene.take(&long, &second).await, Outcome::Taken(vec![(long, first)]));
}

/// Taking a name again sets its time anew, to longer, to shorter and to no end.
pub async fn a_name_taken_again_is_kept_anew(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let first = owner("first");
    let (longer, shorter, endless) = (name("longer"), name("shorter"), name("endless"));
    for (key, before, after) in
        [(&longer, Some(MINUTE), Some(5 * MINUTE)), (&shorter, Some(5 * MINUTE), Some(MINUTE)), (&endless, Some(MINUTE), None)]
    {
        done(scene.take_for(key, &first, before).await);
        done(scene.take_for(key, &first, after).await);
    }
    fixture.advance(2 * MINUTE).await;
    // Something else happens, which may make a store clean up.
    done(scene.commit(scene.draft()).await);
    assert_eq!(scene.owner(&longer).await, Some(first.clone()));
    assert_eq!(scene.owner(&shorter).await, None);
    assert_eq!(scene.owner(&endless).await, Some(first.clone()));
    fixture.advance(3 * MINUTE).await;
    assert_eq!(scene.owner(&longer).await, None);
    assert_eq!(scene.owner(&endless).await, Some(first));
}

/// Names that a collation would take for the same are different, and so are owners.
pub async fn owners_and_names_are_compared_byte_by_byte(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let keys = ["client:a", "client:A", "client:a ", "client:ä", "client:a\u{308}", "client:", "client:%", "client:_", "Ａ", "😀", "😁"];
    for (number, key) in (0_u8..).zip(keys) {
        done(scene.take(&name(key), &Owner(Bytes::copy_from_slice(&[0, number]))).await);
    }
    for (number, key) in (0_u8..).zip(keys) {
        assert_eq!(scene.owner(&name(key)).await, Some(Owner(Bytes::copy_from_slice(&[0, number]))), "the owner of {key:?}");
    }
    let holder = Owner(Bytes::copy_from_slice(&[0, 0]));
    for other in [&[][..], &[0], &[0, 0, 0], &[0, 1], b"00"] {
        let other = Owner(Bytes::copy_from_slice(other));
        assert_eq!(scene.take(&name(keys[0]), &other).await, Outcome::Taken(vec![(name(keys[0]), holder.clone())]));
    }
}

/// Of several names all that are taken are named, and none of them is taken.
pub async fn every_taken_name_is_named(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (first, second) = (owner("first"), owner("second"));
    let (one, two, free) = (name("one"), name("two"), name("free"));
    done(scene.take(&one, &first).await);
    done(scene.take(&two, &first).await);
    let commit = Commit { unique: vec![claim(&one, &second), claim(&free, &second), claim(&two, &second)], ..scene.draft() };
    match scene.commit(commit).await {
        Outcome::Taken(mut taken) => {
            taken.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            assert_eq!(taken, [(one, first.clone()), (two, first)]);
        }
        other => panic!("two names are taken, yet the commit was answered {other:?}"),
    }
    assert_eq!(scene.owner(&free).await, None);
}
