//! The order of every request: its edge, its route, who asks, then what is there.

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request, StatusCode};

use crate::api::Sent;
use crate::form::Form;
use crate::house::House;
use crate::identity::Somebody;
use crate::line::Line;
use crate::reply::{Refusal, Reply};
use crate::route::{self, Door, Found, Route, Verb};
use crate::{body, condition, pages};

/// A request that has come as far as it may.
#[derive(Debug)]
pub(crate) struct Asked<'r> {
    pub(crate) path: &'r str,
    pub(crate) query: &'r str,
    /// Those that stand in the path, in order.
    pub(crate) names: Vec<String>,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: Bytes,
    /// The connection that it came by.
    pub(crate) line: &'r Line,
    /// What a program sent, held to what the row was told.
    pub(crate) sent: Option<Sent>,
}

impl Asked<'_> {
    /// A member of a program's body.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.sent.as_ref()?.text(name)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.sent.as_ref().is_some_and(|sent| sent.flag(name))
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.sent.as_ref()?.number(name)
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.sent.as_ref().map(|sent| sent.texts(name)).unwrap_or_default()
    }

    /// All parameters of a program's query.
    pub(crate) fn form(&self) -> Option<&Form> {
        self.sent.as_ref()?.form()
    }

    /// A parameter of a program's query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.sent.as_ref()?.parameter(name)
    }

    /// The first name in the path.
    pub(crate) fn id(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

pub(crate) async fn answer(house: &House, line: &Line, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    if let Err(refusal) = house.edge.check(&head.method, &head.headers) {
        return refusal.plain();
    }
    let is_api = route::is_api(path);
    let done = async {
        let Found { route, names } = route::find(&head.method, path)?;
        let (headers, method) = (&head.headers, &head.method);
        let asked = Asked { path, query, names, headers, body: Bytes::new(), line, sent: None };
        let body = matches!(*method, Method::POST | Method::PUT).then_some(body);
        enter(house, route, asked, body).await
    };
    done.await.unwrap_or_else(|refusal: Refusal| {
        if is_api { refusal.json() } else { pages::refused(house, &head.headers, &refusal) }
    })
}

/// Who is not known hears nothing but that; what they send is not read.
async fn enter(
    house: &House,
    route: &Route,
    mut asked: Asked<'_>,
    body: Option<Incoming>,
) -> Result<Reply, Refusal> {
    let somebody = match route.door {
        Door::Anyone(_) | Door::Signed(_) => None,
        Door::Bearer(..) => Some(house.by_bearer(asked.headers)?),
        Door::Session(..) => match house.by_session(asked.headers)? {
            Some(somebody) => Some(somebody),
            None => return pages::sign_in::wanted(house, &asked),
        },
    };
    if let (Some(somebody), Door::Bearer(power, _) | Door::Session(power, _)) =
        (&somebody, route.door)
    {
        somebody.check(power)?;
        somebody.check_reach(power, asked.path)?;
    }
    if let Some(body) = body {
        let media = if route::is_api(asked.path) { body::JSON } else { body::FORM };
        asked.body = body::read(asked.headers, body, (media, route.body_bytes_max)).await?;
    }
    let Some(told) = route.told else { return show(house, route, somebody.as_ref(), &asked).await };
    asked.sent = Some(Sent::read(told, asked.query, &asked.body)?);
    match route.verb {
        Verb::Get => {
            let reply = show(house, route, somebody.as_ref(), &asked).await?;
            Ok(condition::tagged(asked.headers, reply).await)
        }
        Verb::Delete | Verb::Put if condition::is_in(asked.headers) => {
            let _alone = house.changing.lock().await;
            let there = there(house, somebody.as_ref(), &asked).await?;
            condition::check(asked.headers, there).await?;
            show(house, route, somebody.as_ref(), &asked).await
        }
        Verb::Delete | Verb::Put => {
            let _alone = house.changing.lock().await;
            show(house, route, somebody.as_ref(), &asked).await
        }
        Verb::Post => show(house, route, somebody.as_ref(), &asked).await,
    }
}

/// What a look at the same address answers.
async fn there(
    house: &House,
    somebody: Option<&Somebody>,
    asked: &Asked<'_>,
) -> Result<Option<Reply>, Refusal> {
    let Found { route, names } = route::find(&Method::GET, asked.path)?;
    let body = Bytes::new();
    let Asked { path, headers, line, .. } = *asked;
    let look = Asked { path, query: "", names, headers, body, line, sent: None };
    match show(house, route, somebody, &look).await {
        Ok(reply) => Ok(Some(reply)),
        Err(refusal) if refusal.status == StatusCode::NOT_FOUND => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

async fn show(
    house: &House,
    route: &Route,
    somebody: Option<&Somebody>,
    asked: &Asked<'_>,
) -> Result<Reply, Refusal> {
    match (route.door, somebody) {
        (Door::Anyone(show) | Door::Signed(show), _) => show(house, asked).await,
        (Door::Bearer(_, show) | Door::Session(_, show), Some(somebody)) => {
            show(house, somebody, asked).await
        }
        (Door::Bearer(..) | Door::Session(..), None) => {
            Err(Refusal::unavailable("there is nothing to show here"))
        }
    }
}
