//! What ten thousand idle sessions cost.

use serde_json::json;
use tokio::task::JoinSet;

use crate::rig::{GUARDED, Rig, Serving};

const SESSIONS: usize = 10_000;
const AT_ONCE: usize = 50;
const RSS_KIB_MAX: u64 = 400 << 10;

/// Sessions over a server that is elsewhere; nobody is connected any more.
#[tokio::test]
#[ignore = "takes a minute; prints what it measures"]
async fn ten_thousand_idle_sessions_stay_small() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let settings = json!({"servers": {"a": {"url": upstream.url}}});
    let serving = Serving::start_with(rig, settings).await;
    let token = serving.grant("ann", &["a"]);
    let before = rss_kib(&serving);
    let open = || {
        let web = serving.web("a", &token);
        async move {
            web.open().await;
            web.session().is_some()
        }
    };
    for _ in 0..SESSIONS / AT_ONCE {
        let mut opening: JoinSet<bool> = (0..AT_ONCE).map(|_| open()).collect();
        while let Some(opened) = opening.join_next().await {
            assert!(opened.unwrap());
        }
    }
    assert_eq!(serving.metric("toolgate_sessions").await.as_deref(), Some("10000"));
    let after = rss_kib(&serving);
    println!("{SESSIONS} sessions: {before} KiB before, {after} KiB after");
    assert!(after < RSS_KIB_MAX, "{after} KiB");
}

fn rss_kib(serving: &Serving) -> u64 {
    let path = format!("/proc/{}/status", serving.gateway.pid().unwrap());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
