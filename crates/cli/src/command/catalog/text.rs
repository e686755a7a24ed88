//! What `list` and `show` say in the same words.

use std::fmt::Write;

use toolgate_catalog::{Category, Grade, Severity, Tally};

use crate::json::{self, Object};

/// Counts and grade of a server.
pub(super) fn counted(object: Object, tally: &Tally, grade: &Grade) -> Object {
    let deductions = grade.sum.iter().map(|part| {
        Object::new()
            .text("id", part.id)
            .text("text", &part.text)
            .plain("points", part.points)
            .finish()
    });
    let letter = Object::new()
        .text("letter", grade.letter.name())
        .plain("points", grade.points)
        .raw("deductions", json::array(deductions))
        .finish();
    let categories = Category::ALL.iter().zip(tally.categories);
    let categories =
        categories.fold(Object::new(), |object, (is, count)| object.plain(is.name(), count));
    let severities = Severity::ALL.iter().zip(tally.severities);
    let severities =
        severities.fold(Object::new(), |object, (is, count)| object.plain(is.name(), count));
    object
        .raw("grade", letter)
        .plain("tool_count", tally.tools)
        .raw("categories", categories.finish())
        .raw("severities", severities.finish())
        .maybe_raw("tokens", tally.tokens.map(|tokens| tokens.to_string()))
}

/// The grade with its sum, for people.
pub(super) fn grade(grade: &Grade) -> String {
    let mut out = format!("grade {}: {}\n", grade.letter, grade.arithmetic());
    for part in &grade.sum {
        // Writing to a text does not fail.
        let _ = writeln!(out, "  −{:<3} {}", part.points, part.text);
    }
    out
}

/// `about 1234 tokens, 0.6 % of a 200k context`.
pub(super) fn tokens(tokens: u32) -> String {
    let permille = toolgate_catalog::share_permille(tokens);
    format!("about {tokens} tokens, {}.{} % of a 200k context", permille / 10, permille % 10)
}
