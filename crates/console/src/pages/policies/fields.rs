//! What was posted from the builder: the draft, and what is to be done to it.

use toolgate_policy::document::edit::{
    self, Condition, Edit, EditError, Limit, List, Outline, Stance, ToolOutline,
};

use crate::form::Form;
use crate::reply::Refusal;

/// A draft as it stands in somebody's browser: nothing of it is kept here.
pub(super) struct Draft {
    pub(super) text: String,
    /// The revision that it began with; 0 for a new policy.
    pub(super) base: u64,
    /// The tool whose form is open.
    pub(super) open: String,
    /// The grant that is looked through the eyes of.
    pub(super) seen_as: String,
}

impl Draft {
    /// Browsers post CR LF for every end of a line; the text had one kind of them.
    pub(super) fn read(form: &Form, crlf: bool) -> Result<Self, Refusal> {
        let text = form.one("text").ok_or_else(|| Refusal::bad_request("`text` is missing"))?;
        let text = text.replace("\r\n", "\n");
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let own = |name: &str| form.one(name).unwrap_or_default().to_owned();
        Ok(Self { text, base: base(form)?, open: own("open"), seen_as: own("as") })
    }

    /// Does what a button says; gives why not.
    pub(super) fn act(&mut self, form: &Form) -> Result<(), String> {
        let act = form.one("do").unwrap_or_default();
        let (verb, rest) = act.split_once(':').unwrap_or((act, ""));
        match verb {
            "open" => {
                rest.clone_into(&mut self.open);
                return Ok(());
            }
            "add" => {
                let name = form.one("new_tool").unwrap_or_default().trim();
                if name.is_empty() {
                    return Err("name a tool, or a pattern with `*` and `?`".to_owned());
                }
                name.clone_into(&mut self.open);
                return Ok(());
            }
            _ => {}
        }
        let Some(wanted) = self.wanted(verb, rest, form)? else { return Ok(()) };
        self.text =
            edit::edit(&self.text, &wanted).map_err(|error: EditError| error.to_string())?;
        Ok(())
    }

    fn wanted(&self, verb: &str, rest: &str, form: &Form) -> Result<Option<Edit>, String> {
        let tool = self.open.clone();
        Ok(Some(match verb {
            "ask" => Edit::Stance { stance: self.asked(Some(condition(form, rest)?), None), tool },
            "condition" => {
                let list = match form.one(&format!("{rest}.list")) {
                    Some("deny_if") => List::DenyIf,
                    Some("ask") => {
                        let stance = self.asked(Some(condition(form, rest)?), None);
                        return Ok(Some(Edit::Stance { tool, stance }));
                    }
                    _ => List::Require,
                };
                Edit::AddCondition { tool, list, condition: condition(form, rest)?, at: None }
            }
            "default" => Edit::Default { allow: rest == "allow" },
            "drop" => Edit::Drop { pointer: rest.to_owned() },
            "forget" => Edit::Forget { tool },
            "limit" => Edit::AddLimit { tool, limit: limit(form), at: None },
            "mode" => Edit::Mode { tool: None, shadow: rest == "shadow" },
            "stance" => Edit::Stance { tool, stance: stance(rest)? },
            "tool_mode" => Edit::Mode { tool: Some(tool), shadow: rest == "shadow" },
            "unask" => {
                let index = rest.parse().map_err(|_| "that is no condition".to_owned())?;
                Edit::Stance { stance: self.asked(None, Some(index)), tool }
            }
            _ => return Ok(None),
        }))
    }

    /// A person is asked where what is there already holds, and this too.
    fn asked(&self, more: Option<Condition>, without: Option<usize>) -> Stance {
        let there = edit::outline(&self.text);
        let tool = there.as_ref().and_then(|outline| tool(outline, &self.open));
        let mut conditions = match tool.map(|tool| &tool.stance) {
            Some(Stance::Approve(conditions)) => conditions.clone(),
            _ => Vec::new(),
        };
        if let Some(index) = without.filter(|index| *index < conditions.len()) {
            conditions.remove(index);
        }
        conditions.extend(more);
        Stance::Approve(conditions)
    }
}

pub(super) fn tool<'a>(outline: &'a Outline, name: &str) -> Option<&'a ToolOutline> {
    outline.tools.iter().find(|tool| tool.name == name)
}

pub(super) fn base(form: &Form) -> Result<u64, Refusal> {
    let base = form.one("base").unwrap_or_default().parse();
    base.map_err(|_| Refusal::bad_request("`base` is the number of a revision, 0 for none"))
}

fn stance(word: &str) -> Result<Stance, String> {
    match word {
        "allow" => Ok(Stance::Allow),
        "ask" => Ok(Stance::Approve(Vec::new())),
        "deny" => Ok(Stance::Deny),
        "hide" => Ok(Stance::Hide),
        _ => Err("a tool is allowed, denied, hidden, or a person is asked".to_owned()),
    }
}

fn limit(form: &Form) -> Limit {
    let own = |name: &str| form.one(name).unwrap_or_default().trim().to_owned();
    let some = |name: &str| Some(own(name)).filter(|text| !text.is_empty());
    let window = match some("limit.window").as_deref() {
        None | Some("seconds") => own("limit.seconds"),
        Some(window) => window.to_owned(),
    };
    Limit {
        max: own("limit.max"),
        window,
        scope: some("limit.scope").filter(|scope| scope != "grant"),
        increment_from: some("limit.of"),
    }
}

/// The row of the form that begins with `row`.
fn condition(form: &Form, row: &str) -> Result<Condition, String> {
    let own = |name: &str| form.one(&format!("{row}.{name}")).unwrap_or_default().trim().to_owned();
    let (path, op) = (own("path"), own("op"));
    if path.is_empty() {
        return Err("which argument? write a path such as `args.amount`".to_owned());
    }
    let value = value(&op, &own("kind"), &own("value"));
    Ok(Condition { path, op, value })
}

/// JSON for what somebody typed, as the operator wants it.
fn value(op: &str, kind: &str, typed: &str) -> String {
    let is_json = typed.starts_with(['[', '{', '"']);
    let literal = || if typed.is_empty() { "\"\"".to_owned() } else { typed.to_owned() };
    match op {
        "exists" | "host_public" | "path_sensitive" => {
            if typed == "false" { "false" } else { "true" }.to_owned()
        }
        "length" if is_json => literal(),
        "length" => format!("{{\"max\": {}}}", literal()),
        "host_in" | "in" | "not_in" | "path_within" if !typed.starts_with('[') => {
            let items = typed.split(',').map(str::trim).filter(|item| !item.is_empty());
            let items: Vec<_> = items.map(|item| scalar(kind, item)).collect();
            format!("[{}]", items.join(", "))
        }
        "any" | "each" | "gt" | "gte" | "host_in" | "in" | "lt" | "lte" | "not_in"
        | "path_within" => literal(),
        "matches" | "regex" => quoted(typed),
        _ => scalar(kind, typed),
    }
}

fn scalar(kind: &str, typed: &str) -> String {
    let is_other = matches!(typed, "true" | "false" | "null")
        || typed.starts_with(['[', '{', '"'])
        || typed.parse::<f64>().is_ok_and(f64::is_finite);
    match kind {
        "number" | "boolean" if !typed.is_empty() => typed.to_owned(),
        "string" => quoted(typed),
        _ if is_other => typed.to_owned(),
        _ => quoted(typed),
    }
}

fn quoted(text: &str) -> String {
    crate::json::string(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_the_value_that_the_operator_wants() {
        for (op, kind, typed, json) in [
            ("lte", "number", "500", "500"),
            ("eq", "string", "5", "\"5\""),
            ("eq", "", "5", "5"),
            ("eq", "", "five", "\"five\""),
            ("eq", "boolean", "true", "true"),
            ("in", "string", "a, b", "[\"a\", \"b\"]"),
            ("in", "", "1,x", "[1, \"x\"]"),
            ("in", "", "[\"a\"]", "[\"a\"]"),
            ("length", "string", "10", "{\"max\": 10}"),
            ("regex", "string", "^\"a", "\"^\\\"a\""),
            ("exists", "", "", "true"),
            ("exists", "", "false", "false"),
            ("contains", "", "{\"a\": 1}", "{\"a\": 1}"),
        ] {
            assert_eq!(value(op, kind, typed), json, "{op} {kind} {typed}");
        }
    }

    #[test]
    fn ends_of_lines_are_those_of_the_text_before() {
        let form = Form::parse("text=a%0D%0Ab&base=3").unwrap();
        assert_eq!(Draft::read(&form, false).unwrap().text, "a\nb");
        let draft = Draft::read(&form, true).unwrap();
        assert_eq!((draft.text.as_str(), draft.base), ("a\r\nb", 3));
        assert!(Draft::read(&Form::parse("text=a&base=-1").unwrap(), false).is_err());
    }
}
