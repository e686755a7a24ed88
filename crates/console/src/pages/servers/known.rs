//! What is known of a server's tools: as they are pinned, else as a scan has found them.

use std::collections::BTreeMap;

use bytes::Bytes;
use toolgate_catalog::{Kin, Risk, Tool, assess};
use toolgate_json::{Document, Reading};
use toolgate_store::{DirectoryReader, Pin, ReadError, Survey};

use crate::json::Object;

/// One tool.
pub(super) struct KnownTool {
    pub(super) name: String,
    /// Nothing for one that only a scan has seen.
    pub(super) pin: Option<Pin>,
    pub(super) document: Document,
    /// A definition that was too long to keep: only its name is known.
    pub(super) is_bare: bool,
}

/// All tools of a server, by their names, and the newest scan.
pub(super) struct Known {
    pub(super) tools: Vec<KnownTool>,
    pub(super) survey: Option<Survey>,
}

impl Known {
    pub(super) fn read(reader: &DirectoryReader, server: &str) -> Result<Self, ReadError> {
        let survey = reader.surveys(Some(server))?.pop();
        let surveyed = survey.as_ref().map(|survey| reader.surveyed(survey.id)).transpose()?;
        let surveyed = surveyed.unwrap_or_default().into_iter();
        let mut found: BTreeMap<String, (Option<Pin>, Option<String>)> =
            surveyed.map(|tool| (tool.name, (None, tool.definition))).collect();
        let pins = reader.read()?.pins.remove(server).unwrap_or_default();
        for (name, pin) in pins.iter() {
            let definition = reader.pinned_tool(server, name)?.and_then(|tool| tool.definition);
            found.insert(name.clone(), (Some(pin.clone()), definition));
        }
        let tools = found.into_iter().filter_map(|(name, (pin, text))| tool(name, pin, text));
        Ok(Self { tools: tools.collect(), survey })
    }

    /// Each with its risk, by the rules and the model of this program.
    pub(super) fn judged(&self) -> Vec<(&KnownTool, (Tool<'_>, Risk))> {
        let kin = Kin::of(self.tools.iter().map(|tool| tool.name.as_str()));
        let judge = |known| judged(known, &kin).map(|judged| (known, judged));
        self.tools.iter().filter_map(judge).collect()
    }

    /// One of them, as it is judged among the others.
    pub(super) fn one(&self, name: &str) -> Option<(&KnownTool, (Tool<'_>, Risk))> {
        let kin = Kin::of(self.tools.iter().map(|tool| tool.name.as_str()));
        let known = self.tools.iter().find(|tool| tool.name == name)?;
        Some((known, judged(known, &kin)?))
    }
}

fn judged<'a>(known: &'a KnownTool, kin: &Kin) -> Option<(Tool<'a>, Risk)> {
    let tool = Tool::read(known.document.root())?;
    let risk = assess(&tool, kin);
    Some((tool, risk))
}

fn tool(name: String, pin: Option<Pin>, definition: Option<String>) -> Option<KnownTool> {
    let is_bare = definition.is_none();
    let text = definition.unwrap_or_else(|| Object::new().text("name", &name).finish());
    let document = parse(text)?;
    Some(KnownTool { name, pin, document, is_bare })
}

pub(super) fn parse(text: String) -> Option<Document> {
    Document::parse(Bytes::from(text), Reading::Plain).ok()
}
