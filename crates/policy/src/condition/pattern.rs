//! Regular expressions: linear time whatever the text, bounded in size.

use regex::{Regex, RegexBuilder};
use toolgate_json::Value;

/// Of a compiled expression.
const SIZE_BYTES_MAX: usize = 10 << 20;

/// Finds its match anywhere in the text.
pub(super) fn search(value: Value<'_>) -> Result<Regex, String> {
    compile(&expression(value)?)
}

/// Matches the whole text or nothing.
pub(super) fn full(value: Value<'_>) -> Result<Regex, String> {
    let text = expression(value)?;
    // On its own first: `a)|(b` must not close the group around it.
    compile(&text)?;
    compile(&format!(r"\A(?:{text})\z"))
}

fn expression(value: Value<'_>) -> Result<String, String> {
    let text = value.as_str().ok_or("the value must be a regular expression in quotes")?;
    Ok(text.into_owned())
}

fn compile(text: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(text).size_limit(SIZE_BYTES_MAX).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "the regular expression is too large: shorten its repetitions, or write \
             `[0-9A-Za-z_]` for `\\w`"
                .to_owned()
        }
        error => {
            let text = error.to_string();
            let last = text.lines().next_back().unwrap_or_default();
            let why = last.trim().trim_start_matches("error: ");
            format!("the regular expression cannot be read: {why}")
        }
    })
}
