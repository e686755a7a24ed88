//! A person logs in; the gate refreshes.

use toolgate_testkit::Web;

use super::*;

fn desk() -> AuthSpec {
    AuthSpec { client_id: Some(PUBLIC.to_owned()), ..person() }
}

#[tokio::test]
async fn a_login_brings_tokens_for_this_server_and_proves_who_asked() {
    let rig = Rig::new().await;
    let authorizer = rig.authorizer(&desk());
    let nobody = authorizer.header().await.unwrap_err().to_string();
    assert!(nobody.contains("toolgate server login web"), "{nobody}");
    rig.login(&desk()).await.unwrap();
    // The same authorizer finds what another process has kept.
    let header = authorizer.header().await.unwrap().unwrap();
    assert!(header.to_str().unwrap().starts_with("Bearer acc3ss-"));
    let form = &rig.authority.forms()[0];
    assert_eq!(field(form, "resource"), Some(rig.authority.url.as_str()));
    assert_eq!(field(form, "code_verifier").unwrap().len(), 43);
    let seen = rig.authority.seen();
    let asked = seen.iter().find(|seen| seen.path == "/authorize").unwrap();
    assert_eq!(asked.field("code_challenge_method"), Some("S256"));
    assert_eq!(asked.field("scope"), None);
    assert!(asked.field("redirect_uri").unwrap().starts_with("http://127.0.0.1:"));
    for secret in rig.authority.secrets() {
        assert!(!has(&rig.state(), &secret), "{secret} stands in the state directory");
    }
}

#[tokio::test]
async fn without_a_client_id_the_gate_registers_itself() {
    let rig = Rig::new().await;
    rig.login(&person()).await.unwrap();
    let authorizer = rig.authorizer(&person());
    let header = authorizer.header().await.unwrap().unwrap();
    rig.authority.expire();
    authorizer.note_accepted();
    let second = authorizer.refused(Some(&header), &rig.challenge()).await.unwrap();
    assert_ne!(second.unwrap(), header);
    let forms = rig.authority.forms();
    assert!(field(&forms[1], "client_id").unwrap().starts_with("registered-"));
    rig.authority.rules(|rules| rules.has_registration = false);
    let failed = rig.login(&person()).await.unwrap_err().to_string();
    assert!(failed.contains("registers no clients; give"), "{failed}");
}

#[tokio::test]
async fn refresh_tokens_are_rotated_and_never_lost() {
    let rig = Rig::new().await;
    rig.authority.rules(|rules| rules.expires_in_s = Some(0));
    rig.login(&desk()).await.unwrap();
    let authorizer = rig.authorizer(&desk());
    for _ in 0..5 {
        authorizer.header().await.unwrap().unwrap();
    }
    // A new start goes on with the newest one: an older one would end the login.
    let again = rig.authorizer(&desk());
    again.header().await.unwrap().unwrap();
    // So does whoever was there all along.
    authorizer.header().await.unwrap().unwrap();
    let forms = rig.authority.forms();
    let refreshed: Vec<_> = forms.iter().filter_map(|form| field(form, "refresh_token")).collect();
    let distinct: std::collections::HashSet<_> = refreshed.iter().collect();
    assert_eq!((refreshed.len(), distinct.len()), (7, 7));
    assert!(forms.iter().all(|form| field(form, "resource") == Some(&rig.authority.url)));
}

#[tokio::test]
async fn a_client_that_leaves_does_not_lose_a_rotated_token() {
    let rig = Rig::new().await;
    rig.authority.rules(|rules| rules.expires_in_s = Some(0));
    rig.login(&desk()).await.unwrap();
    let authorizer = rig.authorizer(&desk());
    for patience in 0..20 {
        let left = tokio::time::timeout(
            std::time::Duration::from_micros(patience * 50),
            authorizer.header(),
        );
        drop(left.await);
    }
    rig.authority.rules(|rules| rules.expires_in_s = None);
    assert!(authorizer.header().await.unwrap().is_some());
}

#[tokio::test]
async fn a_login_that_is_over_is_told_and_can_be_renewed() {
    let rig = Rig::new().await;
    rig.login(&desk()).await.unwrap();
    let authorizer = rig.authorizer(&desk());
    let header = authorizer.header().await.unwrap();
    authorizer.note_accepted();
    rig.authority.revoke();
    for _ in 0..3 {
        let failed = authorizer.refused(header.as_ref(), &rig.challenge()).await.unwrap_err();
        assert!(failed.to_string().contains("run `toolgate server login web`"), "{failed}");
        assert!(failed.for_client().contains("a person must log in"), "{}", failed.for_client());
    }
    assert_eq!(rig.authority.count("/token"), 2, "a dead refresh token is shown once");
    rig.login(&desk()).await.unwrap();
    assert!(authorizer.header().await.unwrap().is_some());
}

#[tokio::test]
async fn while_the_authorization_server_is_down_a_token_that_still_lives_is_used() {
    let rig = Rig::new().await;
    // Short enough to be renewed all the time, long enough to live through this test.
    rig.authority.rules(|rules| rules.expires_in_s = Some(100_000));
    rig.login(&desk()).await.unwrap();
    let authorizer = rig.authorizer(&desk());
    let first = authorizer.header().await.unwrap();
    rig.authority.rules(|rules| rules.token_status = Some(503));
    authorizer.note_accepted();
    let down = authorizer.refused(first.as_ref(), &rig.challenge()).await.unwrap_err();
    assert!(down.to_string().contains("answered 503"), "{down}");
    assert_eq!(authorizer.header().await.unwrap(), first);
}

#[tokio::test]
async fn a_login_that_is_not_what_it_seems_keeps_nothing() {
    let rig = Rig::new().await;
    let lies: &[Lie] = &[
        (
            |r| r.iss = Some(Some("https://bank.example".to_owned())),
            "`https://bank.example` answers",
        ),
        (|r| r.has_s256 = false, "PKCE"),
        (|r| r.authorization_endpoint = Some("javascript:alert(1)".to_owned()), "not asked"),
        (|r| r.authorization_endpoint = Some("file:///bin/sh".to_owned()), "not asked"),
        (|r| r.authorization_endpoint = Some("http://id.example/$(id)".to_owned()), "not https"),
        (
            |r| r.denied = Some(("access_denied".to_owned(), "not\ntoday".to_owned())),
            "refuses: access_denied: not?today",
        ),
        (|r| r.token_endpoint = Some("https://10.0.0.1/token".to_owned()), "no public address"),
    ];
    for (lie, wanted) in lies {
        rig.authority.rules(|rules| *rules = Rules::default());
        rig.authority.rules(lie);
        let failed = rig.login(&desk()).await.unwrap_err().to_string();
        assert!(failed.contains(wanted), "{wanted}: {failed}");
        assert!(rig.authorizer(&desk()).header().await.is_err());
    }
    assert_eq!(rig.authority.count("/token"), 0);
}

/// Whatever else on this machine finds the port: its answer is not ours.
#[tokio::test]
async fn only_the_answer_to_our_own_question_counts() {
    let rig = Rig::new().await;
    let (server, url) = ("web", rig.authority.url.clone());
    let spec = desk();
    let asked = Login { server, url: &url, auth: &spec, vault: rig.vault() };
    let (opened, at) = tokio::sync::oneshot::channel();
    let waiting = login(asked, |url| drop(opened.send(url.to_owned())));
    let meddling = async {
        let url = at.await.unwrap();
        let encoded = url.split("redirect_uri=").nth(1).unwrap().split('&').next().unwrap();
        let redirect = encoded.replace("%3A", ":").replace("%2F", "/");
        let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap();
        let port = redirect.split(':').nth(2).unwrap().split('/').next().unwrap();
        let get = async |path: &str, host: &str| {
            let url = format!("http://127.0.0.1:{port}{path}");
            let reply = Web::new(url).send(hyper::Method::GET, &[("host", host)], "").await;
            reply.unwrap().status
        };
        let own = format!("127.0.0.1:{port}");
        for (path, host, status) in [
            ("/callback?code=x&state=guessed".to_owned(), own.as_str(), 400),
            ("/callback?code=x".to_owned(), &own, 400),
            (format!("/callback?code=x&code=y&state={state}"), &own, 400),
            (format!("/callback?code=x&error=y&state={state}"), &own, 400),
            (format!("/callback?state={state}"), &own, 400),
            (format!("/callback?code=%ff&state={state}"), &own, 400),
            ("/".to_owned(), &own, 404),
            (format!("/callback?code=x&state={state}"), "evil.example", 404),
        ] {
            assert_eq!(get(&path, host).await, status, "{path} {host}");
        }
        assert_eq!(Authority::browse(&url).await, 200);
    };
    let (done, ()) = tokio::join!(waiting, meddling);
    done.unwrap();
    assert!(rig.authorizer(&desk()).header().await.unwrap().is_some());
}

#[tokio::test]
async fn a_gate_with_a_secret_needs_no_login() {
    let rig = Rig::new().await;
    let failed = rig.login(&rig.machine()).await.unwrap_err().to_string();
    assert!(failed.contains("needs no login"), "{failed}");
}
