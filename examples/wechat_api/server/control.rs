//! `/_/…`: what a developer tells the server by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::APP_ID;
use super::account::{AddressList, Kind};
use super::call::Call;
use super::faults::Fault;
use super::followers::Action;
use super::state::{Answer, State};

/// What `/_/` shows.
const HELP: &str = "\
/_/follower?openid=OPENID&did=wrote|tapped|followed|scanned|unfollowed|refused
/_/messages?openid=OPENID       what this follower got
/_/clock?ahead=SECONDS          sets the clock forward
/_/tokens?now=expired|ended     42001, or 40001
/_/address?is=listed|missing|unconfirmed
/_/kind?is=unverified-subscription|verified-subscription|unverified-service|verified-service|test
/_/quota?path=/cgi-bin/…&remain=COUNT
/_/fault?path=/cgi-bin/…&times=COUNT&with=html|hang_up|hang_up_after|end_token|status:CODE|errcode:CODE|slow:MILLISECONDS
/_/autoreply                    POST what get_current_autoreply_info says
/_/menu                         POST what get_current_selfmenu_info says
/_/state                        what the server knows
Every one takes app_id=APP_ID, too.
";

/// Answers what stands below `/_/`.
pub(super) fn answer(state: &mut State, call: &Call, what: &str) -> Answer {
    match carry_out(state, call, what) {
        Some(answer) => answer,
        None => Answer::Page(400, HELP),
    }
}

fn carry_out(state: &mut State, call: &Call, what: &str) -> Option<Answer> {
    let said = |name: &str| call.parameter(name);
    let app_id = match said("app_id") {
        "" => APP_ID,
        other => other,
    };
    match what {
        "" => return Some(Answer::Page(200, HELP)),
        "clock" => state.advance(Duration::from_secs(said("ahead").parse().ok()?)),
        "fault" => {
            let times = said("times").parse().unwrap_or(1);
            state.faults.add(said("path"), times, fault(said("with"))?);
        }
        _ => {
            let account = state.accounts.get_mut(app_id)?;
            match what {
                "follower" => {
                    let openid = Some(said("openid")).filter(|openid| !openid.is_empty())?;
                    let mut actions = Action::ALL.into_iter();
                    match said("did") {
                        "unfollowed" => account.followers.unfollow(openid),
                        "refused" => account.followers.refuse(openid),
                        did => {
                            let (_, action) = actions.find(|(name, _)| *name == did)?;
                            account.followers.act(openid, action, call.now);
                        }
                    }
                }
                "messages" => {
                    let messages = account.followers.messages(said("openid"));
                    return Some(Answer::Json(Value::Array(messages)));
                }
                "tokens" => match said("now") {
                    "expired" => account.tokens.expire(call.now),
                    "ended" => account.tokens.end(),
                    _ => return None,
                },
                "address" => {
                    account.addresses = match said("is") {
                        "listed" => AddressList::Listed,
                        "missing" => AddressList::Missing,
                        "unconfirmed" => AddressList::Unconfirmed,
                        _ => return None,
                    }
                }
                "kind" => account.kind = Kind::named(said("is"))?,
                "quota" => {
                    let remain = said("remain").parse().ok()?;
                    account.quota.set_remaining(said("path"), remain, call.now);
                }
                "autoreply" => account.autoreply = call.json().ok()?,
                "menu" => account.menus.set_console(call.json().ok()?),
                "state" => {
                    let counts = account.followers.message_counts().into_iter();
                    return Some(Answer::Json(json!({
                        "kind": format!("{:?}", account.kind),
                        "uploads": account.materials.uploads,
                        "menu": account.menus.default_menu(),
                        "messages": counts.collect::<BTreeMap<_, _>>(),
                    })));
                }
                _ => return None,
            }
        }
    }
    Some(Answer::Json(json!({ "done": true })))
}

fn fault(text: &str) -> Option<Fault> {
    let (name, number) = text.split_once(':').unwrap_or((text, ""));
    Some(match name {
        "html" => Fault::Html,
        "hang_up" => Fault::HangUp,
        "hang_up_after" => Fault::HangUpAfter,
        "end_token" => Fault::EndToken,
        "status" => Fault::Status(number.parse().ok()?),
        "errcode" => Fault::Errcode(number.parse().ok()?, "as told by /_/fault".to_owned()),
        "slow" => Fault::Slow(Duration::from_millis(number.parse().ok()?)),
        _ => return None,
    })
}
