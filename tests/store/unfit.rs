//! Databases that cannot be used as they are, and what is said of each.

use std::error::Error;

use actix_web::rt::System;
use wxreply::store::{DatabaseState, Store};

use crate::support::{LIMIT, TestDatabase, execute, fresh_databases, on_each_database};

/// Runs a test on each server that has this name, with an empty database.
pub fn on_fresh(name: &str, test: impl AsyncFn(&TestDatabase, &str)) {
    for database in fresh_databases() {
        System::new().block_on(async {
            if database.name == name {
                let (_, database_name) = database.url.rsplit_once('/').unwrap();
                test(&database, database_name).await;
            }
            database.drop_if_own().await;
        });
    }
}

pub async fn label(url: &str) -> &'static str {
    let store = Store::new(url.parse().unwrap(), LIMIT);
    let error = store.probe().await.unwrap_err();
    assert!(!error.to_string().contains("report"), "{error}");
    // Whatever can be read.
    let _ = store.now().await;
    assert!(matches!(store.state(), DatabaseState::Failing(_)));
    let cause = error.source().map(ToString::to_string);
    assert!(cause.is_none_or(|cause| !cause.is_empty()));
    error.label()
}

/// The same server and database, for another user.
pub fn as_user(url: &str, user: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (_, server) = rest.rsplit_once('@').unwrap();
    format!("{scheme}://{user}:word@{server}")
}

#[test]
fn a_probe_finds_a_good_database_good_and_leaves_it_empty() {
    on_each_database(async |database| {
        let store = database.store();
        assert!(matches!(store.state(), DatabaseState::Unused));
        store.probe().await.unwrap();
        assert!(matches!(store.state(), DatabaseState::Usable));
        let export = store.export("wxreply-probe").await.unwrap();
        assert_eq!(export, Default::default());
    });
}

#[test]
fn a_database_in_another_encoding_is_refused() {
    on_fresh("PostgreSQL", async |database, name| {
        let server = format!("{}/postgres", database.url.rsplit_once('/').unwrap().0);
        for encoding in ["LATIN1", "SQL_ASCII"] {
            let other = format!("{name}_{}", encoding.to_lowercase());
            let create = format!(
                "CREATE DATABASE {other} ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'"
            );
            execute(&server, create).await;
            let url = database.url.replace(name, &other);
            assert_eq!(label(&url).await, "encoding");
            execute(&server, format!("DROP DATABASE {other} WITH (FORCE)")).await;
        }
    });
}

#[test]
fn a_missing_schema_is_named() {
    on_fresh("PostgreSQL", async |database, name| {
        let missing = format!("ALTER DATABASE {name} SET search_path = nowhere");
        execute(&database.url, missing).await;
        assert_eq!(label(&database.url).await, "no_schema");
    });
}

#[test]
fn missing_rights_are_named_before_and_after_the_tables_are_made() {
    on_fresh("PostgreSQL", async |database, name| {
        let user = format!("{name}_reader");
        execute(
            &database.url,
            format!("CREATE ROLE {user} LOGIN PASSWORD 'word'"),
        )
        .await;
        let no_create = "REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned();
        execute(&database.url, no_create).await;
        let url = as_user(&database.url, &user);
        assert_eq!(label(&url).await, "forbidden");
        database.store().ping().await.unwrap();
        let grant =
            format!("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {user}");
        execute(&database.url, grant).await;
        assert_eq!(label(&url).await, "forbidden");
        execute(
            &database.url,
            format!("DROP OWNED BY {user}; DROP ROLE {user}"),
        )
        .await;
    });
    on_fresh("MySQL", async |database, name| {
        let user = format!("{}_r", name.get(..20).unwrap());
        execute(
            &database.url,
            format!("CREATE USER {user} IDENTIFIED BY 'word'"),
        )
        .await;
        execute(&database.url, format!("GRANT SELECT ON {name}.* TO {user}")).await;
        let url = as_user(&database.url, &user);
        assert_eq!(label(&url).await, "forbidden");
        database.store().ping().await.unwrap();
        execute(
            &database.url,
            format!("GRANT INSERT, UPDATE ON {name}.* TO {user}"),
        )
        .await;
        assert_eq!(label(&url).await, "forbidden");
        execute(&database.url, format!("DROP USER {user}")).await;
    });
}
