//! What comes back from a tool, looked through for orders to the model where a policy says so
//! (`results`). Without that word nothing is read: one question to each layer, and on it goes.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_catalog::clean_text;
use toolgate_json::{Document, Kind, Reading, Value, quote};
use toolgate_policy::{Results, Subject};
use toolgate_protocol::{Message, meta, splice};
use toolgate_store::Outcome;

use crate::denial::Denial;
use crate::outbox::Answer;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::upstream::{Failure, Reply};

/// Text beyond this is not looked at: it passes under `flag`, and else it does not.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// More text than this is looked at beside the thread that serves everyone.
const TEXT_BYTES_AT_ONCE: usize = 32 * 1024;
/// What bears no words: pictures, sounds, files, and what the server alone reads again.
const WORDLESS: [&str; 3] = ["blob", "data", "requestState"];

/// A result in which something was found.
pub(crate) struct Looked {
    mode: Results,
    /// Of what was found, each id once.
    ids: Arc<[&'static str]>,
    /// The strings with findings: where they stand, and what is left of them.
    edits: Vec<(Range<usize>, Vec<u8>)>,
    /// Not all of it could be looked at.
    too_large: bool,
}

/// Looks at an answer; nothing if no policy asks for it, or nothing is wrong.
pub(crate) async fn look(
    snapshot: &Snapshot,
    (subject, name): (Subject, &str),
    result: &Result<Reply, Failure>,
) -> Option<Looked> {
    let Ok(reply) = result else { return None };
    if subject != Subject::Tool {
        return None;
    }
    let mode = snapshot.policy.results(name)?;
    let (texts, too_large) = texts(&reply.message);
    let size: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let (ids, edits) = if size > TEXT_BYTES_AT_ONCE {
        let owned: Vec<(Range<usize>, String)> =
            texts.into_iter().map(|(span, text)| (span, text.into_owned())).collect();
        let judged = tokio::task::spawn_blocking(move || judged(&owned)).await;
        // A bug in there hides what it found, so it counts as found.
        judged.unwrap_or_else(|_| (vec!["not-looked-at"], Vec::new()))
    } else {
        judged(&texts)
    };
    let mut ids = ids;
    if too_large {
        ids.push("too-large");
    }
    let too_large = ids.iter().any(|id| matches!(*id, "not-looked-at" | "too-large"));
    (!ids.is_empty()).then(|| Looked { mode, ids: ids.into(), edits, too_large })
}

type Text<'a> = (Range<usize>, Cow<'a, str>);
type Judged = (Vec<&'static str>, Vec<(Range<usize>, Vec<u8>)>);

fn judged<T: AsRef<str>>(texts: &[(Range<usize>, T)]) -> Judged {
    let mut ids: Vec<&'static str> = Vec::new();
    let mut edits = Vec::new();
    for (span, text) in texts {
        let (cleaned, findings) = clean_text(text.as_ref(), "result");
        if findings.is_empty() {
            continue;
        }
        ids.extend(findings.iter().map(|finding| finding.id));
        let mut quoted = Vec::with_capacity(cleaned.len() + 2);
        quote(&cleaned, &mut quoted);
        edits.push((span.clone(), quoted));
    }
    ids.sort_unstable();
    ids.dedup();
    (ids, edits)
}

/// The strings of an answer, be it an error, as far as they are looked at; whether that is all.
fn texts(message: &Message) -> (Vec<Text<'_>>, bool) {
    let mut texts = Texts { found: Vec::new(), size: 0, too_large: false };
    // Whichever `result` a client would take, should there be two.
    for (key, member) in message.document().root().entries() {
        if !key.is("id") && !key.is("jsonrpc") {
            texts.walk(member);
        }
    }
    (texts.found, texts.too_large)
}

struct Texts<'a> {
    found: Vec<Text<'a>>,
    size: usize,
    too_large: bool,
}

impl<'a> Texts<'a> {
    fn walk(&mut self, value: Value<'a>) {
        if value.kind() == Kind::String {
            let span = value.span();
            self.size += span.len();
            if self.size > TEXT_BYTES_MAX {
                self.too_large = true;
            } else if let Some(text) = value.as_str() {
                self.found.push((span, text));
            }
        }
        for item in value.items() {
            self.walk(item);
        }
        for (key, member) in value.entries() {
            let wordless = member.kind() == Kind::String && WORDLESS.iter().any(|it| key.is(it));
            if !wordless || !is_encoded(member) {
                self.walk(key);
                self.walk(member);
            }
        }
    }
}

/// Whether it is what it claims to be; words under such a key are looked at.
fn is_encoded(value: Value<'_>) -> bool {
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_.\\\"".contains(byte);
    value.raw().iter().all(inner)
}

impl Looked {
    pub(crate) fn outcome(&self) -> Outcome {
        match self.mode {
            Results::Flag => Outcome::Flagged,
            Results::Strip if self.too_large => Outcome::Withheld,
            Results::Strip => Outcome::Stripped,
            Results::Block => Outcome::Withheld,
        }
    }

    pub(crate) fn ids(&self) -> Arc<[&'static str]> {
        Arc::clone(&self.ids)
    }

    /// What the client gets of it.
    pub(crate) fn apply(
        self,
        message: Message,
        request: &Request,
        (subject, name): (Subject, &str),
        status: Option<u16>,
    ) -> Answer {
        let passed = match self.outcome() {
            Outcome::Flagged => Some(message.into_document()),
            Outcome::Stripped => self.stripped(&message),
            _ => None,
        };
        match passed {
            Some(document) => {
                let bytes = meta::strip_reserved(&document);
                Answer { bytes: bytes.unwrap_or_else(|| document.bytes().clone()), status }
            }
            None => self.denial().answer(request, subject, name),
        }
    }

    fn stripped(&self, message: &Message) -> Option<Document> {
        let edits: Vec<(Range<usize>, &[u8])> =
            self.edits.iter().map(|(span, new)| (span.clone(), &new[..])).collect();
        let bytes: Bytes = splice(message.bytes(), &edits);
        Document::parse(bytes, Reading::Plain).ok()
    }

    fn denial(&self) -> Denial {
        let why = if self.too_large {
            "its result is too large to be looked through"
        } else {
            "the text of its result is hidden or gives orders"
        };
        let ids = self.ids.join(", ");
        let text = format!(
            "the tool was called and answered, but {why} ({ids}), so the result was withheld"
        );
        Denial::new("poisoned_result", text)
    }
}
