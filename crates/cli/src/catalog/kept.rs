//! Servers as scans have found them, read back and judged by what toolgate knows today.

use std::path::Path;

use bytes::Bytes;
use toolgate_catalog::{
    Besides, Category, Drift, Finding, Fingerprint, Kin, Risk, Severity, Sight, Survey, Tally,
    Tool, assess, drift, survey,
};
use toolgate_json::{Document, Reading, Value};
use toolgate_store::{DirectoryReader, Survey as Past, SurveyTool};

use crate::exit::{Exit, Failure};
use crate::place;

/// One server with every state that was kept of it, the newest first.
pub(crate) struct Kept {
    pub(crate) states: Vec<(Past, Vec<Seen>)>,
}

/// One tool of one state.
pub(crate) struct Seen {
    tool: SurveyTool,
    /// Its definition, or nothing but its name where that was too long to keep.
    document: Document,
    verdict: Document,
    brief: String,
}

/// The newest state, judged.
pub(crate) struct Known<'a> {
    pub(crate) kept: &'a Kept,
    pub(crate) survey: Survey,
    pub(crate) judged: Vec<(Tool<'a>, Risk)>,
}

/// All that was scanned, by name. A state directory that nobody named and that is not there has
/// nothing in it.
pub(crate) fn read(state: &Path, is_named: bool) -> Result<Vec<Kept>, Failure> {
    if !is_named && !state.exists() {
        return Ok(Vec::new());
    }
    let reader = place::reader(state)?;
    let mut servers: Vec<Kept> = Vec::new();
    for past in reader.surveys(None)?.into_iter().rev() {
        let tools = seen(&reader, &past)?;
        match servers.iter_mut().find(|kept| kept.name() == past.server) {
            Some(kept) => kept.states.push((past, tools)),
            None => servers.push(Kept { states: vec![(past, tools)] }),
        }
    }
    servers.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(servers)
}

fn seen(reader: &DirectoryReader, past: &Past) -> Result<Vec<Seen>, Failure> {
    let broken = |what: &str| {
        let text = format!("the scan of `{}` in the state directory has {what}", past.server);
        Failure::new(Exit::State, text)
    };
    let mut all = Vec::new();
    for tool in reader.surveyed(past.id)? {
        let text = tool
            .definition
            .clone()
            .unwrap_or_else(|| crate::json::Object::new().text("name", &tool.name).finish());
        let document = parse(&text).ok_or_else(|| broken("a definition that is no JSON"))?;
        let verdict = parse(&tool.verdict).ok_or_else(|| broken("a verdict that is no JSON"))?;
        let word = |key| verdict.root().get(key).and_then(Value::as_str).unwrap_or_default();
        let brief = format!("{}, {}", word("category"), word("severity"));
        all.push(Seen { tool, document, verdict, brief });
    }
    Ok(all)
}

fn parse(text: &str) -> Option<Document> {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Plain).ok()
}

impl Kept {
    pub(crate) fn name(&self) -> &str {
        &self.newest().server
    }

    /// There is one: `read` makes none without.
    pub(crate) fn newest(&self) -> &Past {
        &self.states[0].0
    }

    /// How each state differs from the one before it, the newest first; nothing for the oldest.
    pub(crate) fn drifts(&self) -> Vec<Option<Drift>> {
        let sights: Vec<Vec<Sight<'_>>> =
            self.states.iter().map(|(_, tools)| tools.iter().map(Seen::sight).collect()).collect();
        let pairs = sights.windows(2).map(|pair| Some(drift(&pair[1], &pair[0])));
        pairs.chain([None]).collect()
    }

    /// The newest state, by the rules and the model of this program.
    pub(crate) fn judge(&self) -> Known<'_> {
        let tools = &self.states[0].1;
        let kin = Kin::of(tools.iter().map(|seen| seen.tool.name.as_str()));
        let judged: Vec<(Tool<'_>, Risk)> = tools
            .iter()
            .filter_map(|seen| {
                let tool = Tool::read(seen.document.root())?;
                let risk = match seen.tool.definition {
                    Some(_) => assess(&tool, &kin),
                    None => seen.kept_risk(),
                };
                Some((tool, risk))
            })
            .collect();
        let mut survey = survey(self.name(), &judged, &Besides::default());
        survey.findings.extend(self.findings());
        for (tool, seen) in survey.tools.iter_mut().zip(tools) {
            tool.fingerprint = Fingerprint::from(seen.tool.fingerprint);
        }
        survey.grade = Tally::of_survey(&survey, &judged).grade();
        Known { kept: self, survey, judged }
    }

    /// What the scan found besides the tools: it is not kept what that rests on.
    fn findings(&self) -> Vec<Finding> {
        let Some(facts) = parse(&self.newest().facts) else { return Vec::new() };
        let items = facts.root().get("findings").into_iter().flat_map(Value::items);
        let text = |value: Value<'_>, key| {
            value.get(key).and_then(Value::as_str).unwrap_or_default().into_owned()
        };
        let finding = |value: Value<'_>| Finding {
            id: "found-by-scan",
            severity: severity(&text(value, "severity")),
            text: text(value, "text"),
            place: text(value, "place"),
            quote: text(value, "quote"),
        };
        // Those of the list are found again in it.
        items.filter(|item| text(*item, "place") != "tools").map(finding).collect()
    }
}

impl Seen {
    fn sight(&self) -> Sight<'_> {
        Sight {
            name: &self.tool.name,
            fingerprint: self.tool.fingerprint.into(),
            definition: self.tool.definition.is_some().then(|| self.document.root()),
            verdict: &self.brief,
        }
    }

    /// As it was thought of when it was scanned.
    fn kept_risk(&self) -> Risk {
        let root = self.verdict.root();
        let word = |key| root.get(key).and_then(Value::as_str).unwrap_or_default().into_owned();
        let number = |key| {
            let text = root.get(key).map(|value| String::from_utf8_lossy(value.raw()).into_owned());
            text.and_then(|text| text.parse::<f32>().ok()).unwrap_or_default()
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let score = number("score").clamp(1.0, 5.0) as u8;
        Risk {
            category: category(&word("category")),
            severity: severity(&word("severity")),
            score,
            confidence: number("confidence"),
            strict: category(&word("strict")),
            signals: Vec::new(),
            findings: Vec::new(),
        }
    }
}

/// What cannot be read is the gravest.
fn category(name: &str) -> Category {
    let known = Category::ALL.into_iter().find(|one| one.name() == name);
    known.unwrap_or(Category::Destructive)
}

fn severity(name: &str) -> Severity {
    let known = Severity::ALL.into_iter().find(|one| one.name() == name);
    known.unwrap_or(Severity::Critical)
}
