//! What an agent hears of a call that people decide.

use toolgate_policy::Subject;
use toolgate_store::Question;

use crate::denial::{Denial, Effect};

use super::ask::{Claim, RETRY_MS};

impl Claim {
    pub(super) fn pending(&self, question: &Question) -> Denial {
        let id = &question.id;
        let again = match self.call().subject {
            Subject::Tool => "call the same tool with the same arguments again after approval",
            _ => "make the same request again after approval",
        };
        let text = format!("approval pending: {id}; a person has been asked; {again}");
        let text = self.with_words(&text);
        Denial {
            effect: Effect::Pending,
            retry_after_ms: Some(RETRY_MS.min(question.left_ms)),
            approval_id: Some(id.as_str().into()),
            decision_id: Some(question.decision_id.as_str().into()),
            ..self.denial("approval_pending", text)
        }
    }

    /// The same where whoever sits at the client did not say yes.
    pub(super) fn not_here(&self, question: &Question) -> Denial {
        let id = &question.id;
        let text = self.with_words(&format!(
            "not approved at the client; approval {id} stays open for others; call the same tool \
             with the same arguments again only once somebody has approved it"
        ));
        Denial { message: text, ..self.pending(question) }
    }

    pub(super) fn declined(&self, id: &str, reason: Option<&str>) -> Denial {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        let text = match reason {
            Some(reason) => format!("not approved: {reason}"),
            None => "not approved: a person said no to this call".to_owned(),
        };
        let text = self.with_words(&text);
        Denial { approval_id: Some(id.into()), ..self.denial("approval_denied", text) }
    }

    pub(super) fn expired(&self, id: &str) -> Denial {
        let text = self.with_words("nobody approved this call in time; calling again asks anew");
        Denial {
            approval_id: Some(id.into()),
            retry_after_ms: Some(RETRY_MS),
            ..self.denial("approval_expired", text)
        }
    }

    pub(super) fn full(&self, decision_id: String, retry_after_ms: u64) -> Denial {
        let text = "too many calls wait for a person's approval already; nobody was asked about \
                    this one";
        Denial {
            decision_id: Some(decision_id.into()),
            retry_after_ms: Some(retry_after_ms),
            ..self.denial("approvals_full", text.to_owned())
        }
    }

    pub(super) fn is_hopeless(&self) -> bool {
        self.question.terms.is_hopeless()
    }

    pub(super) fn hopeless(&self) -> Denial {
        let text =
            "the rules that want a person's approval name nobody in common who could give it";
        self.denial("approval_impossible", text.to_owned())
    }

    fn denial(&self, code: &'static str, text: String) -> Denial {
        let rule = self.question.rules.first();
        Denial {
            rule: rule.map(|(pointer, _)| pointer.clone()).unwrap_or_default(),
            layer: rule.map_or(0, |(_, layer)| *layer),
            ..Denial::new(code, text)
        }
    }

    /// The author's words come first, if there are any.
    fn with_words(&self, text: &str) -> String {
        match self.question.on_deny.as_deref() {
            Some(words) => format!("{}; {text}", words.trim_end_matches(['.', ';'])),
            None => text.to_owned(),
        }
    }
}
