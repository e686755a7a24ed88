//! From what servers list to what is to be said of them.

use toolgate_catalog::{
    Besides, Finding, Flow, Form, Hop, Neighbours, Risk, Survey, Surveyed, Tool, flows, judge,
    recommend, survey,
};

use super::ask::Listing;
use super::report::{Report, Scanned, Seen};
use super::secrets::Secrets;
use super::target::Place;
use crate::catalog::survey_to_keep;

/// One server that was asked.
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) place: Option<Place>,
    /// How it is reached, for people.
    pub(crate) reached: String,
    pub(crate) secrets: Secrets,
    pub(crate) listing: Result<Listing, String>,
}

/// Judges every tool of every server.
///
/// Policies are written only in a form that somebody wants.
pub(crate) fn at(asked: Vec<Asked>, form: Option<Form>) -> Report {
    let judged: Vec<Vec<(Tool<'_>, Risk)>> = asked
        .iter()
        .map(|one| one.listing.as_ref().map(|listing| judge(listing.tools())).unwrap_or_default())
        .collect();
    // Servers of one file are seen by one agent, together.
    let together: Vec<(&str, &str)> = asked
        .iter()
        .zip(&judged)
        .flat_map(|(one, judged)| judged.iter().map(|(tool, _)| (&*one.name, &*tool.name)))
        .collect();
    let surveys: Vec<Option<(Survey, Vec<Option<usize>>)>> = asked
        .iter()
        .zip(&judged)
        .map(|(one, judged)| {
            let neighbours = Neighbours::of(&one.name, together.iter().copied());
            Some(look(one.listing.as_ref().ok()?, &one.name, judged, neighbours))
        })
        .collect();
    let surveyed = asked.iter().zip(&judged);
    let surveyed: Vec<Surveyed<'_>> =
        surveyed.map(|(one, tools)| Surveyed { server: &one.name, tools }).collect();
    let mut flows = flows(&surveyed);
    for one in &asked {
        for flow in &mut flows {
            hide_in_flow(flow, &one.secrets);
        }
    }
    let policies: Vec<Option<String>> = asked
        .iter()
        .zip(&judged)
        .zip(&surveys)
        .map(|((one, judged), surveyed)| {
            let form = form.filter(|_| !judged.is_empty())?;
            let survey = surveyed.as_ref().map(|(survey, _)| survey);
            Some(recommend(&one.name, judged, survey, form))
        })
        .collect();
    let servers = asked.into_iter().zip(surveys).zip(policies);
    let servers = servers.map(|((one, surveyed), policy)| scanned(one, surveyed, policy));
    Report { servers: servers.collect(), flows }
}

fn look(
    listing: &Listing,
    name: &str,
    judged: &[(Tool<'_>, Risk)],
    neighbours: Neighbours,
) -> (Survey, Vec<Option<usize>>) {
    let besides = Besides {
        instructions: listing.instructions.as_deref(),
        prompts: listing.prompts(),
        resources: listing.resources(),
        neighbours,
    };
    let lines = listing.lines(judged.iter().map(|(tool, _)| tool.value));
    (survey(name, judged, &besides), lines)
}

fn scanned(
    asked: Asked,
    surveyed: Option<(Survey, Vec<Option<usize>>)>,
    policy: Option<String>,
) -> Scanned {
    let Asked { name, place, reached, secrets, listing } = asked;
    let outcome = match (listing, surveyed) {
        (Ok(listing), Some((mut survey, lines))) => {
            let unnamed = listing.tools().len() - survey.tools.len();
            let mut remarks = listing.remarks.clone();
            if unnamed > 0 {
                remarks.push(format!("{unnamed} of its tools have no name and are left out"));
            }
            for remark in &mut remarks {
                secrets.hide_in(remark);
            }
            hide(&mut survey, &secrets);
            let to_keep = survey_to_keep(&survey, &listing.tools(), &reached, &secrets);
            let policy = policy.map(|policy| secrets.hide(&policy).into_owned());
            Ok(Seen { about: listing.about, survey, lines, remarks, to_keep, policy })
        }
        (Err(why), _) => Err(secrets.hide(&why).into_owned()),
        (Ok(_), None) => Err("it was not looked at".to_owned()),
    };
    Scanned { name, place, outcome }
}

fn hide_in_flow(flow: &mut Flow, secrets: &Secrets) {
    secrets.hide_in(&mut flow.text);
    for Hop { tool, .. } in flow.sources.iter_mut().chain(&mut flow.private).chain(&mut flow.sinks)
    {
        secrets.hide_in(tool);
    }
}

/// A server may repeat what it was given, in its descriptions too.
fn hide(survey: &mut Survey, secrets: &Secrets) {
    let finding = |finding: &mut Finding| {
        secrets.hide_in(&mut finding.text);
        secrets.hide_in(&mut finding.quote);
    };
    survey.findings.iter_mut().for_each(finding);
    for tool in &mut survey.tools {
        secrets.hide_in(&mut tool.name);
        secrets.hide_in(&mut tool.description);
        tool.findings.iter_mut().for_each(finding);
        for signal in &mut tool.risk.signals {
            secrets.hide_in(&mut signal.text);
            if let Some(quote) = &mut signal.quote {
                secrets.hide_in(quote);
            }
        }
    }
}
