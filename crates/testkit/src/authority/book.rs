//! What the authorization server knows: clients, codes, tokens.

use std::collections::{HashMap, HashSet};

/// How it behaves. The defaults are those of a good server.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Rules {
    /// The 401 says where the metadata is.
    pub challenge: bool,
    /// The 401 asks for this scope.
    pub challenge_scope: Option<String>,
    /// Where the 401 says that the metadata is.
    pub metadata_url: Option<String>,
    /// The MCP server publishes metadata.
    pub has_resource_metadata: bool,
    pub authorization_servers: Option<Vec<String>>,
    /// What the MCP server's metadata is about.
    pub resource: Option<String>,
    pub scopes: Vec<String>,
    /// What the authorization server calls itself.
    pub issuer: Option<String>,
    pub token_endpoint: Option<String>,
    pub authorization_endpoint: Option<String>,
    pub has_s256: bool,
    pub has_registration: bool,
    pub client_methods: Vec<&'static str>,
    /// It says who it is when it redirects back: nothing, itself, or something else.
    pub iss: Option<Option<String>>,
    /// The person says no: error and description.
    pub denied: Option<(String, String)>,
    /// The token endpoint says no: error and description.
    pub refused: Option<(String, String)>,
    /// The token endpoint answers with this status and no words.
    pub token_status: Option<u16>,
    pub token_type: &'static str,
    pub expires_in_s: Option<u64>,
    pub has_refresh: bool,
    /// The MCP server takes no token at all.
    pub takes_none: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            challenge: true,
            challenge_scope: None,
            metadata_url: None,
            has_resource_metadata: true,
            authorization_servers: None,
            resource: None,
            scopes: Vec::new(),
            issuer: None,
            token_endpoint: None,
            authorization_endpoint: None,
            has_s256: true,
            has_registration: true,
            client_methods: vec!["client_secret_basic", "client_secret_post", "none"],
            iss: Some(None),
            denied: None,
            refused: None,
            token_status: None,
            token_type: "Bearer",
            expires_in_s: Some(3_600),
            has_refresh: true,
            takes_none: false,
        }
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    /// The query, or the body if it is a form.
    pub form: Vec<(String, String)>,
    pub body: String,
    /// What was answered.
    pub status: u16,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug)]
pub(super) struct Book {
    pub(super) issuer: String,
    pub(super) url: String,
    pub(super) rules: Rules,
    pub(super) seen: Vec<Seen>,
    pub(super) issued: Vec<String>,
    pub(super) clients: HashMap<String, Client>,
    pub(super) codes: HashMap<String, Code>,
    /// Good ones.
    pub(super) access: HashSet<String>,
    pub(super) refresh: HashMap<String, Login>,
    /// Used up: whoever shows one of these has stolen it, or was stolen from.
    pub(super) spent: HashMap<String, Login>,
    next: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Client {
    pub(super) secret: Option<String>,
    /// Nothing: any port of this machine.
    pub(super) redirects: Option<Vec<String>>,
}

/// What a code was given for.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) client: String,
    pub(super) redirect: String,
    pub(super) challenge: String,
}

/// All tokens that come of one login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) number: u64,
    pub(super) client: String,
}

impl Book {
    pub(super) fn new(issuer: &str, url: &str) -> Book {
        let (id, secret) = super::CONFIDENTIAL;
        let known = |secret| Client { secret, redirects: None };
        let clients = HashMap::from([
            (id.to_owned(), known(Some(secret.to_owned()))),
            (super::PUBLIC.to_owned(), known(None)),
        ]);
        Book {
            issuer: issuer.to_owned(),
            url: url.to_owned(),
            rules: Rules::default(),
            seen: Vec::new(),
            issued: Vec::new(),
            clients,
            codes: HashMap::new(),
            access: HashSet::new(),
            refresh: HashMap::new(),
            spent: HashMap::new(),
            next: 1,
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn access_token(&mut self) -> String {
        let token = format!("acc3ss-t0ken-{}", self.number());
        self.access.insert(token.clone());
        self.issued.push(token.clone());
        token
    }

    pub(super) fn refresh_token(&mut self, login: Login) -> String {
        let token = format!("r3fresh-t0ken-{}", self.number());
        self.refresh.insert(token.clone(), login);
        self.issued.push(token.clone());
        token
    }

    /// One use each. A second one ends the whole login (OAuth 2.1, section 4.3.1).
    pub(super) fn spend(&mut self, token: &str, client: &str) -> Option<Login> {
        if let Some(login) = self.spent.get(token).cloned() {
            self.refresh.retain(|_, other| *other != login);
            return None;
        }
        let login = self.refresh.get(token).filter(|login| login.client == client)?.clone();
        self.refresh.remove(token);
        self.spent.insert(token.to_owned(), login.clone());
        Some(login)
    }
}
