//! Notices a renewed certificate by the content of its files, however they are replaced.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use crate::i18n::phrase;
use crate::server::tls::LiveCertificate;
use crate::server::tls::certificate::{Certificate, CertificateError, CertificateFiles, Pair};

/// Reading two small files is cheap, and certificates are renewed every few weeks.
const POLL: Duration = Duration::from_secs(1);

/// What one look at the files has shown: their content, or why there is none.
type ReadCertificate = Result<CertificateFiles, String>;

/// Replaces the certificate whenever its files have changed and are stable, as long as it is in
/// use.
pub(super) fn follow(pair: Pair, taken: CertificateFiles, live: Weak<LiveCertificate>) {
    let spawned = thread::Builder::new()
        .name("certificate".to_owned())
        .spawn(move || look_again_and_again(&pair, taken, &live));
    if let Err(error) = spawned {
        log::warn!("{}", phrase!(log_no_renewal, reason = &error));
    }
}

fn look_again_and_again(pair: &Pair, taken: CertificateFiles, live: &Weak<LiveCertificate>) {
    let mut judged = Ok(taken);
    let mut before = judged.clone();
    loop {
        thread::sleep(POLL);
        let Some(live) = live.upgrade() else { return };
        let now = look(pair);
        // The files are replaced one after the other, and do not match in between.
        if now != judged && now == before {
            judge(pair, &now, &live);
            judged = now.clone();
        }
        before = now;
    }
}

fn look(pair: &Pair) -> ReadCertificate {
    pair.read_again()
        .map_err(|unreadable| unreadable.to_string())
}

fn judge(pair: &Pair, look: &ReadCertificate, live: &LiveCertificate) {
    let parsed = look.as_ref().map_err(String::clone).and_then(|written| {
        Certificate::parse(pair, written).map_err(|unusable: CertificateError| unusable.to_string())
    });
    match parsed {
        Ok(certificate) => {
            let certificate = Arc::new(certificate);
            live.0.store(Arc::clone(&certificate));
            certificate.tell(pair, true);
        }
        Err(why) => log::error!("{}", phrase!(log_certificate_kept, why = why.to_string())),
    }
}
