//! The only test binary: each module shows one side of the program as its users meet it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// Runs commands that call WeChat's API.
mod account_command;
/// The file of many accounts.
mod accounts_files;
/// The page about many accounts, and commands for one of them.
mod accounts_page;
/// The operator's listener.
mod admin;
mod agency;
/// One account among many.
mod among;
/// Any message and any rules: the answer is one that WeChat takes.
mod anything;
/// Files named on the command line.
mod arguments;
/// Rules that ask services.
mod asking;
/// Clients that mean no good.
mod attack;
/// Certificates, and a client that trusts who made them.
mod authority;
/// `backup`: a copy of a SQLite database that is in use.
mod backup;
mod beginning;
/// The pages under `docs` as a book.
mod book;
/// A real browser, if there is one.
mod browser;
/// What the callback says to WeChat, and to everyone else.
mod callback;
/// The certificate of the callback, and its renewal.
mod certificates;
/// Exit codes and exact output of `check`, `test` and `try`.
mod commands;
/// `kill -9` in the middle of writes.
mod crash;
/// The databases to test on, and what is in them.
mod database;
/// The database before a follower needs it.
mod database_check;
/// Why each dependency is there.
mod dependencies;
/// Dialogues and numbers on every database.
mod dialogues;
/// A disk of a test's own.
mod disk;
/// `doctor` finds what newcomers get wrong.
mod doctor;
/// `doctor` asks what the account may do.
mod doctor_api;
/// `doctor` asks each service.
mod doctor_services;
/// `doctor --url` finds what WeChat would meet.
mod doctor_url;
/// Every rule file in the documents.
mod documents;
/// Signals while the rules are still being read.
mod early_signals;
/// Signals, restarts and supervisors.
mod ending;
/// The pages about errors and warnings, and `explain`, which shows them.
mod explaining;
/// `export` and `forget`: what is stored of one person.
mod followers;
/// `fmt`: tidy files say what they said.
mod formatting;
/// Followers are answered while others attack.
mod hostile;
/// Plain HTTP, as exact or as broken as a test wants it.
mod http;
/// `import`: what answered an account answers on, and what cannot is said.
mod importing;
/// `import --live`: the auto-replies as WeChat has them now.
mod importing_live;
mod in_chinese;
mod including;
/// `--last-good`: restarts with a broken rule file.
mod last_good;
/// What takes longer than it may.
mod late;
mod listing;
/// A server of language models that others wrote.
#[path = "../requirements/llmock.rs"]
mod llmock;
/// `media`: material of the account by hand.
mod media_command;
/// Pictures, voices and videos for rules that show them.
mod media_files;
/// Rules that name files.
mod media_rules;
/// Files that rules show are uploaded.
mod media_uploads;
/// `menu`: the menu of the account and the one in the rule file.
mod menu_command;
/// Pipes, devices and huge files where rules should be.
mod odd_files;
/// Commands that look into a database make nothing in it.
mod only_what_is_there;
/// What is packaged and documented for operators.
mod operating;
/// Output that cannot be written.
mod output;
/// Links, names and twins of the documents.
mod pages;
/// What the playground asks the server for.
mod playground;
/// The playground in a browser.
mod playing;
/// Ports for servers that cannot choose one.
#[path = "../requirements/ports.rs"]
mod ports;
/// A PostgreSQL server that can be stopped.
mod postgres;
/// Reverse proxies in front.
mod proxies;
/// `qr`: codes with a scene.
mod qr_command;
/// The rules are replaced while the server answers.
mod reload;
/// Followers are remembered, whatever happens to the database.
mod remembering;
/// Tests that cannot run here.
mod required;
/// What tests need that not every machine has.
#[path = "../requirements/mod.rs"]
mod requirements;
/// Every rule file under `tests/data/rules`.
mod rule_files;
/// The samples for Compose and Kubernetes.
mod samples;
/// The JSON Schema accepts what the program accepts, and sees most mistakes.
mod schema;
/// `send` plays WeChat against the running server, and against others.
mod sending;
/// The running server.
mod server;
/// What the documents say that the program prints.
mod shown_output;
/// Everything at once, and for long.
mod soak;
/// The file of a SQLite database under a running server: gone, replaced, or on a full disk.
mod sqlite_files;
/// A log that nobody reads.
mod stalled_log;
/// A COMMIT that waits for a standby.
mod standby;
/// What it takes to start the server, and what is said when it does not.
mod starting;
/// What a test stores of followers without a bot.
mod stored;
/// Who cannot sign costs little memory.
mod strangers;
/// How the program is run here.
mod support;
/// Colours, on a terminal and only there.
mod terminal;
/// Layers, first lines, and where foreign crates are named.
mod tidy;
/// Tests of rule files that hang on a time they do not name.
mod timing;
/// The callback over TLS.
mod tls;
/// `try --live` asks a service.
mod trying_live;
/// Wrong usage, help, completions, colours and closed pipes.
mod usage;
/// `--watch`: what runs again when a file is saved.
mod watching;
/// WeChat and its followers, as the server meets them.
mod wechat;
/// A server that plays WeChat's API, which `cargo run --example wechat_api` starts.
#[path = "../../examples/wechat_api/server/mod.rs"]
#[allow(dead_code, reason = "the example uses more of it")]
mod wechat_api;
/// The server that plays WeChat's API does as WeChat's documentation says.
mod wechat_api_server;
