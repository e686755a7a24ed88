//! A scan goes into the catalogue.

use std::path::Path;

use toolgate_catalog::{Survey, Tool};
use toolgate_json::Value;
use toolgate_store::{Act, NewSurvey, SurveyTool};

use crate::exit::Failure;
use crate::json::Object;
use crate::place;
use crate::scan::json;
use crate::scan::secrets::Secrets;

/// What there is to keep of a server: its tools as it listed them, and what was thought of them.
pub(crate) fn survey_to_keep(
    survey: &Survey,
    listed: &[Value<'_>],
    reached: &str,
    secrets: &Secrets,
) -> NewSurvey {
    let named = listed.iter().filter(|value| Tool::read(**value).is_some());
    let tools = survey.tools.iter().zip(named).map(|(found, value)| SurveyTool {
        name: found.name.clone(),
        fingerprint: *found.fingerprint.as_bytes(),
        definition: definition(*value, secrets),
        verdict: json::tool(found),
    });
    let facts = Object::new().plain("version", 1).raw("findings", json::findings(&survey.findings));
    NewSurvey {
        server: survey.server.clone(),
        reached: secrets.hide(reached).into_owned(),
        facts: facts.finish(),
        tools: tools.collect(),
    }
}

/// A server may repeat what it was given: the text is kept without.
fn definition(value: Value<'_>, secrets: &Secrets) -> Option<String> {
    let text = std::str::from_utf8(value.raw()).ok()?;
    (text.len() <= SurveyTool::DEFINITION_BYTES_MAX).then(|| secrets.hide(text).into_owned())
}

/// Keeps what was found, or counts it where it is what was found last.
pub(crate) fn keep(state: &Path, surveys: Vec<NewSurvey>) -> Result<(), Failure> {
    place::change(state, surveys.into_iter().map(Act::RecordSurvey).collect())
}
