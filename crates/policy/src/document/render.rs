//! Diagnostics for people, with the lines they are about, and for programs.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use toolgate_json::quote;

use crate::document::diagnostic::{Diagnostic, Severity};
use crate::document::span::Span;

/// Whether the reader of the output sees colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Off,
    On,
}

/// Lines longer than this are not shown: a minified document is one line.
const LINE_BYTES_MAX: usize = 2000;

/// All diagnostics, an empty line between them. `text` is the document they came from.
pub fn render(diagnostics: &[Diagnostic], text: &str, colour: Colour) -> String {
    let renderer = match colour {
        Colour::Off => Renderer::plain(),
        Colour::On => Renderer::styled(),
    };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&[group(diagnostic, text)]));
        out.push('\n');
    }
    out
}

fn group<'a>(diagnostic: &'a Diagnostic, text: &'a str) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
    };
    let group = Group::with_title(level.primary_title(diagnostic.message.as_str()));
    let line = Line::of(diagnostic.span, text).filter(|_| !diagnostic.confidential);
    let group = if let Some(line) = line {
        show(&line, group, diagnostic, text)
    } else {
        let place = Origin::path(&*diagnostic.file).line(diagnostic.line);
        group.element(place.char_column(diagnostic.column))
    };
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The line itself, and the line that explains it, should there be one.
fn show<'a>(
    line: &Line<'a>,
    group: Group<'a>,
    diagnostic: &'a Diagnostic,
    text: &'a str,
) -> Group<'a> {
    let file = &*diagnostic.file;
    let snippet = line.snippet(file).annotation(AnnotationKind::Primary.span(line.span()));
    let related = diagnostic.related.as_ref();
    let Some((other, label)) = related.and_then(|r| Some((Line::of(r.span, text)?, r.label)))
    else {
        return group.element(snippet);
    };
    let context = AnnotationKind::Context.span(other.span()).label(label);
    if other.start == line.start {
        group.element(snippet.annotation(context))
    } else {
        group.element(snippet).element(other.snippet(file).annotation(context))
    }
}

/// The line where a span starts, and the part of the span that lies in it.
struct Line<'a> {
    text: &'a str,
    number: usize,
    start: usize,
    span: Span,
}

impl<'a> Line<'a> {
    fn of(span: Span, text: &'a str) -> Option<Self> {
        let before = text.get(..span.start)?;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        let number = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        (line.len() <= LINE_BYTES_MAX).then_some(Self { text: line, number, start, span })
    }

    fn span(&self) -> std::ops::Range<usize> {
        let at = |offset: usize| (offset - self.start).min(self.text.len());
        at(self.span.start)..at(self.span.end.max(self.span.start))
    }

    fn snippet<T: Clone>(&self, file: &'a str) -> Snippet<'a, T> {
        Snippet::source(self.text).path(file).line_start(self.number)
    }
}

impl Diagnostic {
    /// `{"file":…,"line":…,"column":…,"severity":…,"message":…,"help":…}`; `help` may be null.
    pub fn json(&self) -> String {
        let mut out = b"{\"file\":".to_vec();
        quote(&self.file, &mut out);
        let place = format!(",\"line\":{},\"column\":{},\"severity\":", self.line, self.column);
        out.extend_from_slice(place.as_bytes());
        quote(self.severity.as_str(), &mut out);
        out.extend_from_slice(b",\"message\":");
        quote(&self.message, &mut out);
        out.extend_from_slice(b",\"help\":");
        match &self.help {
            Some(help) => quote(help, &mut out),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }
}
