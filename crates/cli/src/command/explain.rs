//! `explain`: why a call is, or was, decided as it is.

mod asked;
mod page;
mod policies;
mod recorded;
mod report;
mod text;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading};
use toolgate_policy::explain::Explanation;
use toolgate_policy::{Definition, Scope, ToolDefinition};

use crate::args::ExplainArgs;
use crate::exit::{Exit, Failure};
use crate::{output, place};
pub(super) use page::explain;
use policies::Source;
use recorded::Record;

/// All that there is to say.
struct Told {
    /// What is called, with which arguments.
    call: String,
    /// By whom, at which server.
    whose: String,
    /// The policies that decide, the outermost first.
    sources: Vec<Source>,
    /// Nothing where the policy or the arguments are not known.
    explanation: Option<Explanation>,
    record: Option<Record>,
    /// What cannot be told, and how to know it.
    untold: Vec<String>,
    /// Where the levels of limits come from.
    levels: &'static str,
    /// Whoever asks sees nothing of what others spend.
    for_grant: bool,
}

pub(super) fn execute(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let told = match (&args.id, &args.tool) {
        (Some(id), _) => recorded::tell(id, args, &place::state_of(&args.place)?)?,
        (None, Some(tool)) => asked::tell(tool, args)?,
        (None, None) => {
            let text = "name a tool with `--tool`, or a decision by its id";
            return Err(Failure::new(Exit::Usage, text));
        }
    };
    output::print(&if args.place.json { report::json(&told) } else { text::render(&told) })?;
    Ok(Exit::Ok.into())
}

impl Told {
    /// Whether a counter of this scope holds what others spent too, which is not for everybody.
    fn conceals(&self, scope: Scope) -> bool {
        self.for_grant && matches!(scope, Scope::Global | Scope::Server)
    }
}

/// What `--args` says.
fn arguments(args: &ExplainArgs) -> Result<Option<Document>, Failure> {
    let Some(text) = &args.args else { return Ok(None) };
    let refused = |why: &str| {
        let text = format!("`--args` {why}; write an object such as '{{\"amount\": 5}}'");
        Failure::new(Exit::Usage, text)
    };
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let document = Document::parse(bytes, Reading::Strict);
    let document = document.map_err(|error| refused(&format!("is refused: {error}")))?;
    if document.root().kind() != Kind::Object {
        return Err(refused("is no JSON object"));
    }
    Ok(Some(document))
}

/// What `--definition` says.
fn definition(path: Option<&Path>) -> Result<Option<Definition>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let refused = |why: String| {
        let text = format!("the definition `{}` cannot be used: {why}", path.display());
        Failure::new(Exit::Usage, text)
    };
    let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    read_definition(&text).map(Some).map_err(refused)
}

fn read_definition(text: &str) -> Result<Definition, String> {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let document = Document::parse(bytes, Reading::Plain).map_err(|error| error.to_string())?;
    let definition = ToolDefinition::read(document.root()).map_err(|error| error.to_string())?;
    Ok(Definition::Known(Arc::new(definition)))
}
