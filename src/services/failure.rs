//! Why a question got no answer: in the words of a rule, and in a sentence for the operator. Nothing
//! of what was asked or answered is in it.

use crate::http_client::{ConnectFault, HttpFault, TlsError};
use crate::i18n::{Phrase, phrase};
use crate::service::{Service, ServiceError, ServiceKind};
use crate::services::retry::Retry;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub error: ServiceError,
    pub why: Phrase,
    /// Whether and when it may be tried again.
    pub(super) retry: Option<Retry>,
    /// What helps, where that is not what helps with others of its kind.
    remedy: Option<Phrase>,
}

impl Failure {
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

    pub(super) fn new(error: ServiceError, why: Phrase) -> Failure {
        Failure {
            error,
            why,
            retry: None,
            remedy: None,
        }
    }

    fn helped_by(self, remedy: Phrase) -> Failure {
        Failure {
            remedy: Some(remedy),
            ..self
        }
    }

    /// The breaker is open.
    pub(super) fn resting() -> Failure {
        Failure::new(ServiceError::Busy, phrase!(call_resting))
    }

    pub(super) fn no_slot(service: &Service) -> Failure {
        let why = phrase!(call_no_slot, count = service.at_once);
        Failure::new(ServiceError::Busy, why)
    }

    pub(super) fn late(service: &Service) -> Failure {
        let seconds = service.timeout.as_secs_f64().to_string();
        Failure::new(ServiceError::Timeout, phrase!(call_late, seconds))
    }

    pub(super) fn not_json(why: Phrase) -> Failure {
        Failure::new(ServiceError::NotJson, why)
    }

    pub(super) fn empty() -> Failure {
        Failure::new(ServiceError::Empty, phrase!(call_empty))
    }

    pub(super) fn too_large() -> Failure {
        Failure::new(ServiceError::TooLarge, phrase!(call_too_large))
    }

    pub(super) fn no_secret(name: &str) -> Failure {
        Failure::new(ServiceError::Refused, phrase!(call_no_secret, name))
            .helped_by(phrase!(remedy_service_no_secret))
    }

    pub(super) fn odd_secret(name: &str) -> Failure {
        Failure::new(ServiceError::Refused, phrase!(call_odd_secret, name))
            .helped_by(phrase!(remedy_service_secret))
    }

    /// Any status but one that says that all is well.
    pub(super) fn status(status: u16, retry_after: Option<&str>) -> Failure {
        let number = status.to_string();
        let why = match status {
            300..=399 => phrase!(call_redirected, status = number),
            401 | 403 => phrase!(call_unauthorized, status = number),
            429 => phrase!(call_too_many, status = number),
            _ => phrase!(call_status, status = number),
        };
        let mut failure = Failure::new(ServiceError::Status(status), why);
        if [429, 502, 503, 504].contains(&status) {
            failure.retry = Some(Retry::after(retry_after));
        }
        failure
    }
}

impl From<HttpFault> for Failure {
    fn from(fault: HttpFault) -> Failure {
        match fault {
            HttpFault::TooLarge => Failure::too_large(),
            HttpFault::NoUrl => Failure::new(ServiceError::Refused, phrase!(call_no_url)),
            HttpFault::Cut(_) => Failure::new(ServiceError::Refused, phrase!(call_cut)),
            HttpFault::NoHttp(_) => Failure::new(ServiceError::Refused, phrase!(call_no_http)),
            HttpFault::Connect(fault) => Failure::from(fault),
        }
    }
}

/// Nobody was asked yet, so that it may be tried again where that can help.
impl From<ConnectFault> for Failure {
    fn from(fault: ConnectFault) -> Failure {
        let (why, can_help) = match &fault {
            ConnectFault::NoHost => (phrase!(call_no_url), false),
            ConnectFault::Internal(address) => {
                let address = address.to_string();
                (phrase!(call_internal, address), false)
            }
            ConnectFault::NoName => (phrase!(call_no_name), true),
            ConnectFault::Late => (phrase!(call_no_connection), true),
            ConnectFault::Io(error) => match TlsError::of(error) {
                Some(fault) => (phrase!(call_tls, reason = fault.to_string()), false),
                None => (phrase!(call_refused, reason = error.to_string()), true),
            },
        };
        let mut failure = Failure::new(ServiceError::Refused, why);
        failure.retry = can_help.then(|| Retry::after(None));
        match fault {
            ConnectFault::Internal(_) => failure.helped_by(phrase!(remedy_service_internal)),
            _ => failure,
        }
    }
}
