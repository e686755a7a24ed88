//! A text as a row of words, each with the classes it belongs to.

use super::lexicon::{LEXICON, Mask};

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) sentence: u32,
    pub(super) mask: Mask,
}

/// The classes of all of them together.
pub(super) fn mask(tokens: &[Token]) -> Mask {
    tokens.iter().fold(Mask::default(), |all, token| all | token.mask)
}

/// The bits of the forms, looked up once.
struct Forms {
    address: Mask,
    capitals: Mask,
    command: Mask,
    ident: Mask,
    literal: Mask,
    number: Mask,
    path: Mask,
    raw_ip: Mask,
    secret_path: Mask,
    soft_path: Mask,
    startup_path: Mask,
    tool_name: Mask,
    toolish: Mask,
    url: Mask,
    attacker: Mask,
}

static FORMS: std::sync::LazyLock<Forms> = std::sync::LazyLock::new(|| {
    let bit = |name| LEXICON.bit(name);
    Forms {
        address: bit("address"),
        capitals: bit("capitals"),
        command: bit("command"),
        ident: bit("ident"),
        literal: bit("literal"),
        number: bit("number"),
        path: bit("path"),
        raw_ip: bit("raw_ip"),
        secret_path: bit("secret_path"),
        soft_path: bit("soft_path"),
        startup_path: bit("startup_path"),
        tool_name: bit("tool_name"),
        toolish: bit("toolish"),
        url: bit("url"),
        attacker: bit("attacker"),
    }
});

/// Reads a text; `is_tool` knows the names of other servers' tools.
pub(super) fn read(text: &str, is_tool: &dyn Fn(&str) -> bool) -> Vec<Token> {
    let mut reading = Reading {
        text,
        bytes: text.as_bytes(),
        tokens: Vec::with_capacity(text.len() / 6 + 1),
        sentence: 0,
        small: String::new(),
        is_tool,
    };
    reading.all();
    reading.tokens
}

/// Longer addresses are read in pieces, so that a text costs what it is long.
const CHUNK_MAX: usize = 256;

struct Reading<'a> {
    text: &'a str,
    bytes: &'a [u8],
    tokens: Vec<Token>,
    sentence: u32,
    small: String,
    is_tool: &'a dyn Fn(&str) -> bool,
}

impl Reading<'_> {
    fn all(&mut self) {
        let mut at = 0;
        while at < self.bytes.len() {
            at = if self.starts(at) { self.word(at) } else { self.mark(at) };
        }
    }

    /// A point, a slash or a tilde begins a word only right before one.
    fn starts(&self, at: usize) -> bool {
        let byte = self.bytes[at];
        is_letter(byte)
            || matches!(byte, b'/' | b'~' | b'.' | b'$' | b'%')
                && self
                    .bytes
                    .get(at + 1)
                    .is_some_and(|next| is_letter(*next) || matches!(next, b'/' | b'.'))
    }

    /// One byte between words; the end of a sentence is told by it.
    fn mark(&mut self, at: usize) -> usize {
        let after = self.bytes.get(at + 1).copied().unwrap_or(b' ');
        let ends = match self.bytes[at] {
            b'.' | b'!' | b'?' | b';' => {
                after.is_ascii_whitespace() || matches!(after, b'"' | b'<')
            }
            b'\n' => self.breaks(at + 1),
            _ => false,
        };
        self.sentence += u32::from(ends);
        at + 1
    }

    /// Whether a new line begins something new: a blank line, an item of a list.
    fn breaks(&self, from: usize) -> bool {
        let rest = self.bytes[from..].iter().copied().find(|byte| !matches!(byte, b' ' | b'\t'));
        matches!(rest, None | Some(b'\n' | b'\r' | b'-' | b'*' | b'#' | b'<'))
    }

    fn word(&mut self, start: usize) -> usize {
        let until = self.text.floor_char_boundary(start + CHUNK_MAX);
        let length = self.bytes[start..until].iter().take_while(|byte| chunk(**byte)).count();
        let mut end = start + length.max(1);
        while end > start + 1
            && matches!(self.bytes[end - 1], b'.' | b':' | b'/' | b'-' | b'\'' | b'?' | b'=')
        {
            end -= 1;
        }
        let whole = &self.text[start..end];
        if let Some(mask) = self.form(whole, start) {
            self.push(start, end, mask);
            return end;
        }
        let plain = whole.bytes().position(|byte| !inner(byte)).map_or(end, |at| start + at.max(1));
        self.plain(start, plain);
        plain
    }

    /// Addresses and paths, that are one thing although they are many words.
    fn form(&self, whole: &str, start: usize) -> Option<Mask> {
        let forms = &*FORMS;
        if let Some(rest) = whole.strip_prefix("http").and_then(|rest| rest.split_once("://")) {
            let here =
                ["localhost", "127.0.0.1", "0.0.0.0"].iter().any(|own| rest.1.starts_with(own));
            let raw = if is_public_ip(rest.1) { forms.raw_ip } else { Mask::default() };
            return Some(if here { forms.literal } else { forms.url | raw | hostile(whole) });
        }
        let special = |byte| matches!(byte, b'/' | b'\\' | b'@' | b'.' | b'~');
        if !whole.bytes().any(special) && !whole.starts_with("id_") {
            return None;
        }
        if let Some(mask) = secret_path(whole) {
            return Some(mask | forms.path);
        }
        let at = whole.bytes().position(|byte| byte == b'@');
        if at.is_some_and(|at| at > 0 && whole[at..].contains('.')) {
            return Some(forms.address | hostile(whole));
        }
        let rooted =
            whole.starts_with("~/") || (whole.starts_with('/') && whole[1..].contains('/'));
        let rooted = rooted && !self.bytes[..start].ends_with(b"<");
        rooted.then_some(forms.path)
    }

    fn plain(&mut self, start: usize, end: usize) {
        let word = &self.text[start..end];
        let forms = &*FORMS;
        let mut small = std::mem::take(&mut self.small);
        small.clear();
        small.push_str(word);
        small.make_ascii_lowercase();
        let follow = |rest: &str| self.follows(end, rest);
        let (lead, tail) = match small.split_once('_') {
            Some((lead, tail)) if !lead.is_empty() => (lead, Some(tail)),
            _ => (small.as_str(), None),
        };
        let is_ident = tail.is_some() || is_camel(word);
        let mut mask = match tail {
            Some(tail) => LEXICON.classes(lead, |rest| rest == tail) & phrase_only(lead),
            None if is_camel(word) => Mask::default(),
            None => LEXICON.classes(lead, follow),
        };
        if is_ident {
            mask |= forms.ident;
        }
        if (is_ident || small.contains('-')) && is_toolish(word) {
            mask |= forms.toolish;
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            mask |= forms.number;
        }
        if word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase()) {
            mask |= forms.capitals;
        }
        if is_command(&small, self.bytes.get(end..).unwrap_or_default()) {
            mask |= forms.command;
        }
        let quoted = start > 0 && matches!(self.bytes[start - 1], b'"' | b'\'' | b'`');
        if quoted {
            mask |= forms.literal;
        }
        if (is_ident || quoted || small.contains('-')) && (self.is_tool)(&small) {
            mask |= forms.tool_name;
        }
        self.small = small;
        self.push(start, end, mask);
    }

    /// Whether the text goes on with these words, `_` for what is between them.
    fn follows(&self, mut at: usize, rest: &str) -> bool {
        rest.split('_').all(|word| {
            let Some(gap) = self.bytes.get(at..) else { return false };
            let gap =
                gap.iter().take(3).take_while(|byte| matches!(byte, b' ' | b'-' | b'\n' | b'_'));
            let from = at + gap.count();
            let until = from + word.len();
            let same = self.bytes.get(from..until);
            let same = same.is_some_and(|same| same.eq_ignore_ascii_case(word.as_bytes()));
            let ends = self.bytes.get(until).is_none_or(|byte| !byte.is_ascii_alphanumeric());
            at = until;
            same && ends
        })
    }

    fn push(&mut self, start: usize, end: usize, mask: Mask) {
        self.tokens.push(Token { start, end, sentence: self.sentence, mask });
    }
}

/// An identifier belongs to a class only as a phrase: `api_key`, not `send_email`.
fn phrase_only(lead: &str) -> Mask {
    !LEXICON.classes(lead, |_| false)
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || byte == b'_'
}

fn chunk(byte: u8) -> bool {
    is_letter(byte)
        || matches!(
            byte,
            b'/' | b'~'
                | b'.'
                | b'$'
                | b'%'
                | b'-'
                | b':'
                | b'\\'
                | b'@'
                | b'+'
                | b'='
                | b'?'
                | b'&'
                | b'\''
        )
}

fn inner(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'-' | b'\'')
}

/// Most tools are named for what they do: `get_user`, `sendMail`, `list-issues`.
#[rustfmt::skip]
fn is_toolish(word: &str) -> bool {
    // In order: it is searched by halves.
    const VERBS: &[&str] = &[
        "add", "analyze", "apply", "ask", "browser", "build", "call", "cancel", "check", "close",
        "compute", "convert", "copy", "create", "delete", "deploy", "describe", "download",
        "edit", "execute", "export", "fetch", "find", "generate", "get", "github", "import",
        "insert", "install", "invoke", "list", "load", "make", "maps", "mcp", "merge", "move",
        "navigate", "open", "parse", "play", "post", "publish", "push", "put", "query", "read",
        "remove", "rename", "reply", "resolve", "retrieve", "run", "save", "scan", "search",
        "send", "set", "start", "stop", "submit", "transfer", "translate", "trigger", "update",
        "upload", "validate", "verify", "view", "write",
    ];
    let parted = |letter: char| matches!(letter, '_' | '-' | 'A'..='Z');
    let head = word.split(parted).next().unwrap_or_default();
    word.ends_with("_tool") || VERBS.binary_search(&head).is_ok()
}

fn is_camel(word: &str) -> bool {
    word.as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// An address that says so itself.
fn hostile(whole: &str) -> Mask {
    const WORDS: [&str; 6] = ["attack", "evil", "exfil", "hacker", "malicious", "pwn"];
    let small = whole.to_ascii_lowercase();
    if WORDS.iter().any(|word| small.contains(word)) { FORMS.attacker } else { Mask::default() }
}

/// A server without a name.
fn is_public_ip(rest: &str) -> bool {
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default();
    host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| !ip.is_private() && !ip.is_loopback())
}

/// Where keys, passwords and sessions lie on people's machines; and where a line that is written
/// runs at the next start.
#[rustfmt::skip]
fn secret_path(whole: &str) -> Option<Mask> {
    const SECRET: &[&str] = &[
        ".ssh/", "~/.ssh", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", "etc/passwd",
        "etc/shadow", "etc/sudoers",
        ".aws/credentials", ".aws/config", ".netrc", ".git-credentials", ".gitcredentials",
        ".pypirc", ".kube/config",
        ".docker/config", ".cursor/", "claude_desktop_config", ".gnupg", ".bash_history",
        ".zsh_history", "proc/self",
        "wallet.dat", ".pgpass", ".vault-token", "gcloud/", "login.keychain", "keychain-db",
        "cookies.sqlite",
        ".config/gh", ".azure/", "system32/config", ".mozilla/", "appdata/roaming",
    ];
    const SOFT: &[&str] = &[
        "mcp.json", ".npmrc", "credentials.json", "secrets.json", "secrets.y", "authorized_keys",
        ".pem",
    ];
    const STARTUP: &[&str] = &[
        ".bashrc", ".zshrc", ".bash_profile", ".zprofile", "crontab", "etc/cron",
        "authorized_keys", "launchagents",
        "autostart", "init.d", "systemd/", "etc/hosts", ".git/hooks", "rc.local",
    ];
    let small = whole.to_ascii_lowercase().replace('\\', "/");
    let any = |known: &[&str]| known.iter().any(|one| small.contains(one));
    let is_dotenv = small == ".env" || small.ends_with("/.env") || small.starts_with(".env.");
    let forms = &*FORMS;
    let mut mask = Mask::default();
    if any(SECRET) {
        mask |= forms.secret_path;
    }
    if any(SOFT) || is_dotenv {
        mask |= forms.soft_path;
    }
    if any(STARTUP) {
        mask |= forms.startup_path;
    }
    (!mask.is_empty()).then_some(mask)
}

/// A word that begins a command line, with what a command line goes on with.
fn is_command(word: &str, rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b" ").unwrap_or_default();
    let begins = |with: &[&[u8]]| with.iter().any(|one| rest.starts_with(one));
    match word {
        "curl" | "wget" | "nc" | "ncat" => begins(&[b"-", b"http", b"\"http", b"'http", b"$"]),
        "rm" => begins(&[b"-r", b"-f", b"/", b"~"]),
        "chmod" | "chown" => begins(&[b"+", b"7", b"-R", b"a+", b"u+", b"6"]),
        "bash" | "sh" | "zsh" | "python" | "python3" | "node" | "perl" => {
            begins(&[b"-c", b"-e", b"<("])
        }
        "powershell" | "pwsh" | "cmd" => begins(&[b"-", b"/c"]),
        "base64" => begins(&[b"-d", b"--decode", b"-w"]),
        "echo" => begins(&[b"\"", b"'", b"$"]),
        "touch" | "cat" | "mkdir" | "scp" | "mv" | "cp" | "tee" => {
            begins(&[b"/", b"~", b"-", b"."])
        }
        "pip" | "pip3" | "npm" | "brew" | "apt" | "apt-get" | "gem" | "cargo" => {
            begins(&[b"install", b"i ", b"add"])
        }
        "crontab" | "nohup" | "sudo" | "iptables" | "systemctl" | "killall" => !rest.is_empty(),
        _ => false,
    }
}
