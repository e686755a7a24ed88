//! What our pages say of categories and severities.

use crate::{Category, Severity, TOLD_SIGNALS};

/// A category, for people.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) slug: &'static str,
    /// What such a tool does.
    pub(super) effect: &'static str,
    /// What may come of it.
    pub(super) danger: &'static str,
    /// What to do about it.
    pub(super) advice: &'static str,
}

pub(super) fn kind(category: Category) -> Kind {
    match category {
        Category::Destructive => Kind {
            name: "Destructive",
            slug: "destructive",
            effect: "It removes or ends something that does not come back.",
            danger: "An agent that has misread its task, or follows an order planted in a page, \
                     needs one call, and there is no undo.",
            advice: "Hide it: who cannot see it does not call it. Where an agent needs it, give it \
                     to that grant alone, and let a person say yes to each call.",
        },
        Category::Execute => Kind {
            name: "Execute",
            slug: "execute",
            effect: "It runs what its caller names: code, a command, a model, a job.",
            danger: "What happens depends on the arguments and often goes on after the call has \
                     returned: builds, messages, machines, bills. An agent in a loop starts dozens \
                     of them before anybody looks.",
            advice: "Let it run ten times a minute for each grant, with all required arguments, \
                     and bound the arguments that say what is run.",
        },
        Category::Financial => Kind {
            name: "Financial",
            slug: "financial",
            effect: "It moves money, or what is worth money.",
            danger: "A wrong amount or a wrong recipient is a loss at once, and most payments \
                     cannot be taken back.",
            advice: "Have a person say yes to each call, and bound the amount besides.",
        },
        Category::Read => Kind {
            name: "Read",
            slug: "read",
            effect: "It changes nothing but what it returns.",
            danger: "What it returns can matter all the same: private data leaves with the answer, \
                     and text from outside may carry orders for the model.",
            advice: "Allow it. Bound paths and hosts where its arguments name any.",
        },
        Category::Write => Kind {
            name: "Write",
            slug: "write",
            effect: "It adds or changes something that can be put right again.",
            danger: "The trouble is in the number: one wrong record is corrected, five hundred are \
                     a day's work.",
            advice: "Let it run thirty times a minute for each grant.",
        },
    }
}

pub(super) fn of_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "A wrong call does little harm by itself.",
        Severity::Medium => "A wrong call leaves something to put right.",
        Severity::High => "A wrong call starts something whose end is not in the call.",
        Severity::Critical => "A wrong call does harm that stays.",
    }
}

/// What an agent does with such a tool; the name of a server follows.
pub(super) fn purpose(category: Category) -> &'static str {
    match category {
        Category::Destructive => "removes or ends something at",
        Category::Execute => "runs what it names through",
        Category::Financial => "moves money through",
        Category::Read => "looks something up at",
        Category::Write => "adds or changes something at",
    }
}

/// What a signal says, without the argument it is about. Others are shown by their ids.
pub(super) fn signal(id: &str) -> &str {
    TOLD_SIGNALS.iter().find(|(of, _)| *of == id).map_or(id, |(_, text)| text)
}
