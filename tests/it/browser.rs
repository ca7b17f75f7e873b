//! A real browser, driven through chromedriver (<https://www.w3.org/TR/webdriver2/>). Knows
//! nothing of the page that it shows.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{io, thread};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::http::{self, PATIENCE};
use crate::requirements;
use crate::server::eventually;

pub const ENTER: &str = "\u{e007}";
pub const TAB: &str = "\u{e004}";
pub const CONTROL: &str = "\u{e009}";

/// Closed when dropped.
pub struct Browser {
    driver: Child,
    /// Where the driver listens.
    address: SocketAddr,
    /// The path of its session.
    session: String,
    _profile: TempDir,
}

impl Browser {
    /// A browser of this language on this page. None, and a word about it, where there is none.
    pub fn open(language: &str, url: &str) -> Option<Browser> {
        let (driver, port) = match started() {
            Ok(started) => started,
            Err(error) => return skip(&format!("chromedriver: {error}")),
        };
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Browser {
            driver,
            address: SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())),
            session: "/session".to_owned(),
            _profile: profile,
        };
        let folder = browser._profile.path().display();
        let flags = format!(
            "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
             --disable-background-networking --disable-component-update --disable-sync \
             --disable-dev-shm-usage --window-size=1280,800 --lang={language} \
             --accept-lang={language} --user-data-dir={folder}"
        );
        let flags: Vec<&str> = flags.split_whitespace().collect();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        match browser.ask("POST", "", &wanted) {
            Ok(session) => {
                let id = session["sessionId"].as_str().unwrap();
                browser.session = format!("{}/{id}", browser.session);
            }
            Err(error) if error.contains("cannot find") => return skip(&error),
            Err(error) => panic!("{error}"),
        }
        browser.does("POST", "/url", &json!({ "url": url }));
        Some(browser)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, String> {
        let (address, session) = (self.address, &self.session);
        let body = match method {
            "POST" => body.to_string(),
            _ => String::new(),
        };
        let request = format!(
            "{method} {session}{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            body.len()
        );
        let said = http::try_exchange(address, request.as_bytes());
        let said = said.map_err(|error| error.to_string())?;
        let answer: Value =
            serde_json::from_slice(&said.body).map_err(|error| error.to_string())?;
        match said.status == 200 {
            true => Ok(answer["value"].clone()),
            false => Err(answer["value"]["message"].to_string()),
        }
    }

    #[track_caller]
    fn does(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, path, body).unwrap()
    }

    /// The one element that this selects, once there is one.
    #[track_caller]
    fn element(&self, selector: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": selector });
        let mut found = Value::Null;
        eventually(&format!("there is {selector}"), || {
            found = self.ask("POST", "/element", &wanted).unwrap_or_default();
            found.is_object()
        });
        let found = found.as_object().unwrap().values().next().unwrap();
        format!("/element/{}", found.as_str().unwrap())
    }

    #[track_caller]
    pub fn click(&self, selector: &str) {
        let path = format!("{}/click", self.element(selector));
        self.does("POST", &path, &json!({}));
    }

    /// Types into an element, over what stands in it.
    #[track_caller]
    pub fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.does("POST", &format!("{element}/clear"), &json!({}));
        self.does(
            "POST",
            &format!("{element}/value"),
            &json!({ "text": text }),
        );
    }

    /// Presses keys, wherever the focus is; the first one held down if it is a modifier.
    pub fn press(&self, keys: &str) {
        let down = keys
            .chars()
            .map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys
            .chars()
            .map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<Value> = match keys.starts_with(CONTROL) {
            true => down.chain(up).collect(),
            false => down.zip(up).flat_map(|(down, up)| [down, up]).collect(),
        };
        let source = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.does("POST", "/actions", &json!({ "actions": [source] }));
    }

    /// What a piece of script returns.
    #[track_caller]
    pub fn script(&self, script: &str) -> Value {
        self.does(
            "POST",
            "/execute/sync",
            &json!({ "script": script, "args": [] }),
        )
    }

    /// The visible text of all that this selects.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        let script = format!(
            "const seen = [...document.querySelectorAll({selector:?})].filter(e => e.checkVisibility()); \
             return seen.map(e => e.innerText).join('\\n')"
        );
        self.script(&script).as_str().unwrap().to_owned()
    }

    /// Waits until this text can be seen there.
    #[track_caller]
    pub fn sees(&self, selector: &str, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let there = self.text(selector);
            if there.contains(text) {
                return;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "{selector} does not say {text:?}:\n{there}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until there is nothing to be seen.
    #[track_caller]
    pub fn sees_no_more(&self, selector: &str) {
        eventually(selector, || self.text(selector).trim().is_empty());
    }

    /// A screen of this size, and a preference such as `prefers-color-scheme`.
    pub fn emulate(&self, width: u32, height: u32, scale: u32, feature: (&str, &str)) {
        let (name, value) = feature;
        for (command, parameters) in [
            (
                "Emulation.setDeviceMetricsOverride",
                json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false }),
            ),
            (
                "Emulation.setEmulatedMedia",
                json!({ "features": [{ "name": name, "value": value }] }),
            ),
        ] {
            let body = json!({ "cmd": command, "params": parameters });
            self.does("POST", "/goog/cdp/execute", &body);
        }
    }

    /// A picture of what is shown, in base64.
    pub fn picture(&self) -> String {
        let picture = self.does("GET", "/screenshot", &Value::Null);
        picture.as_str().unwrap().to_owned()
    }

    /// The page had nothing to complain about: no error, and nothing that its policy forbids.
    #[track_caller]
    pub fn is_content(&self) {
        let log = self.does("POST", "/se/log", &json!({ "type": "browser" }));
        assert_eq!(log, json!([]));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.ask("DELETE", "", &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// A driver and its port. It wants one that is free in IPv4 and in IPv6, and gives up when
/// another program takes either before it does.
fn started() -> io::Result<(Child, String)> {
    for _ in 0..20 {
        let mut command = Command::new("chromedriver");
        let mut driver = command.arg("--port=0").stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.split_once("started successfully on port ")?;
            Some(port.trim_end_matches('.').to_owned())
        });
        if let Some(port) = port {
            return Ok((driver, port));
        }
        driver.wait()?;
    }
    panic!("chromedriver finds no port");
}

fn skip(why: &str) -> Option<Browser> {
    requirements::absent("browser", why);
    None
}
