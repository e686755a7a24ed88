//! A small issuer of tokens: real keys, real signatures, keys that change.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::guard::lock;

/// It ends when it is dropped.
#[derive(Debug)]
pub struct Issuer {
    /// `iss`
    pub url: String,
    state: Arc<State>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    keys: Mutex<Keys>,
    asked: AtomicUsize,
}

#[derive(Debug)]
struct Keys {
    generation: usize,
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

#[expect(clippy::expect_used, reason = "a broken rig ends the test")]
impl Keys {
    fn new(generation: usize) -> Keys {
        Keys {
            generation,
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key can be made"),
            ec: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .expect("a key can be made"),
            ed: Ed25519KeyPair::generate().expect("a key can be made"),
        }
    }

    fn id(&self, algorithm: &str) -> String {
        format!("{}-{}", algorithm.to_lowercase(), self.generation)
    }

    fn set(&self) -> Value {
        // RFC 8017, A.1.1, for 2048 bits and the usual exponent: the modulus, then 65537.
        let rsa = self.rsa.public_key().as_ref();
        let point = self.ec.public_key().as_ref();
        json!({"keys": [
            {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id("RS256"),
             "n": encode(&rsa[9..265]), "e": encode(&rsa[267..])},
            {"kty": "EC", "crv": "P-256", "kid": self.id("ES256"),
             "x": encode(&point[1..33]), "y": encode(&point[33..])},
            {"kty": "OKP", "crv": "Ed25519", "kid": self.id("EdDSA"),
             "x": encode(self.ed.public_key().as_ref())},
            {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        ]})
    }

    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match algorithm {
            "ES256" => self.ec.sign(&random, message).expect("a key can sign").as_ref().to_vec(),
            "EdDSA" => self.ed.sign(message).as_ref().to_vec(),
            _ => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .expect("a key can sign");
                signature
            }
        }
    }
}

#[expect(clippy::expect_used, reason = "a broken rig ends the test")]
impl Issuer {
    /// On a free port of this machine.
    pub async fn start() -> Issuer {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", socket.local_addr().expect("the socket is bound"));
        let keys = Mutex::new(Keys::new(1));
        let state = Arc::new(State { keys, asked: AtomicUsize::new(0) });
        let serving = tokio::spawn(serve(socket, url.clone(), Arc::clone(&state)));
        Issuer { url, state, serving }
    }

    /// New keys; the old ones are no longer told.
    pub fn rotate(&self) {
        let mut keys = lock(&self.state.keys);
        *keys = Keys::new(keys.generation + 1);
    }

    /// How often the keys were asked for.
    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::Acquire)
    }

    /// Claims that are good for an hour.
    pub fn claims(&self, audience: &str, subject: &str) -> Value {
        let now = std::time::UNIX_EPOCH.elapsed().expect("it is later than 1970").as_secs();
        json!({"iss": self.url, "aud": audience, "sub": subject, "iat": now, "exp": now + 3600})
    }

    /// A token as it should be, signed by `RS256`, `ES256` or `EdDSA`.
    pub fn token(&self, algorithm: &str, claims: &Value) -> String {
        let id = lock(&self.state.keys).id(algorithm);
        self.sign(algorithm, &json!({"alg": algorithm, "kid": id, "typ": "at+jwt"}), claims)
    }

    /// A token with any header, signed by the key for `algorithm`.
    pub fn sign(&self, algorithm: &str, header: &Value, claims: &Value) -> String {
        self.sign_text(algorithm, &header.to_string(), &claims.to_string())
    }

    /// The same, whatever the two texts are.
    pub fn sign_text(&self, algorithm: &str, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        let signature = lock(&self.state.keys).sign(algorithm, message.as_bytes());
        format!("{message}.{}", encode(&signature))
    }

    /// The name of the key for `algorithm`.
    pub fn key_id(&self, algorithm: &str) -> String {
        lock(&self.state.keys).id(algorithm)
    }

    /// The public RSA key as whoever confuses algorithms would take it for a secret.
    pub fn public_bytes(&self) -> Vec<u8> {
        lock(&self.state.keys).rsa.public_key().as_ref().to_vec()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: TcpListener, url: String, state: Arc<State>) {
    while let Ok((stream, _)) = socket.accept().await {
        let (url, state) = (url.clone(), Arc::clone(&state));
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer(request.uri().path(), &url, &state);
            async move { Ok::<_, Infallible>(answer) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

fn answer(path: &str, url: &str, state: &State) -> Response<Full<Bytes>> {
    let body = match path {
        "/.well-known/openid-configuration" => {
            json!({"issuer": url, "jwks_uri": format!("{url}/keys")})
        }
        "/keys" => {
            state.asked.fetch_add(1, Ordering::AcqRel);
            lock(&state.keys).set()
        }
        _ => {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        }
    };
    Response::new(Full::from(body.to_string()))
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
