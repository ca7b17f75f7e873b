//! Files that WeChat keeps: which replica uploads one, and what is known of it afterwards.

use actix_web::rt;
use wxreply::media::{ContentHash, MediaKind};
use wxreply::store::{KeptMedia, Lease, MediaClaim, MediaKey, Store};

use crate::support::{NOON, TestDatabase, databases, let_replicas_die, on_each_database};

fn key(database: &TestDatabase, kind: MediaKind, content: &str) -> MediaKey {
    MediaKey {
        app_id: database.account.clone(),
        kind,
        hash: ContentHash::of(content.as_bytes()),
    }
}

async fn claim(store: &Store, lease: &Lease, key: &MediaKey) -> MediaClaim {
    store.claim_media(lease, key, NOON).await.unwrap()
}

async fn keep(store: &Store, key: &MediaKey, media_id: &str) -> Option<String> {
    let url = "https://mmbiz.qpic.cn/1";
    store.keep_media(key, media_id, url, NOON).await.unwrap()
}

fn kept(media_id: &str) -> MediaClaim {
    MediaClaim::Kept(media_id.to_owned())
}

const OURS: MediaClaim = MediaClaim::Ours { is_new: true };
const OURS_AGAIN: MediaClaim = MediaClaim::Ours { is_new: false };

#[test]
fn one_replica_uploads_a_file_and_all_know_it() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let (lease, other_lease) = (one.lease().await.unwrap(), other.lease().await.unwrap());
        let image = key(database, MediaKind::Image, "a");
        assert_eq!(claim(&one, &lease, &image).await, OURS);
        let elsewhere = MediaClaim::Elsewhere;
        assert_eq!(claim(&other, &other_lease, &image).await, elsewhere);
        assert_eq!(one.kept_media(&database.account).await.unwrap(), []);
        assert_eq!(keep(&one, &image, "M1").await.as_deref(), Some("M1"));
        assert_eq!(claim(&other, &other_lease, &image).await, kept("M1"));

        // The same as something else, other content and another account are other files.
        let thumb = key(database, MediaKind::Thumb, "a");
        let content = key(database, MediaKind::Image, "b");
        let app_id = format!("{}-2", database.account);
        let account = MediaKey {
            app_id,
            ..image.clone()
        };
        for other_file in [&thumb, &content, &account] {
            assert_eq!(claim(&other, &other_lease, other_file).await, OURS);
        }
        let known = other.kept_media(&database.account).await.unwrap();
        let expected = KeptMedia {
            kind: MediaKind::Image,
            hash: image.hash,
            media_id: "M1".to_owned(),
        };
        assert_eq!(known, [expected]);
    });
}

#[test]
fn what_was_not_uploaded_is_free_and_what_is_forgotten_is_uploaded_again() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let (lease, other_lease) = (one.lease().await.unwrap(), other.lease().await.unwrap());
        let image = key(database, MediaKind::Image, "a");
        assert_eq!(claim(&one, &lease, &image).await, OURS);
        // Another replica cannot give up what it does not do.
        other.release_media(&other_lease, &image).await.unwrap();
        assert_eq!(
            claim(&other, &other_lease, &image).await,
            MediaClaim::Elsewhere
        );
        one.release_media(&lease, &image).await.unwrap();
        assert_eq!(claim(&other, &other_lease, &image).await, OURS);
        // It does not know what came of its first try.
        assert_eq!(claim(&other, &other_lease, &image).await, OURS_AGAIN);
        assert_eq!(keep(&other, &image, "M1").await.as_deref(), Some("M1"));
        one.release_media(&lease, &image).await.unwrap();
        assert_eq!(claim(&one, &lease, &image).await, kept("M1"));

        let app_id = &database.account;
        assert_eq!(one.forget_media(app_id, "M2").await.unwrap(), 0);
        assert_eq!(one.forget_media(app_id, "M1").await.unwrap(), 1);
        assert_eq!(keep(&other, &image, "M3").await, None);
        assert_eq!(claim(&one, &lease, &image).await, OURS);
    });
}

#[test]
fn a_dead_replica_is_replaced_and_two_that_uploaded_agree() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let lease = one.lease().await.unwrap();
        let image = key(database, MediaKind::Image, "a");
        assert_eq!(claim(&one, &lease, &image).await, OURS);
        let_replicas_die(database).await;
        let other_lease = other.lease().await.unwrap();
        assert_eq!(claim(&other, &other_lease, &image).await, OURS_AGAIN);
        // The first was only slow.
        assert_eq!(keep(&one, &image, "M1").await.as_deref(), Some("M1"));
        assert_eq!(keep(&other, &image, "M2").await.as_deref(), Some("M1"));
    });
}

#[test]
fn many_who_begin_at_once_upload_each_file_once() {
    for database in databases() {
        rt::System::new().block_on(async {
            let replicas = [database.store(), database.store()];
            for round in 0..10 {
                let file = key(&database, MediaKind::Voice, &round.to_string());
                let tasks: Vec<_> = (0..6)
                    .map(|number: usize| {
                        let (store, file) = (replicas[number % 2].clone(), file.clone());
                        rt::spawn(async move {
                            let lease = store.lease().await.unwrap();
                            claim(&store, &lease, &file).await == OURS
                        })
                    })
                    .collect();
                let mut uploads = 0;
                for task in tasks {
                    uploads += usize::from(task.await.unwrap());
                }
                assert_eq!(uploads, 1, "on {}", database.name);
            }
        });
    }
}
