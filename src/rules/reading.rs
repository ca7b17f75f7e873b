//! What other kinds of files share with rule files: how they are read, and how every mistake in
//! them is reported with its place.

pub(crate) use crate::rules::compile::path::At;
pub(crate) use crate::rules::compile::report::{Mended, Report};
pub(crate) use crate::rules::compile::unreadable_file::report as report_unread;
pub(crate) use crate::rules::document::Document;
pub(crate) use crate::rules::file::schema::{json_schema_of, word};
pub(crate) use crate::rules::file::text::{Ignored, Maybe, Pairs, Text, Texts};
pub(crate) use crate::rules::nearest::nearest;
pub(crate) use crate::rules::placeholder::is_user_key;
pub(crate) use crate::rules::yaml::Written;
pub(crate) use crate::rules::yaml::reader;
pub(crate) use crate::rules::yaml::tree::{EntryPart, PathStep, Tree};
