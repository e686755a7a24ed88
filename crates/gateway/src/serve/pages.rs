//! What may be asked without a token: how the gateway is, and what it has counted.

use hyper::{Method, Response, StatusCode};

use crate::downstream::http::{Body, page};
use crate::metrics::Text;

use super::house::House;

const PLAIN: &str = "text/plain; charset=utf-8";

/// `/healthz`: the process serves. `/readyz`: it can decide and record.
pub(super) async fn health(house: &House, method: &Method, path: &str) -> Option<Response<Body>> {
    if !["/healthz", "/readyz"].contains(&path) {
        return None;
    }
    if !is_read(method) {
        return Some(wrong_method());
    }
    let ready = if path == "/readyz" { ready(house).await } else { Ok(()) };
    Some(match ready {
        Ok(()) => page(StatusCode::OK, PLAIN, "ok\n".to_owned()),
        Err(why) => page(StatusCode::SERVICE_UNAVAILABLE, PLAIN, format!("{why}\n")),
    })
}

async fn ready(house: &House) -> Result<(), String> {
    if *house.stopping.borrow() {
        return Err("the gateway is stopping".to_owned());
    }
    house.health.ready(&house.store).await
}

pub(super) fn metrics(house: &House, method: &Method) -> Response<Body> {
    if !is_read(method) {
        return wrong_method();
    }
    let mut text = Text::default();
    house.write_metrics(&mut text);
    page(StatusCode::OK, Text::MEDIA, text.finish())
}

pub(super) fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

pub(super) fn wrong_method() -> Response<Body> {
    page(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "use GET\n".to_owned())
}
