//! The public listener, which serves only the paths of the accounts. Clients without a valid
//! signature get neither idle connections nor memory for large requests.

use std::future::{pending, ready};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Request};
use actix_service::{
    Service, ServiceFactory, ServiceFactoryExt, apply_fn_factory, fn_service, map_config,
};
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_tls::accept::{TlsError, max_concurrent_tls_connect};
use actix_web::dev::{AppConfig, Extensions, Server};
use actix_web::rt::net::TcpStream;
use actix_web::{App, Error, web};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::server::intake::{Budget, Intake};
use crate::server::metered_connection::{Metered, Socket};
use crate::server::{Limits, State, callback};

const NAME: &str = "callback";

/// How long a client may take to read the refusal of an incomplete request.
const LINGER: Duration = Duration::from_secs(1);

pub(super) fn start(
    listener: TcpListener,
    limits: Limits,
    state: &web::Data<State>,
) -> io::Result<Server> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let connections = limits.max_connections.div_ceil(workers);
    // A slow handshake must not delay others.
    max_concurrent_tls_connect(connections);
    let builder = Server::build()
        .disable_signals()
        .workers(workers)
        .max_concurrent_connections(connections)
        .shutdown_timeout(state.deadline.as_secs() + 1);
    let signal = builder.graceful_shutdown_signal();
    let draining = move || {
        let signal = signal.clone();
        async move { signal.notified().await }
    };
    let budget = Arc::new(Budget::new(Arc::clone(&state.metrics)));
    let meter = move || Intake::new(Arc::clone(&budget));
    let shared = state.clone();
    let builder = match &state.certificate {
        None => builder.listen(NAME, listener, move || {
            let meter = meter.clone();
            let accept = move |stream: TcpStream| {
                let peer = stream.peer_addr().ok();
                ready(Ok::<_, DispatchError>((
                    Metered::new(stream, meter()),
                    peer,
                )))
            };
            fn_service(accept).and_then(http(&shared, limits, draining.clone()))
        })?,
        Some(certificate) => {
            let config = Arc::clone(certificate).server_config();
            let mut acceptor = Acceptor::new(config.map_err(io::Error::other)?);
            acceptor.set_handshake_timeout(limits.client_timeout);
            builder.listen(NAME, listener, move || {
                let (outer, inner) = (meter.clone(), meter.clone());
                let accept = move |stream: TcpStream| {
                    ready(Ok::<_, TlsError<io::Error, DispatchError>>(Metered::new(
                        stream,
                        outer(),
                    )))
                };
                let shake_hands = acceptor.clone().map_err(TlsError::into_service_error);
                fn_service(accept)
                    .and_then(shake_hands)
                    .map(move |stream: TlsStream<Metered<TcpStream>>| {
                        // From here on, decrypted data is counted.
                        stream.get_ref().0.intake().trust();
                        (Metered::new(stream, inner()), None)
                    })
                    .and_then(http(&shared, limits, draining.clone()).map_err(TlsError::Service))
            })?
        }
    };
    Ok(builder.run())
}

impl<S: Socket> Socket for TlsStream<S> {
    fn socket(&self) -> BorrowedFd<'_> {
        self.get_ref().0.socket()
    }
}

/// What is done with the bytes of a connection.
fn http<S, F, D>(
    state: &web::Data<State>,
    limits: Limits,
    draining: F,
) -> impl ServiceFactory<
    (Metered<S>, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
> + use<S, F, D>
where
    S: Socket + AsyncRead + AsyncWrite + Unpin + 'static,
    F: Fn() -> D + 'static,
    D: Future<Output = ()> + 'static,
{
    Arc::clone(&state.heartbeats).begin();
    let app = App::new()
        .app_data(state.clone())
        .default_service(web::to(callback::answer));
    let app = map_config(app, |()| AppConfig::default());
    let app = app.map_err(|error: Error| error.error_response());
    let app = apply_fn_factory(app, |request: Request, app| {
        let intake = request.conn_data::<Rc<Intake>>().cloned();
        // Requests pipelined after a refused one are not processed.
        let is_refused = intake.as_ref().is_some_and(|intake| intake.is_refused());
        let answer = (!is_refused).then(|| app.call(request));
        async move {
            let response = match answer {
                Some(answer) => answer.await,
                None => {
                    intake.iter().for_each(|intake| intake.end());
                    pending().await
                }
            };
            intake.iter().for_each(|intake| intake.answered());
            response
        }
    });
    let metrics = Arc::clone(&state.metrics);
    HttpService::build()
        .graceful_shutdown_signal(draining)
        .client_request_timeout(limits.client_timeout)
        .client_disconnect_timeout(LINGER)
        .keep_alive(limits.keep_alive)
        .on_connect_ext(move |stream: &Metered<S>, data: &mut Extensions| {
            data.insert(Rc::clone(stream.intake()));
            data.insert(metrics.connected());
        })
        .h1(app)
}
