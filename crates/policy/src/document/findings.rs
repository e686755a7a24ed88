//! Collects what is found while reading, so that all of it is told at once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::document::deviation::Deviation;
use crate::document::diagnostic::{Diagnostic, Related, Severity};
use crate::document::notation::Notation;
use crate::document::span::{Span, line, position};
use crate::document::text::is_misleading;

/// Errors that are told; so many remarks too. A hostile document may hold a fault in every byte.
const TOLD_MAX: usize = 100;

/// What is found in one document.
#[derive(Debug)]
pub struct Findings {
    notation: &'static Notation,
    errors: Shelf,
    remarks: Shelf,
    noted: HashSet<Deviation>,
    /// What is shown on no line.
    secrets: Vec<Span>,
    /// What stands in no message either.
    unspoken: Vec<Span>,
}

/// Findings, as many as are told.
#[derive(Debug, Default)]
struct Shelf {
    told: Vec<Finding>,
    /// The latest of those that are too many.
    surplus: Finding,
    surplus_count: usize,
}

/// A [`Diagnostic`] in the making.
#[derive(Debug)]
pub struct Finding {
    severity: Severity,
    span: Span,
    message: String,
    help: Option<String>,
    confidential: bool,
    related: Option<Related>,
}

impl Findings {
    pub fn of(notation: &'static Notation) -> Self {
        Self {
            notation,
            errors: Shelf::default(),
            remarks: Shelf::default(),
            noted: HashSet::new(),
            secrets: Vec::new(),
            unspoken: Vec::new(),
        }
    }

    pub(crate) fn notation(&self) -> &'static Notation {
        self.notation
    }

    /// The lines on which `span` lies are named, not shown, whatever is found on them.
    pub fn hide(&mut self, span: Span) {
        self.secrets.push(span);
    }

    /// The same, and no message repeats it: for keys, which messages name.
    pub fn never_say(&mut self, span: Span) {
        self.secrets.push(span);
        self.unspoken.push(span);
    }

    pub fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        self.add(Severity::Error, span, &message.into())
    }

    pub fn warning(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        self.add(Severity::Warning, span, &message.into())
    }

    pub fn note(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        self.add(Severity::Note, span, &message.into())
    }

    /// Told once per document, at the first place that gives cause.
    pub(crate) fn deviation(&mut self, span: Span, deviation: Deviation) {
        if self.noted.insert(deviation) {
            let (message, help) = deviation.words();
            self.add(Severity::Note, span, message).help(help);
        }
    }

    pub fn failed(&self) -> bool {
        !self.errors.told.is_empty()
    }

    /// Whether further errors are only counted: what is dear to check need not be.
    pub(crate) fn is_full(&self) -> bool {
        self.errors.told.len() >= TOLD_MAX
    }

    /// What the author is told, by position: all errors, or else all remarks.
    pub(crate) fn told(self, file: &str, text: &str) -> Vec<Diagnostic> {
        let file: Arc<str> = file.into();
        let found = if self.failed() { self.errors } else { self.remarks };
        let mut all = found.told;
        if found.surplus_count > 0 {
            let message = format!("{} more findings are not shown", found.surplus_count);
            let end = Span::new(text.len(), text.len());
            all.push(Finding::new(Severity::Note, end, &message));
        }
        all.sort_by_key(|finding| (finding.span.start, finding.severity));
        let mut told: Vec<_> = all.into_iter().map(|finding| finding.place(&file, text)).collect();
        for diagnostic in &mut told {
            diagnostic.confidential |= shows_one_of(&self.secrets, diagnostic, text);
            for words in self.unspoken.iter().filter_map(|span| text.get(span.start..span.end)) {
                silence(words, diagnostic);
            }
        }
        told
    }

    fn add(&mut self, severity: Severity, span: Span, message: &str) -> &mut Finding {
        let finding = Finding::new(severity, span, message);
        match severity {
            Severity::Error => self.errors.add(finding),
            Severity::Note | Severity::Warning => self.remarks.add(finding),
        }
    }
}

impl Shelf {
    fn add(&mut self, finding: Finding) -> &mut Finding {
        let at = self.told.len();
        if at >= TOLD_MAX {
            self.surplus_count += 1;
            self.surplus = finding;
            return &mut self.surplus;
        }
        self.told.push(finding);
        &mut self.told[at]
    }
}

impl Finding {
    fn new(severity: Severity, span: Span, message: &str) -> Self {
        let message = legible(message);
        Self { severity, span, message, help: None, confidential: false, related: None }
    }

    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(legible(&help.into()));
        self
    }

    pub fn maybe_help(&mut self, help: Option<impl Into<String>>) -> &mut Self {
        self.help = help.map(|help| legible(&help.into()));
        self
    }

    pub fn confidential(&mut self) -> &mut Self {
        self.confidential = true;
        self
    }

    pub fn related(&mut self, span: Span, label: &'static str) -> &mut Self {
        self.related = Some(Related { span, label });
        self
    }

    fn place(self, file: &Arc<str>, text: &str) -> Diagnostic {
        let (line, column) = position(text, self.span.start);
        Diagnostic {
            severity: self.severity,
            message: self.message,
            help: self.help,
            file: Arc::clone(file),
            span: self.span,
            line,
            column,
            confidential: self.confidential,
            related: self.related,
        }
    }
}

/// Whether a secret is on a line that would be shown.
fn shows_one_of(secrets: &[Span], diagnostic: &Diagnostic, text: &str) -> bool {
    let other = diagnostic.related.as_ref().map(|related| related.span);
    [Some(diagnostic.span), other].into_iter().flatten().map(|span| line(text, span.start)).any(
        |line| secrets.iter().any(|secret| secret.start <= line.end && line.start <= secret.end),
    )
}

fn silence(words: &str, diagnostic: &mut Diagnostic) {
    let words = quoted(words.trim_matches(['"', '\'']));
    diagnostic.message = diagnostic.message.replace(&words, "`…`");
    diagnostic.help = diagnostic.help.take().map(|help| help.replace(&words, "`…`"));
}

impl Default for Finding {
    fn default() -> Self {
        Self::new(Severity::Note, Span::default(), "")
    }
}

/// The document's own words for a message: in backticks, and not too many.
pub fn quoted(words: &str) -> String {
    const SHOWN_MAX: usize = 60;
    match words.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("`{}…`", &words[..end]),
        None => format!("`{words}`"),
    }
}

/// One line, and nothing in it that moves a terminal's cursor or hides text.
fn legible(message: &str) -> String {
    const LENGTH_MAX: usize = 500;
    let mut shown = String::with_capacity(message.len());
    for c in message.chars().take(LENGTH_MAX) {
        match c {
            _ if c.is_control() || is_misleading(c) => shown.extend(c.escape_unicode()),
            _ => shown.push(c),
        }
    }
    shown
}
