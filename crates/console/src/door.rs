//! The order of every request: its edge, its route, who asks, then what is there.

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderMap;
use hyper::{Method, Request};

use crate::house::House;
use crate::line::Line;
use crate::reply::{Refusal, Reply};
use crate::route::{self, Door, Found};
use crate::{body, pages};

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
}

impl Asked<'_> {
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
        let Found { door, names, body_bytes_max } = route::find(&head.method, path)?;
        let headers = &head.headers;
        let asked = Asked { path, query, names, headers, body: Bytes::new(), line };
        let body = (head.method == Method::POST).then_some((body, body_bytes_max));
        enter(house, door, asked, body).await
    };
    done.await.unwrap_or_else(|refusal: Refusal| {
        if is_api { refusal.json() } else { pages::refused(house, &head.headers, &refusal) }
    })
}

/// Who is not known hears nothing but that; what they send is not read.
async fn enter(
    house: &House,
    door: Door,
    mut asked: Asked<'_>,
    body: Option<(Incoming, usize)>,
) -> Result<Reply, Refusal> {
    let somebody = match door {
        Door::Anyone(_) | Door::Signed(_) => None,
        Door::Bearer(power, show) => Some((house.by_bearer(asked.headers)?, power, show)),
        Door::Session(power, show) => match house.by_session(asked.headers)? {
            Some(somebody) => Some((somebody, power, show)),
            None => return pages::sign_in::wanted(house, &asked),
        },
    };
    if let Some((somebody, power, _)) = &somebody {
        somebody.check(*power)?;
    }
    if let Some((body, bytes_max)) = body {
        let media = if route::is_api(asked.path) { body::JSON } else { body::FORM };
        asked.body = body::read(asked.headers, body, (media, bytes_max)).await?;
    }
    match (door, somebody) {
        (Door::Anyone(show) | Door::Signed(show), _) => show(house, &asked).await,
        (_, Some((somebody, _, show))) => show(house, &somebody, &asked).await,
        (_, None) => Err(Refusal::unavailable("there is nothing to show here")),
    }
}
