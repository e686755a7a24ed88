//! One client at one server, first directly, then through the gateway.

use std::fs::{self, File};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use super::compare;
use super::real::{Data, HIDDEN, Real};
use crate::Result;
use crate::clients::answer::{self, Answer};
use crate::clients::client::Client;
use crate::clients::house::House;
use crate::clients::judge::step_problem;
use crate::clients::place::Place;
use crate::clients::process::{tail, wait};
use crate::clients::scenario::Expected;

/// Much longer than any visit takes.
const VISIT_LIMIT: Duration = Duration::from_secs(90);

pub(super) struct Visit {
    pub(super) client: &'static Client,
    pub(super) server: &'static Real,
}

impl Visit {
    pub(super) fn name(&self) -> String {
        format!("{} at {}", self.client.name, self.server.name)
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
        let words = self.server.text_words(place, data);
        let steps = steps(self.server, data);
        let direct = json!({"command": words, "era": self.client.era, "steps": steps});
        let direct = go(self.client, place, &folder.join("direct"), &direct)?;
        let mut steps = steps;
        if let Some((tool, arguments)) = self.server.forbidden() {
            steps.push(call("forbidden", tool, &arguments));
        }
        let (url, token) = (house.url_of(self.server.name), &house.token);
        let gated = json!({"url": url, "token": token, "era": self.client.era, "steps": steps});
        let gated = go(self.client, place, &folder.join("gated"), &gated)?;
        let mut problems = compare::differences(&direct, &gated);
        problems.extend(forbidden_problem(self.server, &gated));
        if !problems.is_empty() {
            problems.push(format!("all of it is in {}", folder.display()));
        }
        Ok(problems)
    }
}

/// What is asked of a server, directly and through the gateway.
pub(super) fn steps(server: &Real, data: &Data) -> Vec<Value> {
    let mut steps = vec![json!({"step": "list", "do": "list"})];
    for (number, (tool, arguments)) in server.calls(data).iter().enumerate() {
        steps.push(call(&format!("{number} {tool}"), tool, arguments));
    }
    steps
}

/// Runs a client's plan; gives the lines it printed.
pub(super) fn go(
    client: &Client,
    place: &Place,
    folder: &Path,
    plan: &Value,
) -> Result<Vec<Answer>> {
    fs::create_dir_all(folder)?;
    let (plan_file, answers) = (folder.join("plan.json"), folder.join("answers.jsonl"));
    let stderr = folder.join("stderr");
    fs::write(&plan_file, plan.to_string())?;
    let mut child = client
        .command(place)
        .arg(&plan_file)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(File::create(&answers)?)
        .stderr(File::create(&stderr)?)
        .spawn()?;
    wait(&mut child, VISIT_LIMIT)
        .map_err(|error| format!("the client: {error}; it said {}", tail(&stderr)))?;
    answer::read(&answers)
}

/// What the policy changes.
pub(super) fn forbidden_problem(server: &Real, gated: &[Answer]) -> Option<String> {
    let (tool, _) = server.forbidden()?;
    let expected = if tool == HIDDEN { Expected::Unknown } else { Expected::Denied };
    let Some(answer) = gated.iter().find(|answer| answer.step() == "forbidden") else {
        return Some(format!("no answer about `{tool}`"));
    };
    let problem = step_problem(expected, answer)?;
    Some(format!("`{tool}`: {problem}: {}", answer.shown()))
}

pub(super) fn call(step: &str, tool: &str, arguments: &Value) -> Value {
    json!({"step": step, "do": "call", "tool": tool, "arguments": arguments})
}
