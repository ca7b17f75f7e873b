# https://just.systems: `just` lists these, `just test` runs one.

_default:
    @just --list

# Answer on http://127.0.0.1:8080/wx_flask by rules.yaml; more flags may follow
serve *flags:
    cargo run --release -- serve --token test {{ flags }}

# Play WeChat: just send 你好
send text:
    cargo run --release -- send http://127.0.0.1:8080/wx_flask {{ quote(text) }} --token test

# All tests, or those whose names contain a word: just test importing
test *words:
    cargo test --locked {{ words }}

# Formatting and lints, as they must be before anything lands
lint:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# Format the code
fmt:
    cargo fmt

# Write down anew what tests expect: schema, diagnostics, imported files; read the diff like code
expect:
    UPDATE_EXPECTED=1 cargo test --locked

# Everything that must pass before anything lands
ci:
    .ci/run

# One of the benchmarks: just bench engine
bench name:
    cargo bench --locked --bench {{ name }}

# The book in both languages, into target/book
book:
    mdbook build docs
    mdbook build docs/zh

# The Debian package, into target/debian
deb:
    packaging/debian/build
