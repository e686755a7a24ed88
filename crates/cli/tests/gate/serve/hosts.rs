//! Twelve hosts by twelve origins (threats T2, B59): both must be known, whoever asks.

use serde_json::json;
use toolgate_testkit::Web;

use crate::rig::{GUARDED, Rig, Serving, hello};

#[tokio::test]
async fn only_known_hosts_and_origins_come_in() {
    let rig = Rig::new(GUARDED);
    let settings = json!({"servers": {"a": Serving::child(&rig, "a", &[])},
                          "hosts": ["gw.example"], "origins": ["https://app.example"]});
    let serving = Serving::start_with(rig, settings).await;
    let token = serving.grant("ann", &["a"]);
    let address = serving.gateway.url.strip_prefix("http://").unwrap();
    let port = address.rsplit(':').next().unwrap();
    let local = |host: &str| format!("{host}:{port}");
    let hosts = [
        (true, address.to_owned()),
        (true, local("localhost")),
        (true, local("LOCALHOST")),
        (true, local("[::1]")),
        (true, "gw.example".to_owned()),
        (false, "localhost".to_owned()),
        (false, "127.0.0.1:1".to_owned()),
        (false, local("evil.example")),
        (false, local("127.0.0.1.evil.example")),
        (false, "gw.example.".to_owned()),
        (false, local("0.0.0.0")),
        (false, format!("{address}, evil.example")),
    ];
    let origins = [
        (true, None),
        (true, Some(format!("http://{address}"))),
        (true, Some(format!("http://{}", local("localhost")))),
        (true, Some("https://gw.example".to_owned())),
        (true, Some("https://app.example".to_owned())),
        (false, Some("null".to_owned())),
        (false, Some(String::new())),
        (false, Some("http://localhost".to_owned())),
        (false, Some("https://evil.example".to_owned())),
        (false, Some("https://app.example.evil.example".to_owned())),
        (false, Some(format!("https://{address}"))),
        (false, Some("file://".to_owned())),
    ];
    let url = format!("{}/mcp/a", serving.gateway.url);
    let pairs = hosts.iter().flat_map(|host| origins.iter().map(move |origin| (host, origin)));
    for ((known_host, host), (known_origin, origin)) in pairs {
        let known = known_host & known_origin;
        let named = [Some(("host", host.as_str())), origin.as_deref().map(|o| ("origin", o))];
        let mut headers: Vec<_> = named.into_iter().flatten().collect();
        let stranger = Web::new(&url).post(hello(), &headers).await.status;
        assert_eq!(stranger, if known { 401 } else { 403 }, "{host} {origin:?}");
        let bearer = format!("Bearer {token}");
        headers.push(("authorization", &bearer));
        let holder = Web::new(&url).post(hello(), &headers).await.status;
        assert_eq!(holder, if known { 200 } else { 403 }, "{host} {origin:?}");
    }
}
