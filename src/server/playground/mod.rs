//! The page on which the operator tries the rules, and what it asks the server for.

mod pages;
mod rule_list;
mod trial;

use actix_web::web;

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(pages::front))
        .route("/playground/{name}", web::get().to(pages::part))
        .route("/rules", web::get().to(rule_list::list))
        .route("/warnings", web::get().to(rule_list::warnings))
        .route("/try", web::post().to(trial::decide))
        .route("/case", web::post().to(trial::write_case));
}
