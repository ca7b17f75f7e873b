//! What WeChat's API says to the account: whether it takes the secret and this address, and what
//! the account may do.

use crate::cli::api_account::ApiConnection;
use crate::cli::doctor::finding::Finding;
use crate::i18n::{Phrase, phrase};
use crate::rules::RuleSet;
use crate::wechat_api::{ApiError, ApiHosts, AppCredentials, Interface};

/// Changes nothing, and sends nothing to anybody.
pub(super) fn findings(
    hosts: &ApiHosts,
    credentials: AppCredentials,
    rules: Option<&RuleSet>,
) -> Vec<Finding> {
    let connection = match ApiConnection::new(hosts, credentials) {
        Ok(connection) => connection,
        Err(error) => return vec![Finding::error(phrase!(about_api), error)],
    };
    if let Err(error) = connection.wait(|api| async move { api.token().await }) {
        return vec![wrong(&error)];
    }
    let mut findings = vec![Finding::fine(phrase!(about_api), phrase!(api_token_fine))];
    for interface in Interface::ALL {
        let finding = match connection.wait(|api| async move { api.may(interface).await }) {
            Ok(true) => granted(&connection, interface),
            Ok(false) => refused(interface, rules),
            Err(error) => wrong(&error),
        };
        findings.push(finding);
    }
    findings
}

fn granted(connection: &ApiConnection, interface: Interface) -> Finding {
    let what = name(interface);
    let about = phrase!(about_api);
    match connection.wait(|api| async move { api.quota(interface.path()).await }) {
        Ok(quota) if quota.remain == 0 => Finding::doubtful(
            about,
            phrase!(api_none_left, what, limit = quota.daily_limit),
            phrase!(help_api_none_left),
        ),
        Ok(quota) => {
            let (remain, limit) = (quota.remain, quota.daily_limit);
            Finding::fine(about, phrase!(api_granted_and_left, what, remain, limit))
        }
        // It may, and does not say how often.
        Err(_) => Finding::fine(about, phrase!(api_granted, what)),
    }
}

/// Not every account may do everything, which is wrong only where the rules count on it.
fn refused(interface: Interface, rules: Option<&RuleSet>) -> Finding {
    let said = phrase!(api_not_granted, what = name(interface));
    let counts_on_it = match interface {
        Interface::Menu => rules.is_some_and(|rules| rules.menu.is_some()),
        Interface::Material => rules.is_some_and(|rules| !rules.media.is_empty()),
        Interface::Messages | Interface::QrCodes => false,
    };
    match counts_on_it {
        true => Finding::doubtful(phrase!(about_api), said, phrase!(help_api_not_granted)),
        false => Finding::fine(phrase!(about_api), said),
    }
}

fn name(interface: Interface) -> Phrase {
    match interface {
        Interface::Messages => phrase!(interface_messages),
        Interface::Material => phrase!(interface_material),
        Interface::Menu => phrase!(interface_menu),
        Interface::QrCodes => phrase!(interface_qr_codes),
    }
}

fn wrong(error: &ApiError) -> Finding {
    let said = phrase!(
        api_failed,
        call = error.call.name(),
        why = error.cause.to_string()
    );
    match error.remedy() {
        Some(remedy) => Finding::wrong(phrase!(about_api), said, remedy),
        None => Finding::wrong(phrase!(about_api), said, phrase!(remedy_run_again)),
    }
}
