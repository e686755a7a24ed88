//! Arguments that only a graver tool needs.

use toolgate_json::{Kind, Value};

use super::Vetoes;
use crate::Param;
use crate::risk::Category;
use crate::risk::lexicon::{self, Strength};
use crate::risk::reading::Reading;
use crate::risk::schema::{ACTIONS, Use};
use crate::risk::words::Words;

/// More values of one argument are not looked at.
const VALUES_MAX: usize = 40;

pub(super) fn look(reading: &Reading<'_, '_>, vetoes: &mut Vetoes) {
    let params = &reading.tool.params;
    for (at, what) in &reading.uses {
        let param = &params[*at];
        if *what == Use::Code && is_run(param) {
            vetoes.add_input(Category::Execute, "takes code or a command to run", &param.path);
        }
    }
    for param in params {
        let name = Words::of(&param.name, 60);
        switch(param, &name, vetoes);
        choice(param, &name, vetoes);
        if let Some(text) = handed_on(param, &name) {
            vetoes.add_input(Category::Execute, text, &param.path);
        }
    }
    calls_another(params, vetoes);
    money(params, vetoes);
}

/// Languages in which one can only ask are no code to run.
fn is_run(param: &Param<'_>) -> bool {
    const ASKED_IN: [&str; 14] = [
        "aql",
        "cql",
        "dax",
        "dql",
        "esql",
        "expression",
        "flux",
        "graphql",
        "jql",
        "kql",
        "logql",
        "nrql",
        "promql",
        "soql",
    ];
    let name = Words::of(&param.name, 60);
    !name.iter().any(|word| ASKED_IN.contains(&word) || word == "sparql")
}

/// `delete_all: true`.
fn switch(param: &Param<'_>, name: &Words, vetoes: &mut Vetoes) {
    let is_switch = param.schema.get("type").is_some_and(|kind| kind.is("boolean"));
    if is_switch && DESTROY.contains(&name.word(0)) {
        vetoes.add_input(Category::Destructive, "a switch that destroys", &param.path);
    }
}

/// Verbs that are hardly ever nouns, and hardly ever mild.
pub(super) const DESTROY: [&str; 12] = [
    "delete",
    "destroy",
    "drop",
    "erase",
    "kill",
    "nuke",
    "obliterate",
    "purge",
    "shred",
    "terminate",
    "truncate",
    "wipe",
];

/// `mode: show | drop`, however it is written down.
fn choice(param: &Param<'_>, name: &Words, vetoes: &mut Vetoes) {
    let last = name.word(name.len().saturating_sub(1));
    if !ACTIONS.contains(&last) || filters(param) {
        return;
    }
    values(param.schema, &mut |value| {
        let words = Words::of(value, 60);
        let verb = lexicon::look(words.word(0)).filter(|verb| verb.exact);
        let graver = verb.filter(|verb| {
            verb.strength == Strength::Strong && verb.category.gravity() > Category::Write.gravity()
        });
        if let Some(verb) = graver {
            let category = if last == "method" { Category::Execute } else { verb.category };
            let text = format!("`{}` is one of its actions", verb.stem);
            vetoes.add_input(category, &text, &param.path);
            return true;
        }
        false
    });
}

/// An argument that picks records by what was once done is none that does it.
fn filters(param: &Param<'_>) -> bool {
    let said = param.description.to_ascii_lowercase();
    ["filter", "only return", "to match"].iter().any(|word| said.contains(word))
}

/// Every text that a schema allows, until `each` has seen enough.
fn values(schema: Value<'_>, each: &mut dyn FnMut(&str) -> bool) {
    let branches = ["anyOf", "oneOf"].into_iter();
    let branches = branches.flat_map(|key| schema.get(key).into_iter().flat_map(Value::items));
    for one in std::iter::once(schema).chain(branches.take(VALUES_MAX)) {
        let listed = one.get("enum").into_iter().flat_map(Value::items).take(VALUES_MAX);
        for value in listed.chain(one.get("const")).chain(one.get("default")) {
            if value.kind() == Kind::String && value.as_str().is_some_and(|text| each(&text)) {
                return;
            }
        }
    }
    if let Some(items) = schema.get("items") {
        let listed = items.get("enum").into_iter().flat_map(Value::items).take(VALUES_MAX);
        for value in listed {
            if value.as_str().is_some_and(|text| each(&text)) {
                return;
            }
        }
    }
}

/// What is handed to a program as it is.
fn handed_on(param: &Param<'_>, name: &Words) -> Option<&'static str> {
    let said = param.schema.get("type");
    let is_text = said.is_none_or(|kind| kind.is("string") || kind.is("array"));
    match (name.len(), name.word(0), name.word(1)) {
        (1, "argv" | "expr" | "cmdline" | "cli", _) | (2, "command" | "cmd", "line" | "args")
            if is_text =>
        {
            Some("hands a command line on")
        }
        (2, "extra" | "cli" | "raw" | "shell", "args" | "arguments" | "flags" | "options")
            if is_text =>
        {
            Some("hands options on to a program")
        }
        _ => None,
    }
}

/// `tool` and `arguments`: what runs is what the caller names.
fn calls_another(params: &[Param<'_>], vetoes: &mut Vetoes) {
    let top = |names: &[&str]| {
        params.iter().find(|param| {
            let name: String = param.name.chars().filter(char::is_ascii_alphanumeric).collect();
            !param.path.contains(['.', '['])
                && names.iter().any(|one| name.eq_ignore_ascii_case(one))
        })
    };
    let tool = top(&["tool", "toolName", "function", "functionName", "endpointName", "procedure"]);
    let given = top(&["args", "arguments", "input", "params", "parameters", "toolInput"]);
    if let (Some(tool), Some(_)) = (tool, given) {
        vetoes.add_input(Category::Execute, "calls what the caller names", &tool.path);
    }
}

/// An amount, and who gets it.
fn money(params: &[Param<'_>], vetoes: &mut Vetoes) {
    let word = |param: &Param<'_>| Words::of(&param.name, 60);
    let is = |all: &[&str], param: &&Param<'_>| {
        let words = word(param);
        words.iter().any(|one| all.contains(&one))
    };
    let amount = params.iter().find(|param| {
        let words = word(param);
        matches!(
            words.word(0),
            "amount" | "quantity" | "qty" | "value" | "cents" | "lamports" | "wei"
        ) || words.word(words.len().saturating_sub(1)) == "amount"
    });
    let Some(amount) = amount else { return };
    let is_amount = word(amount).iter().any(|one| one == "amount");
    let converts = params.iter().any(|param| {
        matches!(&*param.name, "from" | "from_currency" | "base" | "source" | "fromCurrency")
    });
    let payee = ["beneficiary", "iban", "payee", "recipient"];
    let by_name = params.iter().any(|param| is(&payee, &param));
    let to = params.iter().any(|param| {
        matches!(&*param.name, "to" | "to_address" | "toAddress" | "destination_account")
    });
    let side =
        params.iter().any(|param| matches!(&*param.name, "side" | "order_type" | "orderType"));
    let symbol = params.iter().any(|param| is(&["symbol", "ticker", "instrument", "pair"], &param));
    if is_amount && (by_name || to && !converts) || side && symbol {
        vetoes.add_input(Category::Financial, "an amount, and who or what gets it", &amount.path);
    }
}
