//! One client at all servers at once, at `/mcp`: each server says there what it says directly.

use serde_json::{Value, json};

use super::compare::{self, without_hidden};
use super::real::{Data, REAL};
use super::visit::{call, forbidden_problem, go, steps};
use crate::Result;
use crate::clients::answer::Answer;
use crate::clients::client::{CLIENTS, Client};
use crate::clients::house::House;
use crate::clients::place::Place;

/// A client, and how it is run where it asks a server directly: one of the five speaks nothing
/// newer, so that all speak the older era at `/mcp`.
pub(super) struct Gathering {
    client: &'static Client,
    direct: &'static Client,
}

const GATHERERS: [(&str, &str); 6] = [
    ("python-1", "python-1"),
    ("python-2 auto", "python-2 legacy"),
    ("typescript-1", "typescript-1"),
    ("typescript-2 auto", "typescript-2 default"),
    ("rmcp auto", "rmcp legacy"),
    ("inspector legacy", "inspector legacy"),
];

pub(super) fn all() -> Vec<Gathering> {
    let find = |name| CLIENTS.iter().find(|client: &&Client| client.name == name);
    let pairs = GATHERERS.iter().map(|(client, direct)| Some((find(*client)?, find(*direct)?)));
    pairs.flatten().map(|(client, direct)| Gathering { client, direct }).collect()
}

impl Gathering {
    pub(super) fn name(&self) -> String {
        format!("{} at all of them", self.client.name)
    }

    /// What is wrong, a line each.
    pub(super) fn problems(&self, place: &Place, data: &Data, house: &House) -> Vec<String> {
        match self.compared(place, data, house) {
            Ok(problems) => problems,
            Err(error) => vec![error.to_string()],
        }
    }

    fn compared(&self, place: &Place, data: &Data, house: &House) -> Result<Vec<String>> {
        let folder = place.work(&format!("servers {}", self.name()))?;
        let mut plan = vec![json!({"step": "list", "do": "list"})];
        for server in REAL {
            let calls = server.calls(data).into_iter().enumerate();
            plan.extend(calls.map(|(number, (tool, arguments))| {
                let step = format!("{}__{number} {tool}", server.name);
                call(&step, &format!("{}__{tool}", server.name), &arguments)
            }));
            plan.extend(server.forbidden().map(|(tool, arguments)| {
                let step = format!("{}__forbidden", server.name);
                call(&step, &format!("{}__{tool}", server.name), &arguments)
            }));
        }
        let (url, token) = (house.url_of_all(), &house.token);
        let plan = json!({"url": url, "token": token, "era": self.client.era, "steps": plan});
        let gathered = go(self.client, place, &folder.join("gathered"), &plan)?;
        let mut problems = Vec::new();
        for server in REAL {
            let plan = json!({"command": server.text_words(place, data),
                              "era": self.direct.era, "steps": steps(server, data)});
            let direct = go(self.direct, place, &folder.join(server.name), &plan)?;
            let own = part(&gathered, server.name);
            let same = |answer: &Answer| answer.step() == "connect";
            let direct: Vec<_> = direct.into_iter().filter(|answer| !same(answer)).collect();
            let found = compare::differences(&direct, &own);
            let found = found.into_iter().chain(forbidden_problem(server, &own));
            problems.extend(found.map(|problem| format!("{}: {problem}", server.name)));
        }
        if !problems.is_empty() {
            problems.push(format!("all of it is in {}", folder.display()));
        }
        Ok(problems)
    }
}

/// What one server has said, under its own names.
fn part(gathered: &[Answer], server: &str) -> Vec<Answer> {
    let prefix = format!("{server}__");
    let own = |text: &Value| text.as_str()?.strip_prefix(&prefix).map(str::to_owned);
    let renamed = |name: &mut Value| {
        let short = own(name);
        *name = short.clone().into();
        short.is_some()
    };
    let part = gathered.iter().filter_map(|answer| {
        let mut line = without_hidden(answer.line());
        if answer.step() != "list" {
            line["step"] = own(&line["step"])?.into();
            return Some(Answer::of(line));
        }
        for (list, pointer) in [("tools", ""), ("definitions", "/name")] {
            let Some(items) = line[list].as_array_mut() else { continue };
            items.retain_mut(|item| item.pointer_mut(pointer).is_some_and(renamed));
        }
        Some(Answer::of(line))
    });
    part.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_six_clients_gather() {
        assert_eq!(all().len(), GATHERERS.len());
    }

    #[test]
    fn a_servers_part_has_its_own_names() {
        let list = json!({"step": "list", "tools": ["a__x", "b__x"],
                          "definitions": [{"name": "a__x"}, {"name": "b__x"}]});
        let called = json!({"step": "a__0 x", "ok": true});
        let told = [Answer::of(list), Answer::of(called)];
        let own = part(&told, "a");
        let lines: Vec<_> = own.iter().map(Answer::line).collect();
        let list = json!({"step": "list", "tools": ["x"], "definitions": [{"name": "x"}]});
        assert_eq!(lines, [&list, &json!({"step": "0 x", "ok": true})]);
        assert_eq!(part(&told, "b").len(), 1);
    }
}
