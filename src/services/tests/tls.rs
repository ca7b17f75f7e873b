//! Endpoints whose certificates are right, and those whose are not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, Stream};
use serde_json::json;

use super::*;
use crate::http_client::endpoint::ok;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Answers `{}` with a certificate for this name that ends with the year before.
fn endpoint(authority: &CertifiedIssuer<'_, KeyPair>, name: &str, until: i32) -> SocketAddr {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut connection = ServerConnection::new(config.clone()).unwrap();
            let mut tls = Stream::new(&mut connection, &mut stream);
            // Whoever does not trust the certificate says nothing more.
            if tls.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {
                let _ = tls.write_all(&ok("{}"));
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        }
    });
    address
}

fn ask_at(trusted: Arc<rustls::ClientConfig>, host: &str, address: SocketAddr) -> AskResult {
    let to_it: Resolver = Arc::new(move |_, _| Box::pin(async move { Ok(vec![address]) }));
    let allowed = AllowList(vec![address.to_string().parse().unwrap()]);
    let outside = Outside {
        reach: Reach::public(allowed),
        secrets: Arc::new(secrets),
    };
    let services = Services::with(trusted, to_it, outside);
    let url = format!("https://{host}:{}/", address.port());
    let mut service = webhook();
    service.retries = 1;
    block_on(services.ask(&question(service, &url, parcel()), &asking()))
}

#[test]
fn only_a_certificate_for_the_name_by_a_known_authority_is_taken() {
    let ours = authority();
    let trusted = trust::only(ours.pem().as_bytes()).unwrap().unwrap();
    let (name, year) = ("shop.example.com", 2100);
    let asked = ask_at(trusted.clone(), name, endpoint(&ours, name, year));
    assert_eq!(answer(asked), Ok(json!({})));
    let usual = || trust::usual().unwrap();
    let cases = [
        (
            "unknown authority",
            usual(),
            name,
            endpoint(&ours, name, year),
        ),
        (
            "another's",
            trusted.clone(),
            name,
            endpoint(&authority(), name, year),
        ),
        (
            "another name",
            trusted.clone(),
            "api.example.com",
            endpoint(&ours, name, year),
        ),
        (
            "no name",
            trusted.clone(),
            "127.0.0.1",
            endpoint(&ours, name, year),
        ),
        ("expired", trusted, name, endpoint(&ours, name, 2021)),
    ];
    for (what, trusted, host, address) in cases {
        let asked = ask_at(trusted, host, address);
        assert_eq!(asked.usage.tries, 1, "{what}");
        let failure = asked.answer.unwrap_err();
        let found = (failure.error, failure.why.id());
        assert_eq!(found, (ServiceError::Refused, "call-tls"), "{what}");
    }
}
