//! Servers that give fewer connections than the bot would take.

use actix_web::rt;
use wxreply::store::{Remembered, Store};

use crate::support::{LIMIT, TestDatabase, add, execute};
use crate::unfit::{as_user, label, on_fresh};

/// More messages at once than there are connections.
pub async fn remembers_at_once(store: &Store, database: &TestDatabase, key: &str) {
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            let delivery = database.delivery(&format!("o{number}"), key);
            rt::spawn(async move {
                let changes = [add("list", "one")];
                store.remember(&delivery, None, &changes, "").await
            })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), Remembered::Done);
    }
}

/// The database, with its tables, for a user who is made so.
async fn of_new_user(database: &TestDatabase, user: &str, made_by: [String; 2]) -> String {
    database.store().ping().await.unwrap();
    for statement in made_by {
        execute(&database.url, statement).await;
    }
    as_user(&database.url, user)
}

#[test]
fn messages_wait_for_the_connections_that_the_server_gives() {
    on_fresh("PostgreSQL", async |database, name| {
        let role = format!("{name}_few");
        let statements = [
            format!("CREATE ROLE {role} LOGIN PASSWORD 'word' CONNECTION LIMIT 2"),
            format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"),
        ];
        let url = of_new_user(database, &role, statements).await;
        let store = Store::new(url.parse().unwrap(), LIMIT);
        remembers_at_once(&store, database, "1").await;
        // Then all begin anew at the same moment.
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
        );
        execute(&database.url, end).await;
        remembers_at_once(&store, database, "2").await;
        drop(store);
        let none = format!("ALTER ROLE {role} CONNECTION LIMIT 0");
        execute(&database.url, none).await;
        assert_eq!(label(&url).await, "crowded");
        let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
        execute(&database.url, gone).await;
    });
    on_fresh("MySQL", async |database, name| {
        let user = format!("{}_few", name.get(..20).unwrap());
        let statements = [
            format!("CREATE USER {user} IDENTIFIED BY 'word' WITH MAX_USER_CONNECTIONS 2"),
            format!("GRANT ALL ON {name}.* TO {user}"),
        ];
        let url = of_new_user(database, &user, statements).await;
        let store = Store::new(url.parse().unwrap(), LIMIT);
        remembers_at_once(&store, database, "1").await;
        execute(&database.url, format!("DROP USER {user}")).await;
    });
}
