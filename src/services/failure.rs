//! Why a question got no answer: in the words of a rule, and in a sentence for the operator. Nothing
//! of what was asked or answered is in it.

use crate::http_client::{ConnectError, HttpError, TlsError};
use crate::i18n::{Phrase, phrase};
use crate::service::{Service, ServiceError, ServiceKind};
use crate::services::retry::Retry;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServiceCallError {
    pub error: ServiceError,
    pub why: Phrase,
    /// Whether and when it may be tried again.
    pub(super) retry: Option<Retry>,
    /// What helps, where that is not what helps with others of its kind.
    remedy: Option<Phrase>,
}

impl ServiceCallError {
    /// What the operator can do about it.
    pub(crate) fn remedy(&self, service: &Service) -> Phrase {
        let is_webhook = matches!(service.kind, ServiceKind::Webhook(_));
        if let Some(remedy) = &self.remedy {
            return remedy.clone();
        }
        match self.error {
            ServiceError::Status(300..=399) => phrase!(remedy_service_redirected),
            ServiceError::Status(401 | 403) => phrase!(remedy_service_secret),
            ServiceError::Status(402) => phrase!(remedy_service_paid),
            ServiceError::Status(404) if is_webhook => phrase!(remedy_service_path),
            ServiceError::Status(404) => phrase!(remedy_service_model),
            ServiceError::Timeout => phrase!(remedy_service_late),
            ServiceError::Refused => phrase!(remedy_service_address),
            _ => phrase!(remedy_service_log),
        }
    }

    /// The same for all failures of one cause: what is wrong with an answer may differ each time.
    pub(super) fn cause(&self) -> String {
        match self.error {
            ServiceError::Refused => self.why.to_string(),
            error => format!("{error:?} {}", self.why.id()),
        }
    }

    pub(super) fn new(error: ServiceError, why: Phrase) -> ServiceCallError {
        ServiceCallError {
            error,
            why,
            retry: None,
            remedy: None,
        }
    }

    fn helped_by(self, remedy: Phrase) -> ServiceCallError {
        ServiceCallError {
            remedy: Some(remedy),
            ..self
        }
    }

    /// The breaker is open.
    pub(super) fn resting() -> ServiceCallError {
        ServiceCallError::new(ServiceError::Busy, phrase!(call_resting))
    }

    pub(super) fn no_slot(service: &Service) -> ServiceCallError {
        let why = phrase!(call_no_slot, count = service.at_once);
        ServiceCallError::new(ServiceError::Busy, why)
    }

    pub(super) fn late(service: &Service) -> ServiceCallError {
        let seconds = service.timeout.as_secs_f64().to_string();
        ServiceCallError::new(ServiceError::Timeout, phrase!(call_late, seconds))
    }

    pub(super) fn not_json(why: Phrase) -> ServiceCallError {
        ServiceCallError::new(ServiceError::NotJson, why)
    }

    pub(super) fn empty() -> ServiceCallError {
        ServiceCallError::new(ServiceError::Empty, phrase!(call_empty))
    }

    pub(super) fn too_large() -> ServiceCallError {
        ServiceCallError::new(ServiceError::TooLarge, phrase!(call_too_large))
    }

    pub(super) fn no_secret(name: &str) -> ServiceCallError {
        ServiceCallError::new(ServiceError::Refused, phrase!(call_no_secret, name))
            .helped_by(phrase!(remedy_service_no_secret))
    }

    pub(super) fn odd_secret(name: &str) -> ServiceCallError {
        ServiceCallError::new(ServiceError::Refused, phrase!(call_odd_secret, name))
            .helped_by(phrase!(remedy_service_secret))
    }

    /// Any status but one that says that all is well.
    pub(super) fn status(status: u16, retry_after: Option<&str>) -> ServiceCallError {
        let number = status.to_string();
        let why = match status {
            300..=399 => phrase!(call_redirected, status = number),
            401 | 403 => phrase!(call_unauthorized, status = number),
            429 => phrase!(call_too_many, status = number),
            _ => phrase!(call_status, status = number),
        };
        let mut failure = ServiceCallError::new(ServiceError::Status(status), why);
        if [429, 502, 503, 504].contains(&status) {
            failure.retry = Some(Retry::after(retry_after));
        }
        failure
    }
}

impl From<HttpError> for ServiceCallError {
    fn from(fault: HttpError) -> ServiceCallError {
        match fault {
            HttpError::TooLarge => ServiceCallError::too_large(),
            HttpError::NoUrl => ServiceCallError::new(ServiceError::Refused, phrase!(call_no_url)),
            HttpError::Cut(_) => ServiceCallError::new(ServiceError::Refused, phrase!(call_cut)),
            HttpError::NoHttp(_) => {
                ServiceCallError::new(ServiceError::Refused, phrase!(call_no_http))
            }
            HttpError::Connect(fault) => ServiceCallError::from(fault),
        }
    }
}

/// Nobody was asked yet, so that it may be tried again where that can help.
impl From<ConnectError> for ServiceCallError {
    fn from(fault: ConnectError) -> ServiceCallError {
        let (why, can_help) = match &fault {
            ConnectError::NoHost => (phrase!(call_no_url), false),
            ConnectError::Internal(address) => {
                let address = address.to_string();
                (phrase!(call_internal, address), false)
            }
            ConnectError::NoName => (phrase!(call_no_name), true),
            ConnectError::Late => (phrase!(call_no_connection), true),
            ConnectError::Io(error) => match TlsError::of(error) {
                Some(fault) => (phrase!(call_tls, reason = fault.to_string()), false),
                None => (phrase!(call_refused, reason = error.to_string()), true),
            },
        };
        let mut failure = ServiceCallError::new(ServiceError::Refused, why);
        failure.retry = can_help.then(|| Retry::after(None));
        match fault {
            ConnectError::Internal(_) => failure.helped_by(phrase!(remedy_service_internal)),
            _ => failure,
        }
    }
}
