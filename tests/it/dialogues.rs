//! Dialogues and numbers on every database: what arrives at one moment is answered in an order,
//! and counted once.

use std::thread;

use crate::database::{databases, new_follower, value};
use crate::server::{Server, said_text};
use crate::support::Folder;
use crate::wechat;

const RULES: &str = "\
options: { on_error: 出错了 }
rules:
  - { name: 加, when: { prefix: 加 }, increase: { points: <rest> }, reply: <new.points> }
  - name: 订座
    when: { equals: 订座 }
    dialogue:
      cancel: { equals: 取消, reply: 不订了 }
      steps:
        - { ask: 几位？, store: people, accept: { regex: '^[0-9]+$' }, otherwise: 请回复数字 }
        - { ask: '<people> 位，对吗？', choices: { 是: next, 否: restart } }
    increase: { booked: 1 }
    reply: '<people> 位，第 <new.booked> 次'
  - { name: 其他, when: { type: text }, reply: 没听懂 }
";

fn start(folder: &Folder, url: &str) -> Server {
    Server::start(folder, &["--database", url, "--deadline", "4900ms"])
}

#[test]
fn sums_are_exact_however_many_messages_arrive_at_once() {
    const EACH: usize = 10;
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in databases(&folder) {
        let servers = [start(&folder, &url), start(&folder, &url)];
        let follower = new_follower();
        let [one, other] = &servers;
        let count = |server: &Server| -> Vec<f64> {
            let says = |_| server.says(&follower, "加0.5").parse().unwrap();
            (0..EACH).map(says).collect()
        };
        let mut sums: Vec<f64> = thread::scope(|scope| {
            let threads = [one, other, one, other].map(|server| scope.spawn(|| count(server)));
            let sums = threads.into_iter().map(|one| one.join().unwrap());
            sums.flatten().collect()
        });
        sums.sort_by(f64::total_cmp);
        let expected: Vec<f64> = (1..=4 * EACH).map(|count| count as f64 / 2.0).collect();
        assert_eq!(sums, expected, "each sum is told once");
        assert_eq!(value(&url, &follower, "points"), "20");
        assert_eq!(servers[0].says(&follower, "加很多"), "出错了");
        assert_eq!(value(&url, &follower, "points"), "20");
    }
}

#[test]
fn one_of_two_answers_at_the_same_moment_books_and_the_other_finds_no_dialogue() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in databases(&folder) {
        let servers = [start(&folder, &url), start(&folder, &url)];
        let follower = new_follower();
        for booked in 1..=5 {
            assert_eq!(servers[0].says(&follower, "订座"), "几位？");
            let people = wechat::text(&follower, "3");
            for server in &servers {
                assert_eq!(said_text(&server.send(&people)), "3 位，对吗？", "a retry");
            }
            let mut said: Vec<String> = thread::scope(|scope| {
                let yes = servers
                    .each_ref()
                    .map(|server| scope.spawn(|| server.says(&follower, "是")));
                yes.into_iter().map(|one| one.join().unwrap()).collect()
            });
            said.sort();
            assert_eq!(said, [format!("3 位，第 {booked} 次"), "没听懂".to_owned()]);
        }
        assert_eq!(value(&url, &follower, "booked"), "5");
    }
}
