//! What is recommended: by all that a definition says, or where only the category is known by that.

use crate::{Category, Form, Risk, Tool, recommend};

use super::snippet::{UNNAMEABLE, counter, is_nameable, json, scalar};

pub(super) struct Policy {
    /// Of its place on the page.
    pub(super) id: &'static str,
    pub(super) yaml: String,
    pub(super) json: String,
}

/// For tools whose definitions are known.
pub(super) fn by_definition(server: &str, tools: &[(Tool<'_>, Risk)]) -> Policy {
    let of = |form| recommend(server, tools, None, form);
    Policy { id: "policy-form", yaml: of(Form::Yaml), json: of(Form::Json) }
}

/// For tools of which nothing is known but the category to write for.
pub(super) fn by_category(tools: &[(&str, Category)]) -> Policy {
    let any = !tools.is_empty();
    let tools: Vec<_> = tools.iter().copied().filter(|(name, _)| is_nameable(name)).collect();
    let yaml = if any && tools.is_empty() { UNNAMEABLE.to_owned() } else { yaml(&tools) };
    Policy { id: "policy-form", yaml, json: as_json(&tools) }
}

fn per_minute(category: Category) -> Option<u32> {
    match category {
        Category::Execute => Some(10),
        Category::Write => Some(30),
        Category::Destructive | Category::Financial | Category::Read => None,
    }
}

fn hidden<'a>(tools: &'a [(&'a str, Category)]) -> impl Iterator<Item = &'a str> {
    tools.iter().filter(|(_, is)| *is == Category::Destructive).map(|(name, _)| *name)
}

fn shown<'a>(tools: &'a [(&'a str, Category)]) -> impl Iterator<Item = &'a (&'a str, Category)> {
    tools.iter().filter(|(_, is)| *is != Category::Destructive)
}

fn yaml(tools: &[(&str, Category)]) -> String {
    let mut out = "version: \"1\"\ndefault: deny\n".to_owned();
    let hidden: Vec<String> = hidden(tools).map(scalar).collect();
    if !hidden.is_empty() {
        out += "hide:   # nothing that is removed comes back\n";
        out.extend(hidden.iter().map(|name| format!("  - {name}\n")));
    }
    if shown(tools).next().is_some() {
        out += "tools:\n";
    }
    for (name, category) in shown(tools) {
        let key = scalar(name);
        let rule = match per_minute(*category) {
            Some(max) => format!(
                "  {key}:\n{}    limits:\n      - counter: {}\n        window: minute\n        \
                 max: \
                 {max}\n        scope: grant\n",
                if *category == Category::Execute {
                    "    validate: {required_args: true}\n"
                } else {
                    ""
                },
                counter(name)
            ),
            None if *category == Category::Financial => {
                format!("  {key}:\n    require_approval: true   # a person says yes to each call\n")
            }
            None => format!("  {key}: {{}}\n"),
        };
        out.push_str(&rule);
    }
    out
}

fn as_json(tools: &[(&str, Category)]) -> String {
    let mut members = vec!["  \"version\": \"1\"".to_owned(), "  \"default\": \"deny\"".to_owned()];
    let hidden: Vec<String> = hidden(tools).map(json).collect();
    if !hidden.is_empty() {
        members.push(format!("  \"hide\": [{}]", hidden.join(", ")));
    }
    let rules: Vec<String> = shown(tools).map(|(name, is)| json_rule(name, *is)).collect();
    if !rules.is_empty() {
        members.push(format!("  \"tools\": {{\n{}\n  }}", rules.join(",\n")));
    }
    format!("{{\n{}\n}}\n", members.join(",\n"))
}

fn json_rule(name: &str, category: Category) -> String {
    let key = json(name);
    match per_minute(category) {
        Some(max) => format!(
            "    {key}: {{\n{}      \"limits\": [\n        {{\"counter\": \"{}\", \"window\": \
             \"minute\", \"max\": {max}, \"scope\": \"grant\"}}\n      ]\n    }}",
            if category == Category::Execute {
                "      \"validate\": {\"required_args\": true},\n"
            } else {
                ""
            },
            counter(name)
        ),
        None if category == Category::Financial => {
            format!("    {key}: {{\"require_approval\": true}}")
        }
        None => format!("    {key}: {{}}"),
    }
}

#[cfg(test)]
mod tests {
    use toolgate_policy::document;

    use super::*;

    #[test]
    fn what_is_recommended_is_a_policy_in_both_forms() {
        let names = ["get", "set", "run", "rm", "pay", "null", "a: b", "\u{200b}", "ü", "*"];
        let categories = Category::ALL.into_iter().cycle();
        let tools: Vec<_> = names.into_iter().zip(categories).collect();
        for tools in [&tools[..], &tools[..1], &[]] {
            let policy = by_category(tools);
            let yaml = document::read("policy.yaml", &policy.yaml);
            assert!(yaml.is_ok(), "{}\n{:?}", policy.yaml, yaml.err());
            let json = document::read("policy.json", &policy.json);
            assert!(json.is_ok(), "{}\n{:?}", policy.json, json.err());
        }
    }
}
