//! The gate as a client with a secret of its own.

use super::*;

#[tokio::test]
async fn a_401_leads_to_a_token_for_this_server() {
    let rig = Rig::new().await;
    let authorizer = rig.authorizer(&rig.machine());
    assert!(authorizer.header().await.unwrap().is_none(), "nobody has said yet of whom to ask");
    let header = authorizer.refused(None, &rig.challenge()).await.unwrap().unwrap();
    assert!(header.is_sensitive());
    assert!(header.to_str().unwrap().starts_with("Bearer acc3ss-"));
    assert_eq!(authorizer.header().await.unwrap().unwrap(), header);
    let forms = rig.authority.forms();
    assert_eq!(forms.len(), 1);
    assert_eq!(field(&forms[0], "grant_type"), Some("client_credentials"));
    assert_eq!(field(&forms[0], "resource"), Some(rig.authority.url.as_str()));
    assert_eq!(field(&forms[0], "scope"), None);
    assert_eq!(field(&forms[0], "client_secret"), None, "it goes in a header");
}

#[tokio::test]
async fn the_scope_is_the_operators_else_the_challenges_else_the_metadatas() {
    let rig = Rig::new().await;
    rig.authority.rules(|rules| rules.scopes = vec!["a".to_owned(), "b".to_owned()]);
    let mut asking = rig.challenge();
    let value = asking[WWW_AUTHENTICATE].to_str().unwrap().to_owned() + ", scope=\"c d\"";
    asking.insert(WWW_AUTHENTICATE, value.parse().unwrap());
    let own = AuthSpec { scope: Some("own".to_owned()), ..rig.machine() };
    for (spec, headers, wanted) in [
        (own, &asking, "own"),
        (rig.machine(), &asking, "c d"),
        (rig.machine(), &rig.challenge(), "a b"),
    ] {
        rig.vault().forget("web").await.unwrap();
        rig.authorizer(&spec).refused(None, headers).await.unwrap().unwrap();
        assert_eq!(field(rig.authority.forms().last().unwrap(), "scope"), Some(wanted));
    }
}

#[tokio::test]
async fn with_an_issuer_or_a_token_url_there_is_a_token_before_the_first_request() {
    let rig = Rig::new().await;
    let issuer = AuthSpec { issuer: Some(rig.authority.issuer.clone()), ..rig.machine() };
    assert!(rig.authorizer(&issuer).header().await.unwrap().is_some());
    rig.vault().forget("web").await.unwrap();
    let before = rig.authority.seen().len();
    let token_url = format!("{}/token", rig.authority.issuer);
    let spec = AuthSpec { token_url: Some(token_url), ..rig.machine() };
    assert!(rig.authorizer(&spec).header().await.unwrap().is_some());
    assert_eq!(rig.authority.seen().len(), before + 1, "no discovery");
}

#[tokio::test]
async fn a_secret_goes_the_way_the_authorization_server_wants() {
    let rig = Rig::new().await;
    rig.authority.rules(|rules| rules.client_methods = vec!["client_secret_post"]);
    rig.authorizer(&rig.machine()).refused(None, &rig.challenge()).await.unwrap().unwrap();
    assert_eq!(field(&rig.authority.forms()[0], "client_secret"), Some(CONFIDENTIAL.1));
}

#[tokio::test]
async fn metadata_is_found_without_a_hint_in_the_challenge() {
    let rig = Rig::new().await;
    let authorizer = rig.authorizer(&rig.machine());
    assert!(authorizer.refused(None, &HeaderMap::new()).await.unwrap().is_some());
}

#[tokio::test]
async fn fifty_at_once_ask_for_one_token() {
    let rig = Rig::new().await;
    let spec = AuthSpec { issuer: Some(rig.authority.issuer.clone()), ..rig.machine() };
    let authorizer = rig.authorizer(&spec);
    let ask = |used: Option<HeaderValue>| {
        let (authorizer, headers) = (Arc::clone(&authorizer), rig.challenge());
        tokio::spawn(async move {
            match used {
                Some(used) => authorizer.refused(Some(&used), &headers).await,
                None => authorizer.header().await,
            }
            .unwrap()
            .unwrap()
        })
    };
    let first: Vec<_> = (0..50).map(|_| ask(None)).collect();
    let mut headers = Vec::new();
    for one in first {
        headers.push(one.await.unwrap());
    }
    assert!(headers.iter().all(|header| *header == headers[0]));
    assert_eq!(rig.authority.count("/token"), 1);
    // All fifty are refused with it, once it is no longer good.
    authorizer.note_accepted();
    rig.authority.expire();
    let second: Vec<_> = (0..50).map(|_| ask(Some(headers[0].clone()))).collect();
    for one in second {
        assert_ne!(one.await.unwrap(), headers[0]);
    }
    assert_eq!(rig.authority.count("/token"), 2);
}

#[tokio::test]
async fn an_expired_token_is_replaced_before_it_is_sent() {
    let rig = Rig::new().await;
    rig.authority.rules(|rules| rules.expires_in_s = Some(0));
    let spec = AuthSpec { issuer: Some(rig.authority.issuer.clone()), ..rig.machine() };
    let authorizer = rig.authorizer(&spec);
    let first = authorizer.header().await.unwrap().unwrap();
    assert_ne!(authorizer.header().await.unwrap().unwrap(), first);
    rig.authority.rules(|rules| rules.expires_in_s = None);
    let lasting = authorizer.header().await.unwrap().unwrap();
    assert_eq!(authorizer.header().await.unwrap().unwrap(), lasting);
}

#[tokio::test]
async fn a_token_outlives_the_process_but_not_the_servers_url() {
    let rig = Rig::new().await;
    let token = rig.authorizer(&rig.machine()).refused(None, &rig.challenge()).await.unwrap();
    assert_eq!(rig.authorizer(&rig.machine()).header().await.unwrap(), token);
    let elsewhere =
        Authorizer::new("web", "https://other.example/mcp", &rig.machine(), rig.vault()).unwrap();
    assert!(elsewhere.header().await.unwrap().is_none(), "a token is for one server");
    let secrets = rig.authority.secrets();
    assert!(!secrets.is_empty());
    for secret in secrets.iter().map(String::as_str).chain([CONFIDENTIAL.1]) {
        assert!(!has(&rig.state(), secret), "{secret} stands in the state directory");
    }
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_is_not_asked_for_again_and_again() {
    let rig = Rig::new().await;
    let spec = AuthSpec { issuer: Some(rig.authority.issuer.clone()), ..rig.machine() };
    let authorizer = rig.authorizer(&spec);
    let token = authorizer.header().await.unwrap();
    for _ in 0..20 {
        let failed = authorizer.refused(token.as_ref(), &rig.challenge()).await.unwrap_err();
        assert!(failed.to_string().contains("refuses a token"), "{failed}");
    }
    assert_eq!(rig.authority.count("/token"), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_refusal_is_told_in_one_harmless_line_and_asked_for_once() {
    let rig = Rig::new().await;
    rig.authority.rules(|rules| {
        let words = "go\n\u{1b}[2J away\u{202e}".to_owned() + &"!".repeat(5_000);
        rules.refused = Some(("invalid_client".to_owned(), words));
    });
    let spec = AuthSpec { issuer: Some(rig.authority.issuer.clone()), ..rig.machine() };
    let authorizer = rig.authorizer(&spec);
    for _ in 0..20 {
        let failed = authorizer.header().await.unwrap_err();
        let line = failed.to_string();
        assert!(line.contains("refuses: invalid_client: go??[2J away?"), "{line}");
        assert!(
            line.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && line.len() < 400,
            "{line}"
        );
        assert!(!failed.for_client().contains("away"), "strangers' words are not for the client");
    }
    assert_eq!(rig.authority.count("/token"), 1);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_once() {
    let rig = Rig::new().await;
    let made = |spec: &AuthSpec| Authorizer::new("web", &rig.authority.url, spec, rig.vault());
    let token_url = Some("https://a.example/token".to_owned());
    let table = [
        (
            AuthSpec { client_secret: None, ..rig.machine() },
            "needs `client_id` and `client_secret`",
        ),
        (AuthSpec { client_id: None, ..rig.machine() }, "needs `client_id` and `client_secret`"),
        (
            AuthSpec { flow: AuthFlow::AuthorizationCode, client_id: None, ..rig.machine() },
            "without its",
        ),
        (AuthSpec { token_url, ..person() }, "`token_url` is for"),
        (AuthSpec { issuer: Some("id.example".to_owned()), ..person() }, "`id.example`"),
        (
            AuthSpec {
                client_secret: Some(SecretSource::Env("NO_SUCH".to_owned())),
                ..rig.machine()
            },
            "no such environment variable",
        ),
    ];
    for (spec, wanted) in table {
        let failed = made(&spec).unwrap_err().to_string();
        assert!(failed.contains(wanted) && failed.contains("server `web`"), "{failed}");
    }
    let shown = format!("{:?}", made(&rig.machine()).unwrap());
    assert!(!shown.contains(CONFIDENTIAL.1), "{shown}");
}
