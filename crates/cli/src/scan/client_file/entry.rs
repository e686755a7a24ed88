//! One server as its client has it.

use std::borrow::Cow;
use std::env;
use std::path::{Path, PathBuf};

use toolgate_gateway::{
    CommandSpec, Header, SecretSource, Transport, UpstreamSpec, UrlSpec, Variable,
};
use toolgate_json::{Kind, Value};

use super::super::secrets::Secrets;
use super::variables::Scope;

/// The value under a server's name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a>(pub(super) Value<'a>);

/// The names that clients have for an address, and for headers.
const URLS: [&str; 4] = ["url", "httpUrl", "serverUrl", "uri"];
const HEADERS: [&str; 2] = ["headers", "http_headers"];

impl<'a> Entry<'a> {
    pub(super) fn is_disabled(self) -> bool {
        let is = |key: &str, value: bool| self.0.get(key).and_then(Value::as_bool) == Some(value);
        is("disabled", true) || is("enabled", false)
    }

    /// How the server is reached, or why that cannot be known. No message repeats a value.
    pub(super) fn read(
        self,
        scope: &Scope<'_>,
        url_is_sse: bool,
        secrets: &mut Secrets,
    ) -> Result<UpstreamSpec, String> {
        if let Some(command) = self.0.get("command").or_else(|| self.0.get("cmd")) {
            return self.command(command, scope, secrets).map(UpstreamSpec::Command);
        }
        let url = URLS.iter().find_map(|key| Some((*key, self.0.get(key)?.as_str()?)));
        let Some((key, url)) = url else {
            return Err(if self.0.get("settings").is_some() || self.is("source", "extension") {
                "an extension of its client starts it: there is no command in the file".to_owned()
            } else {
                "it has neither `command` nor `url`".to_owned()
            });
        };
        self.url(scope.fill_in(&url)?, (key, url_is_sse), scope, secrets).map(UpstreamSpec::Url)
    }

    fn command(
        self,
        command: Value<'a>,
        scope: &Scope<'_>,
        secrets: &mut Secrets,
    ) -> Result<CommandSpec, String> {
        // Zed once had the program, its arguments and its variables in an object of their own.
        let inner = Entry(if command.kind() == Kind::Object { command } else { self.0 });
        let program = if command.kind() == Kind::Object { command.get("path") } else { None };
        let mut words = match program.unwrap_or(command) {
            list if list.kind() == Kind::Array => texts(list, scope)?,
            one => vec![text(one, scope)?.ok_or("`command` is neither a text nor a list")?],
        };
        words.extend(inner.0.get("args").map_or(Ok(Vec::new()), |args| texts(args, scope))?);
        if words.first().is_none_or(String::is_empty) {
            return Err("`command` is empty".to_owned());
        }
        secrets.add_args(&words);
        let mut words = words.into_iter().map(Into::into);
        let program = words.next().unwrap_or_default();
        let mut spec = CommandSpec::supervised(program, words.collect());
        for key in ["env", "environment", "envs"] {
            for (name, value) in pairs(inner.0.get(key), scope)? {
                secrets.add(&name, &value);
                spec.env.push(Variable { name, source: SecretSource::Plain(value) });
            }
        }
        // Codex: variables that are passed on.
        for name in self.0.get("env_vars").into_iter().flat_map(Value::items) {
            let name = name.as_str().or_else(|| name.get("name")?.as_str());
            let name = name.filter(|name| env::var_os(&**name).is_some()).map(Cow::into_owned);
            spec.env.extend(
                name.map(|name| Variable { source: SecretSource::Env(name.clone()), name }),
            );
        }
        if let Some(folder) = self.0.get("cwd").and_then(Value::as_str) {
            spec.cwd = Some(scope.workspace.join(scope.fill_in(&folder)?));
        }
        Ok(spec)
    }

    fn url(
        self,
        url: String,
        (key, url_is_sse): (&str, bool),
        scope: &Scope<'_>,
        secrets: &mut Secrets,
    ) -> Result<UrlSpec, String> {
        secrets.add_url(&url);
        let mut headers = Vec::new();
        for (name, value) in HEADERS.iter().try_fold(Vec::new(), |mut all, key| {
            all.extend(pairs(self.0.get(key), scope)?);
            Ok::<_, String>(all)
        })? {
            secrets.add(&name, &value);
            headers.push(Header { name, source: SecretSource::Plain(value) });
        }
        for (name, variable) in pairs(self.0.get("env_http_headers"), scope)? {
            headers.push(Header { name, source: SecretSource::Env(variable) });
        }
        if let Some(variable) = self.0.get("bearer_token_env_var").and_then(Value::as_str) {
            let value = env::var(&*variable)
                .map_err(|_| format!("it needs the environment variable `{variable}`; set it"))?;
            secrets.add("token", &value);
            let source = SecretSource::Plain(format!("Bearer {value}"));
            headers.push(Header { name: "Authorization".to_owned(), source });
        }
        let ends_so = url.split(['?', '#']).next().is_some_and(|path| path.ends_with("/sse"));
        let told = self.0.get("type").or_else(|| self.0.get("transport")).and_then(Value::as_str);
        let is_sse = match told.as_deref() {
            Some("sse") => true,
            Some(_) => false,
            None => ends_so || (url_is_sse && key == "url"),
        };
        let transport = if is_sse { Transport::Sse } else { Transport::Http };
        Ok(UrlSpec { url, headers, auth: None, transport })
    }

    fn is(self, key: &str, text: &str) -> bool {
        self.0.get(key).is_some_and(|value| value.is(text))
    }
}

/// Starts a project's server in the project's folder, unless it has one of its own.
pub(super) fn start_in(spec: &mut UpstreamSpec, folder: &Path) {
    if let UpstreamSpec::Command(command) = spec {
        let folder = Some(PathBuf::from(folder)).filter(|folder| folder.is_dir());
        command.cwd = command.cwd.take().or(folder);
    }
}

/// Texts, and what people write without quotes.
fn text(value: Value<'_>, scope: &Scope<'_>) -> Result<Option<String>, String> {
    match value.kind() {
        Kind::String => value.as_str().map(|text| scope.fill_in(&text)).transpose(),
        Kind::False | Kind::Number | Kind::True => {
            Ok(Some(String::from_utf8_lossy(value.raw()).into_owned()))
        }
        Kind::Array | Kind::Null | Kind::Object => Ok(None),
    }
}

fn texts(list: Value<'_>, scope: &Scope<'_>) -> Result<Vec<String>, String> {
    list.items()
        .map(|item| text(item, scope)?.ok_or_else(|| "an argument is no text".to_owned()))
        .collect()
}

fn pairs(object: Option<Value<'_>>, scope: &Scope<'_>) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    for (name, value) in object.into_iter().flat_map(Value::entries) {
        // Nothing is said by `null`.
        if let (Some(name), Some(value)) = (name.as_str(), text(value, scope)?) {
            pairs.push((name.into_owned(), value));
        }
    }
    Ok(pairs)
}
