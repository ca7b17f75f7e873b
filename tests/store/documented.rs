//! docs/database.md tells the truth: its queries run, its tables are the tables.

use std::fs;
use std::path::Path;

use actix_web::rt::System;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use wxreply::store::{MAX_ITEMS, MAX_KEY_CHARACTERS, MAX_VALUE_BYTES};

use crate::support::{TestDatabase, add, connect, set};

fn page() -> String {
    read("docs/database.md")
}

fn read(page: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap()
}

fn queries(page: &str) -> Vec<&str> {
    let blocks = page.split("```sql\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

async fn rows(connection: &mut AnyConnection, query: &str) -> Vec<Vec<String>> {
    let rows = sqlx::raw_sql(AssertSqlSafe(query.to_owned()))
        .fetch_all(connection)
        .await
        .unwrap();
    rows.iter()
        .map(|row| {
            (0..row.len())
                .map(|column| match row.try_get::<i64, _>(column) {
                    Ok(number) => number.to_string(),
                    Err(_) => row.get(column),
                })
                .collect()
        })
        .collect()
}

#[test]
fn the_queries_for_other_programs_find_what_followers_stored() {
    let database = TestDatabase::sqlite();
    let page = page();
    let queries = queries(&page);
    assert_eq!(queries.len(), 6);
    System::new().block_on(async {
        let store = database.store();
        let followers = [
            ("o1", vec![set("threshold", "10"), add("stocks", "600519")]),
            (
                "o2",
                vec![
                    add("stocks", "600519"),
                    add("stocks", "000001"),
                    set("step", "ask"),
                ],
            ),
            ("o3", vec![set("threshold", "30")]),
        ];
        for (openid, changes) in followers {
            let delivery = database.delivery(openid, "1");
            store.remember(&delivery, None, &changes, "").await.unwrap();
        }
        let mut other = connect(&database.url).await;
        let account = database.account.as_str();
        assert_eq!(
            rows(&mut other, queries[0]).await,
            [["o1", account, "10"], ["o3", account, "30"]]
        );
        assert_eq!(
            rows(&mut other, queries[1]).await,
            [["600519", "2"], ["000001", "1"]]
        );
        assert_eq!(rows(&mut other, queries[2]).await, [["o1", "10"]]);
        assert_eq!(rows(&mut other, queries[3]).await.len(), 3);
        for query in &queries[4..] {
            rows(&mut other, query).await;
        }

        // What the page says about writing reaches the bot.
        let mut delivery = database.delivery("oABC", "1");
        delivery.account = "gh_1".to_owned();
        let recalled = store.recall(&delivery).await.unwrap();
        assert_eq!(recalled.user.get("threshold").unwrap().text(), "12.5");
        rows(&mut other, queries[5]).await;
        let changed = store.recall(&delivery).await.unwrap().version;
        assert_ne!(recalled.version, changed);
    });
}

#[test]
fn the_chinese_page_has_the_same_queries() {
    assert_eq!(queries(&read("docs/zh/database.md")), queries(&page()));
}

#[test]
fn every_table_and_column_is_explained() {
    let database = TestDatabase::sqlite();
    let pages = [page(), read("docs/zh/database.md")];
    System::new().block_on(async {
        database.store().ping().await.unwrap();
        let mut other = connect(&database.url).await;
        let columns = "SELECT tables.name, columns.name FROM sqlite_schema AS tables \
                       JOIN pragma_table_info(tables.name) AS columns \
                       WHERE tables.type = 'table'";
        let columns = rows(&mut other, columns).await;
        assert!(columns.len() > 15);
        for column in &columns {
            for page in &pages {
                let (_, section) = page.split_once(&format!("### `{}`", column[0])).unwrap();
                let section = section.split("\n#").next().unwrap();
                assert!(section.contains(&format!("`{}`", column[1])), "{column:?}");
            }
        }
    });
}

#[test]
fn the_limits_on_the_page_are_those_of_the_store() {
    let page = page();
    for limit in [
        format!("| a key | {MAX_KEY_CHARACTERS} characters |"),
        format!(
            "{},{:03} bytes",
            MAX_VALUE_BYTES / 1000,
            MAX_VALUE_BYTES % 1000
        ),
        format!("{},{:03} items", MAX_ITEMS / 1000, MAX_ITEMS % 1000),
    ] {
        assert!(page.contains(&limit), "{limit}");
    }
}
