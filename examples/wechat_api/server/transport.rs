//! HTTP: from a request to a [`Call`], and its answer back.

use std::any::Any;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use actix_web::dev::{Extensions, ServerHandle};
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, rt};
use socket2::{SockRef, Socket};

use super::call::Call;
use super::control;
use super::state::{Answer, Answered, State};

/// More than WeChat takes, so that it is the server that refuses.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// Ends the server.
pub(super) struct Stop(ServerHandle);

impl Stop {
    pub fn now(self) {
        // The command is sent when the future is made; its thread ends the rest.
        drop(self.0.stop(false));
    }
}

type Shared = Arc<Mutex<State>>;

/// Listens, and answers on a thread of its own.
pub(super) fn serve(address: SocketAddr, state: Shared) -> io::Result<(SocketAddr, Stop)> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    let (started, handle) = mpsc::channel();
    thread::spawn(move || {
        let run = async move {
            let app = move || {
                App::new()
                    .app_data(Data::new(Arc::clone(&state)))
                    .app_data(PayloadConfig::new(MAX_BODY))
                    .default_service(web::to(answer))
            };
            let server = HttpServer::new(app)
                .workers(1)
                .disable_signals()
                .on_connect(keep_socket)
                .listen(listener)?
                .run();
            let _ = started.send(server.handle());
            server.await
        };
        rt::System::new().block_on(run)
    });
    let handle = handle.recv().map_err(io::Error::other)?;
    Ok((address, Stop(handle)))
}

/// The socket of a connection, to hang up without an answer.
fn keep_socket(stream: &dyn Any, extensions: &mut Extensions) {
    let stream = stream.downcast_ref::<TcpStream>();
    if let Some(Ok(socket)) = stream.map(|stream| SockRef::from(stream).try_clone()) {
        extensions.insert(Arc::new(socket));
    }
}

async fn answer(request: HttpRequest, body: Bytes, state: Data<Shared>) -> HttpResponse {
    let header = request.headers().get(CONTENT_TYPE);
    let content_type = header.and_then(|value| value.to_str().ok());
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string());
    let from = request.peer_addr().map(|address| address.ip());
    let mut call = Call {
        post: request.method() == actix_web::http::Method::POST,
        path: request.path().to_owned(),
        query: query.map(web::Query::into_inner).unwrap_or_default(),
        content_type: content_type.unwrap_or_default().to_owned(),
        body: body.to_vec(),
        from: from.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        now: 0,
    };
    let answered = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        call.now = state.now();
        match call.path.strip_prefix("/_/") {
            Some(what) => {
                let what = what.to_owned();
                Answered::at_once(control::answer(&mut state, &call, &what))
            }
            None => state.answer(&call),
        }
    };
    if !answered.after.is_zero() {
        rt::time::sleep(answered.after).await;
    }
    if answered.hang_up
        && let Some(socket) = request.conn_data::<Arc<Socket>>()
    {
        let _ = socket.shutdown(Shutdown::Both);
    }
    response(answered.answer)
}

fn response(answer: Answer) -> HttpResponse {
    match answer {
        Answer::Json(value) => HttpResponse::Ok()
            .content_type("application/json; encoding=utf-8")
            .body(value.to_string()),
        Answer::Page(status, page) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            let kind = match page.starts_with('<') {
                true => "text/html; charset=utf-8",
                false => "text/plain; charset=utf-8",
            };
            HttpResponse::build(status).content_type(kind).body(page)
        }
        Answer::Picture(bytes) => HttpResponse::Ok().content_type("image/png").body(bytes),
    }
}
