//! The store, on every database there is: SQLite always, PostgreSQL and MySQL when
//! `WXREPLY_TEST_POSTGRES` and `WXREPLY_TEST_MYSQL` hold their URLs.

/// What is stored is what `User::apply` says, and stays.
mod behaviour;
mod support;
