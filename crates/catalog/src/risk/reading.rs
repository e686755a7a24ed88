//! A definition, taken apart once for all who judge it.

use std::ops::Range;

use toolgate_json::Value;

use super::context;
use super::kin::{Kin, NAME_BYTES_MAX};
use super::lexicon::{self, Verb};
use super::schema::{self, Use};
use super::words::Words;
use crate::Tool;

/// What of a description is read: the first sentence closely, then some more of it.
const SENTENCE_BYTES_MAX: usize = 400;
const REST_BYTES_MAX: usize = 900;

/// One tool's words and arguments.
pub(super) struct Reading<'t, 'a> {
    pub(super) tool: &'t Tool<'a>,
    pub(super) name: Words,
    /// The words of the name that are the tool's own, not shared with its kin.
    pub(super) own: Range<usize>,
    /// For each word of the name.
    pub(super) name_verbs: Vec<Option<Verb>>,
    pub(super) sentence: &'t str,
    pub(super) first: Words,
    /// For each word of the first sentence.
    pub(super) first_verbs: Vec<Option<Verb>>,
    /// What follows the first sentence.
    pub(super) rest: Words,
    pub(super) uses: Vec<(usize, Use)>,
    /// The words of the name that are its own, each between `^` and `$`.
    pub(super) marked: String,
    /// Of the arguments at the top, in lower case, each with whether it is required.
    pub(super) params: Vec<(String, bool)>,
    /// The verbs among the values of arguments that choose what the tool does, with the path.
    pub(super) actions: Vec<(String, Verb)>,
}

/// More arguments are not looked at one by one.
const PARAMS_MAX: usize = 40;

impl<'t, 'a> Reading<'t, 'a> {
    pub(super) fn of(tool: &'t Tool<'a>, kin: &Kin) -> Self {
        let name = Words::of(&tool.name, NAME_BYTES_MAX);
        let text = tool.description.trim_start();
        let sentence = first_sentence(text);
        let first = Words::of(sentence, SENTENCE_BYTES_MAX);
        let own = kin.own(&name);
        let mut marked = String::with_capacity(name.lower().len() + 2 * own.len());
        for at in own.clone() {
            marked.extend(["^", name.word(at), "$"]);
        }
        let mut name_verbs: Vec<Option<Verb>> = name.iter().map(lexicon::look).collect();
        let mut first_verbs: Vec<Option<Verb>> = first.iter().map(lexicon::look).collect();
        context::heed(&name, &first, &mut name_verbs);
        context::heed(&first, &name, &mut first_verbs);
        let top = tool.params.iter().filter(|param| !param.path.contains(['.', '[']));
        let params = top.map(|param| (param.name.to_ascii_lowercase(), param.required));
        Self {
            tool,
            own,
            marked,
            params: params.take(PARAMS_MAX).collect(),
            actions: actions(tool),
            name_verbs,
            name,
            sentence,
            first_verbs,
            first,
            rest: Words::of(&text[sentence.len()..], REST_BYTES_MAX),
            uses: schema::uses(&tool.params),
        }
    }

    /// The words of the name that are its own, each with its verb.
    pub(super) fn own_words(&self) -> impl Iterator<Item = (&str, Option<Verb>)> {
        self.own.clone().map(|at| (self.name.word(at), self.name_verbs[at]))
    }
}

/// Up to its full stop, or to the end of its line.
fn first_sentence(text: &str) -> &str {
    let end = text.char_indices().find(|&(at, c)| {
        c == '\n' || matches!(c, '.' | '!' | '?') && text[at + 1..].starts_with([' ', '\n'])
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// The verbs among the values of the arguments that choose what a tool does, each with the path of
/// its argument.
fn actions(tool: &Tool<'_>) -> Vec<(String, Verb)> {
    let mut found = Vec::new();
    for param in &tool.params {
        if !schema::ACTIONS.iter().any(|name| param.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        let values = param.schema.get("enum").into_iter().flat_map(Value::items);
        for value in values.filter_map(Value::as_str).take(VALUES_MAX) {
            let words = Words::of(&value, 60);
            let verb = words.iter().find_map(lexicon::look);
            found.extend(verb.map(|verb| (param.path.clone(), verb)));
        }
    }
    found
}

const VALUES_MAX: usize = 30;
