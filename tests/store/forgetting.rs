//! Export and forget.

use std::time::Duration;

use wxreply::store::{Delivery, Export};
use wxreply::user::Change;

use crate::support::{NOON, add, on_each_database, set, set_for};

#[test]
fn a_person_sees_everything_stored_and_can_have_it_deleted() {
    on_each_database(async |database| {
        let store = database.store();
        let person = format!("o_{}", database.account);
        let delivery = database.delivery(&person, "1");
        let elsewhere = Delivery {
            account: "gh_elsewhere".to_owned(),
            ..delivery.clone()
        };
        let hour = Duration::from_secs(3600);
        let changes = [
            set("threshold", "10"),
            set_for("step", "ask", hour),
            add("stocks", "600519"),
        ];
        store
            .remember(&delivery, None, &changes, "answer")
            .await
            .unwrap();
        store
            .remember(&elsewhere, None, &[set("threshold", "20")], "answer")
            .await
            .unwrap();
        let neighbour = database.delivery("o2", "1");
        store
            .remember(&neighbour, None, &changes, "")
            .await
            .unwrap();

        let export = store.export(&person).await.unwrap();
        let values: Vec<_> = export
            .values
            .iter()
            .map(|value| (value.key.as_str(), value.value.as_str(), value.expires_at))
            .collect();
        assert_eq!(values.len(), 3);
        for value in [
            ("threshold", "10", None),
            ("step", "ask", Some(NOON + 3600)),
            ("threshold", "20", None),
        ] {
            assert!(values.contains(&value), "{value:?}");
        }
        assert_eq!(export.items.len(), 1);
        assert_eq!(export.items[0].item, "600519");
        assert_eq!(export.answers.len(), 2);
        assert_eq!(export.answers[0].answer, "answer");

        assert!(store.forget(&person).await.unwrap() > 0);
        assert_eq!(store.export(&person).await.unwrap(), Export::default());
        assert!(store.recall(&delivery).await.unwrap().user.is_empty());
        assert_eq!(store.recall(&delivery).await.unwrap().answer, None);
        assert_eq!(store.forget(&person).await.unwrap(), 0);
        assert!(!store.recall(&neighbour).await.unwrap().user.is_empty());
    });
}

#[test]
fn clear_all_leaves_no_row_of_the_follower_but_the_answer() {
    on_each_database(async |database| {
        let store = database.store();
        let person = format!("o_{}", database.account);
        let changes = [set("a", "1"), add("b", "1")];
        let subscribe = database.delivery(&person, "1");
        store
            .remember(&subscribe, None, &changes, "")
            .await
            .unwrap();
        let unsubscribe = database.delivery(&person, "2");
        store
            .remember(&unsubscribe, None, &[Change::ClearAll], "")
            .await
            .unwrap();
        // The answers to the two messages, until WeChat asks for them no longer.
        assert_eq!(store.forget(&person).await.unwrap(), 2);
    });
}
