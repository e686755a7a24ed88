//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

#[derive(Debug, Default)]
pub(crate) struct Text {
    out: String,
    family: &'static str,
}

impl Text {
    pub(crate) const MEDIA: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// Begins a family of samples.
    pub(crate) fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.family = name;
        let _ = write!(self.out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    pub(crate) fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        let _ = write!(self.out, "{}{suffix}", self.family);
        for (i, (name, value)) in labels.iter().enumerate() {
            let _ = write!(self.out, "{}{name}=\"", if i == 0 { '{' } else { ',' });
            self.escape(value);
            self.out.push('"');
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.out, "{end} {value}");
    }

    /// A family of one number.
    pub(crate) fn gauge(&mut self, name: &'static str, help: &str, value: impl Display) {
        self.family(name, "gauge", help);
        self.sample("", &[], value);
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn escape(&mut self, value: &str) {
        for c in value.chars() {
            match c {
                '\\' => self.out.push_str("\\\\"),
                '"' => self.out.push_str("\\\""),
                '\n' => self.out.push_str("\\n"),
                c => self.out.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_break_out_of_its_quotes() {
        let mut text = Text::default();
        text.family("x", "counter", "X.");
        text.sample("", &[("a", "q\"b\\n\nx")], 1);
        let expected = "# HELP x X.\n# TYPE x counter\nx{a=\"q\\\"b\\\\n\\nx\"} 1\n";
        assert_eq!(text.finish(), expected);
    }
}
