//! Whom a stranger's URL leads to, and whom not.

use std::time::Duration;

use hyper::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

fn egress() -> Egress {
    Egress::new(&["https://mcp.example/mcp", "https://id.internal:8443/realm"]).unwrap()
}

#[test]
fn only_global_addresses_are_public() {
    let public = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 \
        126.255.255.255 128.0.0.0 168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 \
        172.15.255.255 172.32.0.0 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 \
        198.17.255.255 198.20.0.0 203.0.112.255 203.0.114.0 223.255.255.255 2000:: 2001:200:: \
        2001:db7:ffff:: 2001:db9:: 2003:: 2606:4700:: 2a00:1450::1 3ffe:ffff:: 3fff:1000::";
    let special = "0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.100.100.200 \
        100.127.255.255 127.0.0.1 127.255.255.255 168.63.129.16 169.254.0.0 169.254.169.254 \
        169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.192 192.0.2.1 192.31.196.1 \
        192.52.193.1 192.88.99.1 192.168.0.0 192.168.255.255 192.175.48.1 198.18.0.0 \
        198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.0 \
        255.255.255.255 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:10.0.0.1 \
        64:ff9b::a9fe:a9fe 64:ff9b::808:808 64:ff9b:1::1 100::1 1fff:ffff:: 2001:: \
        2001:0:4136:e378:: 2001:1::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff:: \
        2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2620:4f:8000::1 3fff::1 3fff:fff:: 4000:: \
        5f00::1 fc00:: fd00:ec2::254 fdff:: fe80::1 fe80::a9fe:a9fe febf:: fec0::1 ff02::1 \
        ffff::";
    for text in public.split_whitespace() {
        assert!(address::is_public(text.parse().unwrap()), "{text}");
    }
    for text in special.split_whitespace() {
        assert!(!address::is_public(text.parse().unwrap()), "{text}");
    }
}

#[test]
fn what_is_no_https_url_of_a_public_host_is_not_asked() {
    let schemes = ["http", "ftp", "file", "gopher", "javascript", "data", "ws", "HTTP", "https+x"];
    for scheme in schemes {
        for rest in ["://auth.example/token", ":/auth.example", ":auth.example", "://", ""] {
            let url = format!("{scheme}{rest}");
            assert!(egress().learned(&url).is_err(), "{url}");
        }
    }
    let literals = [
        "127.0.0.1",
        "127.1.2.3",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "0.0.0.0",
        "100.64.0.1",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[2002:7f00:1::]",
        "[2001:db8::1]",
    ];
    for host in literals {
        for port in ["", ":443", ":8443"] {
            let url = format!("https://{host}{port}/token");
            assert!(egress().learned(&url).is_err(), "{url}");
        }
    }
    let malformed = [
        "",
        "auth.example",
        "/token",
        "//auth.example/token",
        "https://",
        "https:///token",
        "https://:443/",
        "https://auth.example:/t",
        "https://auth.example:0x50/",
        "https://auth.example:99999/",
        "https://a@auth.example/",
        "https://a:b@auth.example/",
        "https://@auth.example/",
        "https://auth.example@127.0.0.1/",
        "https://127.0.0.1\\@auth.example/",
        "https://auth.example/a b",
        "https://auth.example/\n",
        "https://auth.example/\u{e9}",
        "https://\u{ff41}uth.example/",
        "https://auth.example/\u{202e}",
        " https://auth.example/",
        "https://auth.example/\t",
        "https://[::1/",
        "https://::1/",
        "https://auth.example\u{0}/",
    ];
    for url in malformed {
        assert!(egress().learned(url).is_err(), "{url:?}");
    }
    for url in [
        "https://auth.example",
        "https://auth.example:8443/t?x=y",
        "https://1.1.1.1/",
        "HTTPS://A.example/",
    ] {
        let to = egress().learned(url).unwrap();
        assert_eq!(to.reach, Reach::Public, "{url}");
    }
}

/// Names are looked up before anybody connects, and numbers in any notation are names.
#[tokio::test]
async fn a_name_that_leads_inside_is_not_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in
        ["localhost", "LOCALHOST", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0"]
    {
        let url = format!("https://{host}:{port}/token");
        let Ok(to) = egress().learned(&url) else { continue };
        let failed = egress().fetch(&to, Ask::get()).await.unwrap_err();
        match failed {
            EgressError::Forbidden { .. } => {}
            // This system's resolver does not take it for an address.
            EgressError::Failed { why, .. } => assert!(why.contains("lookup"), "{url}: {why}"),
        }
    }
    let came = tokio::time::timeout(Duration::from_millis(1), listener.accept()).await;
    assert!(came.is_err(), "nobody came");
}

#[test]
fn one_address_inside_is_one_too_many() {
    let to = egress().learned("https://auth.example/").unwrap();
    let check = |list: &[&str]| {
        to.check(&list.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>())
    };
    assert!(check(&["1.1.1.1", "2606:4700::1"]).is_ok());
    for inside in ["127.0.0.1", "10.1.1.1", "::ffff:10.1.1.1", "fe80::1"] {
        assert!(check(&["1.1.1.1", inside]).is_err(), "{inside}");
    }
}

#[test]
fn what_the_operator_wrote_is_trusted_and_so_is_its_origin_alone() {
    let reach = |url: &str| egress().learned(url).map(|to| to.reach);
    assert_eq!(reach("https://id.internal:8443/realm/token").unwrap(), Reach::Any);
    assert_eq!(reach("https://ID.internal:8443/").unwrap(), Reach::Any);
    assert_eq!(reach("https://mcp.example:443/x").unwrap(), Reach::Any);
    assert_eq!(reach("https://id.internal/realm").unwrap(), Reach::Public);
    assert!(reach("http://id.internal:8443/realm").is_err());
    for own in ["http://127.0.0.1:3000/mcp", "http://localhost:3000/mcp", "http://[::1]:3000/mcp"] {
        let local = Egress::new(&[own]).unwrap();
        let host = own.trim_start_matches("http://").split(":3000").next().unwrap();
        let beside = format!("http://{host}:4000/token");
        assert_eq!(local.learned(&beside).unwrap().reach, Reach::Loopback, "{own}");
        for other in [
            "http://127.0.0.2:4000/",
            "http://169.254.169.254/",
            "http://10.0.0.1/",
            "http://auth.example/",
        ] {
            assert!(local.learned(other).is_err(), "{own} {other}");
        }
        assert!(egress().learned(&beside).is_err(), "{beside}");
    }
}

/// A server that says `reply` to whoever comes, once.
async fn saying(reply: Vec<u8>) -> (Egress, Destination) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = [0; 4096];
        let _ = stream.read(&mut asked).await;
        let _ = stream.write_all(&reply).await;
        // Keeps the connection open: what is missing does not come.
        std::future::pending::<()>().await;
    });
    let egress = Egress::new(&[&url]).unwrap();
    let to = egress.learned(&url).unwrap();
    (egress, to)
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let reply =
        "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 2\r\n\r\nno";
    let (egress, to) = saying(reply.into()).await;
    let answer = egress.fetch(&to, Ask::get()).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::FOUND, &b"no"[..]));
}

#[tokio::test]
async fn too_long_an_answer_is_none() {
    let mut reply = b"HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n".to_vec();
    reply.resize(reply.len() + 1_048_577, b'x');
    let (egress, to) = saying(reply).await;
    let failed = egress.fetch(&to, Ask::get()).await.unwrap_err().to_string();
    assert!(failed.contains("length limit"), "{failed}");
    let head =
        format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-length: 0\r\n\r\n", "x".repeat(1_000_000));
    let (egress, to) = saying(head.into()).await;
    assert!(egress.fetch(&to, Ask::get()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_end_is_given_up() {
    for reply in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let (egress, to) = saying(reply.into()).await;
        let failed = egress.fetch(&to, Ask::get()).await.unwrap_err().to_string();
        assert!(failed.contains("in time") || failed.contains("within 10 s"), "{failed}");
    }
}

#[test]
fn what_is_told_of_a_url_holds_no_query_and_no_control_characters() {
    let told = egress().learned("http://a.example/\u{1b}[2J?code=s3cret").unwrap_err().to_string();
    assert!(
        !told.contains("s3cret") && told.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
        "{told}"
    );
}
