//! Other ways to listen: a socket of this machine.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

use crate::rig::{GUARDED, Rig, Serving};

async fn ask(path: &Path, host: &str) -> String {
    let mut stream = UnixStream::connect(path).await.unwrap();
    let request = format!("GET /mcp/a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut told = String::new();
    stream.read_to_string(&mut told).await.unwrap();
    told
}

/// A file that nobody listens on any more is in nobody's way; one that somebody listens on is.
#[tokio::test]
async fn a_unix_socket_is_for_its_owner_and_replaces_only_what_is_stale() {
    let rig = Rig::new(GUARDED);
    let path = rig.scratch.at("t.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let listen = format!("unix:{}", path.display());
    let settings = json!({"listen": &listen, "hosts": ["tg.example"], "servers": {}});
    let mut serving = Serving::start_with(rig, settings).await;
    assert_eq!(serving.gateway.url, listen);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    for (host, status) in [("localhost", 401), ("tg.example", 401), ("evil.example", 403)] {
        let told = ask(&path, host).await;
        assert!(told.starts_with(&format!("HTTP/1.1 {status}")), "{host}: {told}");
    }
    let mut second = serving.rig.toolgate("serve");
    second.arg("--config").arg(serving.rig.scratch.at("toolgate.yaml"));
    second.arg("--state").arg(serving.rig.scratch.at("other"));
    let refused = second.output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(ask(&path, "localhost").await.starts_with("HTTP/1.1 401"));
    serving.signal(rustix::process::Signal::TERM);
    assert_eq!(serving.gateway.close().await.code(), Some(0));
    assert!(!path.exists());
}
