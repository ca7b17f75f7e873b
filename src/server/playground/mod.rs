//! The playground and its endpoints.

mod ask;
mod pages;
mod rule_list;
mod trial;
mod trial_request;

pub(super) use crate::server::playground::ask::LiveCalls;
pub(super) use crate::server::playground::rule_list::Warnings;

use actix_web::web;

use crate::server::admin::page;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(page("/", pages::front))
        .service(page("/playground/{name}", pages::part))
        .service(page("/rules", rule_list::list))
        .service(page("/warnings", rule_list::warnings))
        .service(web::resource("/try").post(trial::decide))
        .service(web::resource("/ask").post(ask::ask))
        .service(web::resource("/case").post(trial::write_case));
}
