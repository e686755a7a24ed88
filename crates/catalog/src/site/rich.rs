//! Text in which `code` stands between backticks.

/// Parts of a text, in order; every other one is code.
pub(super) struct Rich(pub(super) Vec<Span>);

pub(super) struct Span {
    pub(super) is_code: bool,
    pub(super) text: String,
}

impl Rich {
    /// Backticks come in pairs; one that is alone is a letter like others.
    pub(super) fn of(text: &str) -> Self {
        let mut spans = Vec::new();
        let mut rest = text;
        while let Some((before, code, after)) = split(rest) {
            spans.push(Span { is_code: false, text: before.to_owned() });
            spans.push(Span { is_code: true, text: code.to_owned() });
            rest = after;
        }
        spans.push(Span { is_code: false, text: rest.to_owned() });
        spans.retain(|span| !span.text.is_empty());
        Self(spans)
    }
}

fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    Some((before, code, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_backticks_hold_code() {
        let told = |text: &str| {
            let spans = Rich::of(text).0;
            spans.into_iter().map(|span| (span.is_code, span.text)).collect::<Vec<_>>()
        };
        let plain = |text: &str| (false, text.to_owned());
        assert_eq!(told("a `b` c"), [plain("a "), (true, "b".to_owned()), plain(" c")]);
        assert_eq!(told("a ` c"), [plain("a ` c")]);
        assert_eq!(told("``"), []);
    }
}
