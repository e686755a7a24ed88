//! A hundred credentials that are none (threats T4): each is 401, and no server hears a byte.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use serde_json::{Value, json};
use toolgate_testkit::{Issuer, Web};

use super::jwt::{AUDIENCE, developer, serving};
use crate::rig::{Serving, hello};

/// What stands in `Authorization`; several are several headers.
type Shown = Vec<String>;

#[tokio::test]
async fn a_hundred_bad_credentials_open_nothing() {
    let issuer = Issuer::start().await;
    let serving = serving(&issuer).await;
    let mut bad = of_grants(&serving);
    bad.extend(of_issuers(&issuer).into_iter().map(|token| vec![format!("Bearer {token}")]));
    assert!(bad.len() >= 100, "{}", bad.len());
    let url = format!("{}/mcp/a", serving.gateway.url);
    for shown in &bad {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(shown.iter().map(|value| ("authorization", value.as_str())));
        let reply = Web::new(&url).send(Method::POST, &headers, hello()).await.unwrap();
        assert_eq!(reply.status, 401, "{shown:?}");
        let challenge = reply.header("www-authenticate").unwrap().to_owned();
        let named = challenge.contains("error=\"invalid_token\"");
        assert_eq!(named, !shown.is_empty(), "{shown:?}: {challenge}");
    }
    assert!(!serving.rig.scratch.at("a").exists());
    let said = serving.gateway.stderr();
    for shown in bad.iter().flatten().filter(|shown| shown.len() > 40) {
        assert!(!said.contains(&shown[20..]), "{shown}");
    }
    // The same with what is good.
    let good = issuer.token("ES256", &developer(&issuer, "ann"));
    assert_eq!(serving.web("a", &good).post(hello(), &[]).await.status, 200);
}

fn of_grants(serving: &Serving) -> Vec<Shown> {
    let good = serving.grant("ann", &["a"]);
    let revoked = serving.grant("gone", &["a"]);
    serving.json(&["grant", "revoke", "gone"]);
    let rotated = serving.grant("old", &["a"]);
    serving.json(&["grant", "rotate", "old"]);
    let digits = good.strip_prefix("tgt_").unwrap();
    let mut values: Vec<String> =
        ["", "Bearer", "Bearer ", "Bearer  ", "bearer", "Basic", "x"].map(str::to_owned).to_vec();
    for scheme in ["Basic", "Digest", "DPoP", "Token", "MAC", "Bear", "Bearerx", "", "\"Bearer\""] {
        values.push(format!("{scheme} {good}"));
    }
    values.push(good.clone());
    values.push(format!("Bearer:{good}"));
    values.push(format!("Bearer\u{b}{good}").replace('\u{b}', "="));
    for token in [
        digits.to_owned(),
        good.to_uppercase(),
        good[..good.len() - 1].to_owned(),
        good[1..].to_owned(),
        format!("{good}0"),
        format!("{good},"),
        format!("{good} {good}"),
        format!("{good}, Bearer {good}"),
        format!("\"{good}\""),
        format!("<{good}>"),
        format!("token={good}"),
        format!("tgt-{digits}"),
        format!("tgt__{digits}"),
        format!("TGT_{digits}"),
        format!("tgt_{}", digits.to_uppercase()),
        format!("tgt_{}", "0".repeat(64)),
        format!("tgt_{}", "f".repeat(64)),
        format!("tgt_{}", digits.chars().rev().collect::<String>()),
        "tgt_".to_owned(),
        "null".to_owned(),
        "undefined".to_owned(),
        "true".to_owned(),
        "*".to_owned(),
        "..".to_owned(),
        "ann".to_owned(),
        "../ann".to_owned(),
        "' OR 1=1 --".to_owned(),
        "%74gt_".to_owned() + digits,
        revoked,
        rotated,
        "a".repeat(8000),
    ] {
        values.push(format!("Bearer {token}"));
    }
    let mut bad: Vec<Shown> = values.into_iter().map(|value| vec![value]).collect();
    let whole = format!("Bearer {good}");
    bad.push(vec![]);
    bad.push(vec![whole.clone(), whole.clone()]);
    bad.push(vec![whole.clone(), String::new()]);
    bad.push(vec![String::new(), whole.clone()]);
    bad.push(vec![whole.clone(), "Bearer x".to_owned()]);
    bad.push(vec!["Basic x".to_owned(), whole]);
    bad
}

fn of_issuers(issuer: &Issuer) -> Vec<String> {
    let good = developer(issuer, "ann");
    let with = |key: &str, value: Value| {
        let mut claims = good.clone();
        claims[key] = value;
        claims
    };
    let without = |key: &str| {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(key);
        claims
    };
    let now = good["iat"].as_u64().unwrap();
    let mut bad: Vec<String> = [
        without("exp"),
        with("exp", json!(now - 61)),
        with("exp", json!("never")),
        with("exp", json!((now + 3600).to_string())),
        with("exp", json!(-1)),
        with("exp", json!(null)),
        with("exp", json!([now + 3600])),
        with("nbf", json!(now + 120)),
        with("nbf", json!("soon")),
        without("aud"),
        with("aud", json!("https://gw.example/mcp/")),
        with("aud", json!("https://GW.example/mcp")),
        with("aud", json!("https://other.example/mcp")),
        with("aud", json!([])),
        with("aud", json!(["x", "https://gw.example"])),
        with("aud", json!({AUDIENCE: true})),
        with("aud", json!(null)),
        without("iss"),
        with("iss", json!(format!("{}/", issuer.url))),
        with("iss", json!(issuer.url.to_uppercase())),
        with("iss", json!("https://evil.example")),
        with("iss", json!([issuer.url])),
        with("iss", json!("")),
        without("sub"),
        with("sub", json!("")),
        with("sub", json!(7)),
        with("sub", json!("s".repeat(300))),
    ]
    .iter()
    .map(|claims| issuer.token("ES256", claims))
    .collect();
    bad.extend(headers(issuer, &good));
    bad.extend(texts(issuer, &good));
    bad
}

/// Headers that lie about how the token is signed.
fn headers(issuer: &Issuer, good: &Value) -> Vec<String> {
    let (es, rs) = (issuer.key_id("ES256"), issuer.key_id("RS256"));
    let sign = |header: Value| issuer.sign("ES256", &header, good);
    let mut bad: Vec<String> = [
        json!({"alg": "none"}),
        json!({"alg": "None", "kid": es}),
        json!({"alg": "nOnE", "kid": es}),
        json!({"alg": "", "kid": es}),
        json!({"kid": es}),
        json!({"alg": "HS256", "kid": es}),
        json!({"alg": "HS256", "kid": "shared"}),
        json!({"alg": "es256", "kid": es}),
        json!({"alg": "ES384", "kid": es}),
        json!({"alg": "RS256", "kid": es}),
        json!({"alg": "PS256", "kid": rs}),
        json!({"alg": "RS384", "kid": rs}),
        json!({"alg": "EdDSA", "kid": es}),
        json!({"alg": ["ES256"], "kid": es}),
        json!({"alg": "ES256", "kid": "nobody"}),
        json!({"alg": "ES256", "kid": ""}),
        json!({"alg": "ES256", "kid": "../../etc/passwd"}),
        json!({"alg": "ES256", "kid": "' UNION SELECT 'x"}),
        json!({"alg": "ES256", "kid": 1}),
        json!({"alg": "ES256", "kid": es, "crit": ["exp"]}),
        json!({"alg": "ES256", "kid": es, "typ": "dpop+jwt"}),
        json!({"alg": "ES256", "kid": es, "typ": "logout+jwt"}),
        json!({"alg": "ES256", "kid": "x", "jwk": {"kty": "EC"}}),
        json!({"alg": "ES256", "kid": "x", "jku": "http://127.0.0.1:1/keys"}),
    ]
    .into_iter()
    .map(sign)
    .collect();
    // No signature at all, and one by whoever takes the public key for a shared secret.
    let unsigned = |header: Value| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(&header), part(good))
    };
    bad.push(format!("{}.", unsigned(json!({"alg": "none"}))));
    bad.push(format!("{}.", unsigned(json!({"alg": "ES256", "kid": es}))));
    bad.push(unsigned(json!({"alg": "none"})));
    let forged = URL_SAFE_NO_PAD.encode(&issuer.public_bytes()[..32]);
    bad.push(format!("{}.{forged}", unsigned(json!({"alg": "HS256", "kid": rs}))));
    bad
}

/// Texts that are not quite tokens.
fn texts(issuer: &Issuer, good: &Value) -> Vec<String> {
    let token = issuer.token("ES256", good);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let other = issuer.token("ES256", &developer(issuer, "eve"));
    let (other_message, other_signature) = other.rsplit_once('.').unwrap();
    let twice = format!("{{\"sub\":\"root\",{}", &good.to_string()[1..]);
    let plain = json!({"alg": "ES256", "kid": issuer.key_id("ES256")}).to_string();
    vec![
        format!("{message}.{other_signature}"),
        format!("{other_message}.{signature}"),
        format!("{message}."),
        format!("{message}.{}", &signature[..40]),
        format!("{message}.{signature}A"),
        format!("{message}.{signature}=="),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.x.y"),
        format!("{header}..{signature}"),
        format!("{claims}.{header}.{signature}"),
        token.replace('.', ". "),
        token.replace('.', "%2E"),
        "..".to_owned(),
        "a.b.c".to_owned(),
        format!("e30.e30.{signature}"),
        issuer.sign_text("ES256", &plain, &twice),
        issuer.sign_text("ES256", &plain, "[]"),
        issuer.sign_text("ES256", &plain, ""),
        issuer.sign_text("ES256", &format!("{plain}x"), &good.to_string()),
        issuer.sign_text("ES256", &plain, &format!("{good} {good}")),
        issuer.sign_text("ES256", &plain, &json!({"pad": "x".repeat(20_000)}).to_string()),
    ]
}
