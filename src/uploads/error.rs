//! Why WeChat does not keep a file.

use std::fmt;

use crate::i18n::{Phrase, phrase};
use crate::store::StoreError;
use crate::wechat_api::{ApiError, KnownCode};

#[derive(Clone, Debug)]
pub(crate) enum UploadError {
    Unreadable(Phrase),
    /// There is something else in it by now.
    Changed,
    Api(ApiError),
    Store(StoreError),
    /// Another replica does not come to an end with it.
    Elsewhere,
}

impl UploadError {
    /// Whether other files may fare better.
    pub(super) fn is_about_the_file(&self) -> bool {
        match self {
            UploadError::Unreadable(_) | UploadError::Changed | UploadError::Elsewhere => true,
            UploadError::Api(error) => {
                matches!(
                    error.refusal(),
                    Some(KnownCode::File | KnownCode::NoMaterial)
                )
            }
            UploadError::Store(_) => false,
        }
    }

    /// What to do about it, where that is known.
    pub(crate) fn remedy(&self) -> Option<Phrase> {
        match self {
            UploadError::Api(error) => error.remedy(),
            _ => None,
        }
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UploadError::Unreadable(why) => why.fmt(formatter),
            UploadError::Changed => phrase!(upload_changed).fmt(formatter),
            UploadError::Api(error) => error.cause.fmt(formatter),
            UploadError::Store(error) => error.fmt(formatter),
            UploadError::Elsewhere => phrase!(upload_elsewhere).fmt(formatter),
        }
    }
}

impl std::error::Error for UploadError {}

impl From<ApiError> for UploadError {
    fn from(error: ApiError) -> UploadError {
        UploadError::Api(error)
    }
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> UploadError {
        UploadError::Store(error)
    }
}
