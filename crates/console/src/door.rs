//! The order of every request: its edge, its route, who asks, then what is there.

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request};

use crate::house::House;
use crate::identity::Somebody;
use crate::reply::{self, Refusal, Reply};
use crate::route::{self, Door, Found, Place};
use crate::{api, body, pages};

/// A request that has come as far as it may.
#[derive(Debug)]
pub(crate) struct Asked<'r> {
    pub(crate) path: &'r str,
    pub(crate) query: &'r str,
    /// Of the approval that the path names.
    pub(crate) id: &'r str,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) async fn answer(house: &House, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    if let Err(refusal) = house.edge.check(&head.method, &head.headers) {
        return refusal.plain();
    }
    let found = match route::find(&head.method, path) {
        Ok(found) => found,
        Err(refusal) if route::is_api(path) => return refusal.json(),
        Err(refusal) => return pages::refused(house, &head.headers, &refusal),
    };
    let Found { route, id } = found;
    let asked = Asked { path, query, id, headers: &head.headers, body: Bytes::new() };
    let is_post = head.method == Method::POST;
    match route.door {
        Door::Anyone | Door::Session(_) => {
            page(house, (route.door, route.place), asked, is_post.then_some(body)).await
        }
        Door::Bearer(_) | Door::Signed => {
            let answered = program(house, (route.door, route.place), asked, body).await;
            answered.unwrap_or_else(|refusal| refusal.json())
        }
    }
}

/// Who is not known hears nothing but that.
async fn program(
    house: &House,
    (door, place): (Door, Place),
    asked: Asked<'_>,
    body: Incoming,
) -> Result<Reply, Refusal> {
    let Door::Bearer(role) = door else {
        let body = body::read(asked.headers, body, body::JSON).await?;
        return api::signed_answer(house, Asked { body, ..asked }).await;
    };
    let somebody = house.by_bearer(asked.headers)?;
    somebody.check(role)?;
    let body = body::read(asked.headers, body, body::JSON).await?;
    api::answer(house, place, &somebody, Asked { body, ..asked }).await
}

async fn page(
    house: &House,
    (door, place): (Door, Place),
    asked: Asked<'_>,
    body: Option<Incoming>,
) -> Reply {
    let headers = asked.headers;
    let done = async {
        let mut asked = asked;
        let somebody = match door {
            Door::Session(role) => {
                let Some(somebody) = house.by_session(headers)? else {
                    return pages::sign_in::wanted(house, &asked, place == Place::Home);
                };
                somebody.check(role)?;
                Some(somebody)
            }
            Door::Anyone | Door::Bearer(_) | Door::Signed => None,
        };
        if let Some(body) = body {
            asked.body = body::read(headers, body, body::FORM).await?;
        }
        show(house, place, somebody, &asked).await
    };
    done.await.unwrap_or_else(|refusal: Refusal| pages::refused(house, headers, &refusal))
}

async fn show(
    house: &House,
    place: Place,
    somebody: Option<Somebody>,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    match (place, somebody) {
        (Place::Style, _) => Ok(reply::style(pages::STYLE)),
        (Place::SignInForm, _) => pages::sign_in::form(house, asked),
        (Place::SignIn, _) => pages::sign_in::sign_in(house, asked),
        (Place::SignOut, Some(somebody)) => pages::sign_in::sign_out(house, &somebody, asked),
        (Place::Home, Some(_)) => Ok(reply::see("/approvals")),
        (Place::Approvals, Some(somebody)) => pages::approvals::list(house, &somebody, asked),
        (Place::Approval, Some(somebody)) => pages::approvals::show(house, &somebody, asked),
        (Place::Approve, Some(somebody)) => {
            pages::approvals::answer(house, &somebody, asked, true).await
        }
        (Place::Deny, Some(somebody)) => {
            pages::approvals::answer(house, &somebody, asked, false).await
        }
        _ => Err(Refusal::unavailable("there is nothing to show here")),
    }
}
