//! The two listeners: the public one, which serves only the paths of the accounts, and the
//! operator's. Clients without a valid signature, or from elsewhere than the operator's pages, get
//! neither idle connections nor memory for large requests.

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
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions, Server, ServiceRequest, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::{App, Error, web};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::server::intake::{Intake, IntakeBudget};
use crate::server::metered_connection::{Metered, Socket};
use crate::server::{ClientLimits, ServerState, callback};

const CALLBACK: &str = "callback";
const ADMIN: &str = "admin";

/// How long an idle connection of the operator's listener stays.
const ADMIN_KEEP_ALIVE: Duration = Duration::from_secs(5);

/// How long a client may take to read the refusal of an incomplete request.
const LINGER: Duration = Duration::from_secs(1);

pub(super) fn start(
    listener: TcpListener,
    limits: ClientLimits,
    budget: &Arc<IntakeBudget>,
    state: &web::Data<ServerState>,
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
    let shared = state.clone();
    let app = move || {
        Arc::clone(&shared.heartbeats).begin();
        App::new()
            .app_data(shared.clone())
            .default_service(web::to(callback::answer))
    };
    let metrics = Arc::clone(&state.metrics);
    let connected = move |data: &mut Extensions| {
        data.insert(metrics.connected());
    };
    let budget = Arc::clone(budget);
    let builder = match &state.certificate {
        None => builder.listen(CALLBACK, listener, move || {
            let http = http(app(), limits, draining.clone(), connected.clone());
            plain(&budget).and_then(http)
        })?,
        Some(certificate) => {
            let config = Arc::clone(certificate).server_config();
            let mut acceptor = Acceptor::new(config.map_err(io::Error::other)?);
            acceptor.set_handshake_timeout(limits.client_timeout);
            builder.listen(CALLBACK, listener, move || {
                let (outer, inner) = (meter(&budget), meter(&budget));
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
                    .and_then(
                        http(app(), limits, draining.clone(), connected.clone())
                            .map_err(TlsError::Service),
                    )
            })?
        }
    };
    Ok(builder.run())
}

/// The operator's, with other pages and the same limits.
pub(super) fn start_admin<P, B>(
    listener: TcpListener,
    limits: ClientLimits,
    budget: &Arc<IntakeBudget>,
    pages: impl Fn() -> App<P> + Clone + Send + 'static,
) -> io::Result<Server>
where
    P: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let limits = ClientLimits {
        keep_alive: ADMIN_KEEP_ALIVE,
        ..limits
    };
    let builder = Server::build()
        .disable_signals()
        .workers(1)
        .max_concurrent_connections(limits.max_admin_connections);
    let budget = Arc::clone(budget);
    let builder = builder.listen(ADMIN, listener, move || {
        plain(&budget).and_then(http(pages(), limits, pending, |_| {}))
    })?;
    Ok(builder.run())
}

fn meter(budget: &Arc<IntakeBudget>) -> impl Fn() -> Intake + Clone + use<> {
    let budget = Arc::clone(budget);
    move || Intake::new(Arc::clone(&budget))
}

/// Connections as they are.
fn plain(
    budget: &Arc<IntakeBudget>,
) -> impl ServiceFactory<
    TcpStream,
    Config = (),
    Response = (Metered<TcpStream>, Option<SocketAddr>),
    Error = DispatchError,
    InitError = (),
> + use<> {
    let meter = meter(budget);
    fn_service(move |stream: TcpStream| {
        let peer = stream.peer_addr().ok();
        ready(Ok((Metered::new(stream, meter()), peer)))
    })
}

impl<S: Socket> Socket for TlsStream<S> {
    fn socket(&self) -> BorrowedFd<'_> {
        self.get_ref().0.socket()
    }
}

/// What is done with the bytes of a connection.
fn http<S, P, B, F, D>(
    app: App<P>,
    limits: ClientLimits,
    draining: F,
    connected: impl Fn(&mut Extensions) + 'static,
) -> impl ServiceFactory<
    (Metered<S>, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
>
where
    S: Socket + AsyncRead + AsyncWrite + Unpin + 'static,
    P: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
    F: Fn() -> D + 'static,
    D: Future<Output = ()> + 'static,
{
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
    HttpService::build()
        .graceful_shutdown_signal(draining)
        .client_request_timeout(limits.client_timeout)
        .client_disconnect_timeout(LINGER)
        .keep_alive(limits.keep_alive)
        .on_connect_ext(move |stream: &Metered<S>, data: &mut Extensions| {
            data.insert(Rc::clone(stream.intake()));
            connected(data);
        })
        .h1(app)
}
