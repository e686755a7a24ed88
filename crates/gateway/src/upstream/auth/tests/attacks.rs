//! Servers that lie about themselves get neither tokens nor secrets sent anywhere.

use super::*;

const LIES: &[Lie] = &[
    (|r| r.metadata_url = text("http://169.254.169.254/latest"), "not https"),
    (|r| r.metadata_url = text("https://169.254.169.254/latest"), "no public address"),
    (|r| r.metadata_url = text("https://10.0.0.1/"), "no public address"),
    (|r| r.metadata_url = text("https://localhost/"), "not public"),
    (|r| r.metadata_url = text("file:///etc/passwd"), "it is not a URL"),
    (|r| r.resource = text("https://other.example/mcp"), "not about this server"),
    (|r| r.resource = text("http://127.0.0.1:1/mcp"), "not about this server"),
    (|r| r.authorization_servers = Some(vec![]), "names no authorization server"),
    (|r| r.authorization_servers = texts("https://[::1]:8080"), "no public address"),
    (|r| r.authorization_servers = texts("http://id.example"), "not https"),
    (|r| r.authorization_servers = texts("javascript:alert(1)"), "it is not a URL"),
    (|r| r.issuer = text("https://bank.example"), "names the issuer `https://bank.example`"),
    (|r| r.token_endpoint = text("https://169.254.169.254/token"), "no public address"),
    (|r| r.token_endpoint = text("http://id.example/token"), "not https"),
    (|r| r.token_endpoint = text("https://a@127.0.0.1/token"), "user name"),
];

#[expect(clippy::unnecessary_wraps, reason = "it fills an option")]
fn text(url: &str) -> Option<String> {
    Some(url.to_owned())
}

#[expect(clippy::unnecessary_wraps, reason = "it fills an option")]
fn texts(url: &str) -> Option<Vec<String>> {
    Some(vec![url.to_owned()])
}

#[tokio::test]
async fn metadata_that_leads_astray_is_not_followed() {
    let rig = Rig::new().await;
    for (lie, wanted) in LIES {
        rig.authority.rules(|rules| *rules = Rules::default());
        rig.authority.rules(lie);
        let mut told = rig.challenge();
        let mut named = None;
        rig.authority.rules(|rules| named = rules.metadata_url.clone());
        if let Some(url) = named {
            let value = format!("Bearer resource_metadata=\"{url}\"");
            told.insert(WWW_AUTHENTICATE, value.parse().unwrap());
        }
        let failed = rig.authorizer(&rig.machine()).refused(None, &told).await.unwrap_err();
        let line = failed.to_string();
        assert!(line.contains(wanted), "{wanted}: {line}");
        assert_eq!(rig.authority.count("/token"), 0, "{line}");
        assert!(!line.contains('\n') && !line.contains(CONFIDENTIAL.1), "{line}");
    }
}

#[tokio::test]
async fn answers_of_the_token_endpoint_that_are_none() {
    let rig = Rig::new().await;
    let lies: &[Lie] = &[
        (|r| r.token_type = "DPoP", "of type `DPoP`"),
        (|r| r.token_status = Some(307), "redirects are not followed"),
        (|r| r.token_status = Some(302), "redirects are not followed"),
        (|r| r.token_status = Some(503), "answered 503"),
        (|r| r.token_status = Some(200), "not JSON"),
        (|r| r.token_status = Some(400), "answered 400"),
    ];
    for (lie, wanted) in lies {
        rig.authority.rules(|rules| *rules = Rules::default());
        rig.authority.rules(lie);
        let failed = rig.authorizer(&rig.machine()).refused(None, &rig.challenge()).await;
        let line = failed.unwrap_err().to_string();
        assert!(line.contains(wanted), "{wanted}: {line}");
    }
    assert_eq!(rig.authority.count("/elsewhere"), 0);
}

/// CVE-2026-104850: a server that is taken over names an authorization server of its own, and
/// waits for the secret.
#[tokio::test]
async fn a_server_that_names_another_authorization_server_gets_no_secret_there() {
    let rig = Rig::new().await;
    let good = rig.authorizer(&rig.machine());
    let token = good.refused(None, &rig.challenge()).await.unwrap();
    good.note_accepted();
    let thief = Authority::start().await;
    let url = thief.issuer.clone();
    rig.authority.rules(|rules| rules.authorization_servers = Some(vec![url]));
    for authorizer in [good, rig.authorizer(&rig.machine())] {
        let failed = authorizer.refused(token.as_ref(), &rig.challenge()).await.unwrap_err();
        let line = failed.to_string();
        assert!(line.contains(&thief.issuer) && line.contains(&rig.authority.issuer), "{line}");
        assert!(line.contains("write it as `issuer`"), "{line}");
    }
    assert!(thief.seen().is_empty());
    // What the operator writes stands above what the server says.
    let own = AuthSpec { issuer: Some(rig.authority.issuer.clone()), ..rig.machine() };
    rig.vault().forget("web").await.unwrap();
    assert!(rig.authorizer(&own).refused(None, &rig.challenge()).await.unwrap().is_some());
    assert!(thief.seen().is_empty());
}
