//! YAML 1.2 to the tree, without what makes YAML surprising: no anchors, tags, merge keys,
//! directives, second documents, nor keys that are no texts.

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as YamlSpan};

use crate::document::findings::{Findings, quoted};
use crate::document::node::{Member, Node, Text, Value, refuse_duplicates};
use crate::document::scalar::resolve;
use crate::document::span::Span;

/// Lists and mappings inside one another; below what the JSON reader takes.
const DEPTH_MAX: usize = 48;

/// The tree, unless the text is not YAML. What is refused is in the findings.
pub(crate) fn tree(text: &str, findings: &mut Findings) -> Option<Node> {
    let options = granit_parser::options! {
        disallow_directives: true,
        emit_anchor_events: true,
        emit_comments: false,
        emit_unresolved_aliases: true,
        block_nesting_limit: DEPTH_MAX,
        flow_nesting_limit: DEPTH_MAX,
    };
    let mut builder = Builder { text, findings, open: Vec::new(), root: None, bare_end: None };
    let mut documents = 0;
    for next in Parser::new_from_str_with_options(text, options) {
        match next {
            Ok((Event::DocumentStart(..), at)) => {
                documents += 1;
                if documents > 1 {
                    builder.refuse_second(at);
                    return None;
                }
            }
            Ok((event, at)) => builder.event(event, at),
            Err(error) => {
                builder.refuse_syntax(&error);
                return None;
            }
        }
    }
    builder.warn_of_cut();
    let root = builder.root;
    if root.as_ref().is_none_or(|node| matches!(node.value, Value::Empty)) {
        let help = findings.notation().shortest();
        findings.error(Span::default(), "the document is empty").help(help);
        return None;
    }
    root
}

struct Builder<'a> {
    text: &'a str,
    findings: &'a mut Findings,
    open: Vec<Open>,
    root: Option<Node>,
    /// Where the last scalar ends, if nothing marks its end.
    bare_end: Option<usize>,
}

/// A list or mapping that is not complete yet.
enum Open {
    List { span: Span, items: Vec<Node> },
    Map { span: Span, members: Vec<Member>, key: Option<Key> },
}

enum Key {
    /// The value behind it is dropped.
    Broken,
    Known(String, Span),
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, at: YamlSpan) {
        if let Some(tag) = event.tag().and(at.tag_span()) {
            let span = self.span(tag);
            self.findings
                .error(span, "tags are not read")
                .help("remove it; quotes make a text: `\"10\"`");
        }
        let span = self.span(at);
        match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.refuse_alias(span),
            Event::Anchor(..) => {
                self.findings
                    .error(span, "anchors are not read")
                    .help("remove it, and write out what its aliases stand for");
            }
            Event::Scalar(text, style, ..) => self.scalar(text.into_owned(), style, span),
            Event::SequenceStart(..) => self.open.push(Open::List { span, items: Vec::new() }),
            Event::MappingStart(..) => {
                self.open.push(Open::Map { span, members: Vec::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Comment(..) => {}
            _ => {
                self.findings.error(span, "this part of YAML is not read");
            }
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Span) {
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        self.bare_end = (!quoted).then_some(span.end);
        let value = match style {
            // The parser fills in a `~` of no width where nothing stands.
            ScalarStyle::Plain if span.start == span.end => Value::Empty,
            ScalarStyle::Plain => resolve(&text),
            _ => Value::Text(Text { text, plain: false }),
        };
        self.put(Node { span, value });
    }

    fn close(&mut self, end: Span) {
        let node = match self.open.pop() {
            Some(Open::List { span, items }) => {
                Node { span: whole(span, end, items.last()), value: Value::List(items) }
            }
            Some(Open::Map { span, members, .. }) => {
                refuse_duplicates(&members, self.findings);
                let last = members.last().map(|member| &member.node);
                Node { span: whole(span, end, last), value: Value::Map(members) }
            }
            None => return,
        };
        self.put(node);
    }

    fn put(&mut self, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { members, key, .. }) => match key.take() {
                None => *key = Some(read_key(node, self.findings)),
                Some(Key::Broken) if self.findings.notation().holds_secrets => {
                    self.findings.hide(node.span);
                }
                Some(Key::Broken) => {}
                Some(Key::Known(key, key_span)) => members.push(Member { key, key_span, node }),
            },
        }
    }

    fn refuse_alias(&mut self, span: Span) {
        self.findings
            .error(span, "aliases are not read")
            .help("write out what it stands for: whoever reads the document must see it");
        self.put(Node { span, value: Value::Broken });
    }

    fn refuse_second(&mut self, at: YamlSpan) {
        let span = self.span(at);
        let what = self.findings.notation().what;
        self.findings
            .error(span, "a second document starts here")
            .help(format!("one file holds one {what}: merge the two, or split the file"));
    }

    fn refuse_syntax(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.text.len());
        let (message, help) = explain(error.kind());
        self.findings.error(Span::at(self.text, at), message).maybe_help(help);
    }

    /// A file may be cut off in the middle of a number: `window: 3600` and `window: 36` are
    /// both good YAML.
    fn warn_of_cut(&mut self) {
        let end = self.text.trim_end_matches([' ', '\t']).len();
        if self.bare_end == Some(end) && !self.text.ends_with(['\n', '\r']) {
            let what = self.findings.notation().what;
            self.findings
                .warning(Span::new(end, end), "the last line has no end: the file may be cut off")
                .help(format!(
                    "end it with a line break; a last line `...` marks a complete {what}"
                ));
        }
    }

    fn span(&self, at: YamlSpan) -> Span {
        let offset = |marker: granit_parser::Marker| {
            marker.byte_offset().unwrap_or(self.text.len()).min(self.text.len())
        };
        Span::new(offset(at.start), offset(at.end))
    }
}

fn read_key(node: Node, findings: &mut Findings) -> Key {
    let what = node.what();
    match node.value {
        Value::Text(text) if text.plain && text.text == "<<" => {
            findings
                .error(node.span, "merge keys are not read")
                .help("write out what it merges: whoever reads the document must see it");
            Key::Broken
        }
        Value::Text(text) => Key::Known(text.text, node.span),
        Value::Broken => Key::Broken,
        Value::List(_) | Value::Map(_) => {
            findings
                .error(node.span, format!("a key must be a text, not {what}"))
                .help("put `{` and `[` in quotes where they belong to a name");
            Key::Broken
        }
        Value::Empty => {
            findings.error(node.span, "a key is missing");
            Key::Broken
        }
        Value::Bool(_) | Value::Null | Value::Number(_) => {
            findings
                .error(node.span, format!("a key must be a text, not {what}"))
                .help("put it in quotes");
            Key::Broken
        }
    }
}

/// Collections in block style start and end with an empty span.
fn whole(start: Span, end: Span, last: Option<&Node>) -> Span {
    let end = if end.end > end.start { end.end } else { last.map_or(start.end, |n| n.span.end) };
    Span::new(start.start, end.max(start.end))
}

fn explain(kind: &ErrorKind) -> (String, Option<String>) {
    use ErrorKind as E;
    let (message, help) = match kind {
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => ("a tab where YAML wants spaces", "indent with spaces"),
        E::DirectiveDisallowed => ("directives are not read", "remove the line"),
        E::RecursionLimitExceeded => ("nested too deeply", "a handful of levels is enough"),
        E::UnexpectedEof
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofImplicitFlowMapping
        | E::UnclosedQuotedScalar => ("unexpected end", "the file may be cut off"),
        E::UnclosedFlowCollection { open } => {
            let message = format!("{} is never closed", quoted(&open.to_string()));
            return (message, Some("the file may be cut off".to_owned()));
        }
        E::MappingValueNotAllowed | E::InvalidColonPlacement | E::SimpleKeyExpected => {
            let help = "is the indentation right? A text with `: ` in it stands in quotes";
            return (format!("not YAML: {kind}"), Some(help.to_owned()));
        }
        E::ExpectedBlockMappingKey | E::ExpectedBlockSequenceEntry | E::InvalidIndentation => {
            let help = "is the indentation right? Keys of one mapping start in one column";
            return (format!("not YAML: {kind}"), Some(help.to_owned()));
        }
        E::InvalidQuotedScalarIndent | E::DocumentIndicatorInQuotedScalar => {
            ("a quoted text goes on in the first column", "is its closing quote missing?")
        }
        other => return (format!("not YAML: {other}"), None),
    };
    (message.to_owned(), Some(help.to_owned()))
}
