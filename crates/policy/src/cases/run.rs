//! Runs a test: what went before is decided and counted, then the call itself.

use crate::call::{Caller, Principal, Subject};
use crate::cases::came::Came;
use crate::cases::case::{Asked, Case, Earlier};
use crate::cases::trial::Trial;
use crate::decision::{Approval, Code, Obligation};
use crate::effect::Effect;
use crate::explain::{Answer, Explanation, explain_under};
use crate::limit::Charge;
use crate::rule::Policy;
use crate::simulate::{Admitted, Simulated};
use crate::words::cut;

const SECOND_NS: u64 = 1_000_000_000;
/// Longer calls are shortened in what is told of them.
const SHOWN_CHARS_MAX: usize = 120;

/// Every call of the case, each by itself: one does not count for the next.
pub(crate) fn run(policy: &Policy, case: &Case) -> Vec<Trial> {
    let policies: Vec<&Policy> = case.above.iter().chain([policy]).collect();
    let mut trials = Vec::with_capacity(case.asked.len());
    for asked in &case.asked {
        let (outcome, explanation) = attempt(&policies, case, asked);
        trials.push(Trial {
            name: case.name.clone(),
            span: case.span,
            expect_span: case.expect_span,
            call: told(asked),
            expected: case.expected.clone(),
            came: outcome,
            explanation,
            layer: case.above.len(),
        });
    }
    trials
}

fn attempt(policies: &[&Policy], case: &Case, tested: &Asked) -> (Came, Explanation) {
    let mut simulated = Simulated::new();
    for (time_s, earlier) in moments(case) {
        let before = resolve(earlier, tested);
        let explanation = explain_under(policies, &before.call(&case.definition, time_s));
        if let Some(charges) = owed(&explanation, earlier.approved) {
            let _spent = simulated.admit(&before.caller, charges, time_s * SECOND_NS);
        }
    }
    let mut explanation = explain_under(policies, &tested.call(&case.definition, case.now_s));
    let now_ns = case.now_s * SECOND_NS;
    let weights = simulated.weigh(&tested.caller, explanation.charges(), now_ns);
    explanation.weigh(&weights);
    let ended = end(&explanation, case.approved, policies.len(), |charges| {
        simulated.admit(&tested.caller, charges, now_ns)
    });
    (ended, explanation)
}

/// Every earlier call with its time, the oldest first.
fn moments(case: &Case) -> Vec<(u64, &Earlier)> {
    let mut moments: Vec<(u64, &Earlier)> = Vec::new();
    for earlier in &case.history {
        let first_s = case.now_s.saturating_sub(earlier.ago_s);
        let all = (0..u64::from(earlier.times)).map(|i| first_s + i * earlier.every_s);
        moments.extend(all.map(|time_s| (time_s.min(case.now_s), earlier)));
    }
    moments.sort_by_key(|(time_s, _)| *time_s);
    moments
}

/// What the call would spend; nothing if it is denied, or waits for a person.
fn owed(explanation: &Explanation, approved: bool) -> Option<&[Charge]> {
    match &explanation.answer {
        Answer::Deny { .. } => None,
        Answer::Allow(owed) if !approved && !approvals(owed).is_empty() => None,
        Answer::Allow(_) => Some(explanation.charges()),
    }
}

fn approvals(owed: &[Obligation]) -> Vec<&Approval> {
    let mut approvals = Vec::new();
    for one in owed {
        if let Obligation::Approve(approval) = one {
            approvals.push(approval);
        }
    }
    approvals
}

fn end(
    explanation: &Explanation,
    approved: bool,
    layers: usize,
    admit: impl FnOnce(&[Charge]) -> Admitted,
) -> Came {
    let obligations = match &explanation.answer {
        Answer::Allow(obligations) => obligations,
        Answer::Deny { layer, reason } => {
            let hidden = reason.code == Code::Hidden;
            let effect = if hidden { Effect::Hidden } else { Effect::Deny };
            return Came::denied(effect, *layer, reason);
        }
    };
    let allowed = Came::allowed(obligations, layers);
    let wanted = approvals(obligations);
    if !approved && !wanted.is_empty() {
        return allowed.asked(&wanted);
    }
    match admit(explanation.charges()) {
        Admitted::Fits(_) => allowed.with_shadow(explanation.shadow.as_deref(), layers),
        Admitted::Over { bound, retry_after_ms } => allowed.limited(&bound, retry_after_ms),
    }
}

fn resolve(earlier: &Earlier, asked: &Asked) -> Asked {
    let (subject, name) =
        earlier.what.clone().unwrap_or_else(|| (asked.subject, asked.name.clone()));
    let Caller { principal, grant, server } = &asked.caller;
    let subject_name = earlier.principal.as_ref().unwrap_or(&principal.subject);
    let caller = Caller {
        principal: Principal { issuer: principal.issuer.clone(), subject: subject_name.clone() },
        grant: earlier.grant.as_ref().unwrap_or(grant).clone(),
        server: earlier.server.as_ref().unwrap_or(server).clone(),
    };
    let arguments = earlier.arguments.clone().or_else(|| asked.arguments.clone());
    Asked { subject, name, caller, arguments }
}

/// The call as a person writes it.
fn told(asked: &Asked) -> String {
    let what = match asked.subject {
        Subject::Prompt | Subject::PromptMention => "prompt ",
        Subject::Resource | Subject::ResourceMention => "resource ",
        Subject::ServerRequest => "server request ",
        Subject::Tool => "",
    };
    let arguments = asked.arguments.as_ref().map(|arguments| {
        format!(" {}", cut(&String::from_utf8_lossy(arguments.bytes()), SHOWN_CHARS_MAX))
    });
    let name = cut(&asked.name, SHOWN_CHARS_MAX);
    format!("{what}{name}{}", arguments.unwrap_or_default())
}
