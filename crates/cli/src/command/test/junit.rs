//! The format of `JUnit`, which build servers read: <https://github.com/testmoapp/junitxml>.

use std::fmt::Write as _;

use toolgate_policy::cases::Trial;
use toolgate_policy::document::Examined;

use super::Tested;

pub(super) fn report(all: &[Tested]) -> String {
    let tests: usize = all.iter().map(|tested| tested.passed() + tested.failed()).sum();
    let failures: usize = all.iter().map(Tested::failed).sum();
    let errors = all.iter().filter(|tested| tested.examined.is_none()).count();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        out,
        "<testsuites name=\"toolgate\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        tests + errors
    );
    out.extend(all.iter().map(suite));
    out.push_str("</testsuites>\n");
    out
}

/// A policy that cannot be read is one test with an error: it must not look like a success.
fn suite(tested: &Tested) -> String {
    let name = escaped(&tested.name);
    let (count, failed) = (tested.passed() + tested.failed(), tested.failed());
    let Some(examined) = &tested.examined else {
        let told: Vec<_> = tested.remarks.iter().map(|one| escaped(&one.to_string())).collect();
        return format!(
            "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">\n    <testcase \
             name=\"the policy can be read\" classname=\"{name}\">\n      <error \
             message=\"the policy has errors\">{}</error>\n    </testcase>\n  </testsuite>\n",
            told.join("\n")
        );
    };
    let cases: String = examined.trials.iter().map(|trial| case(&name, examined, trial)).collect();
    format!(
        "  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failed}\" errors=\"0\">\n\
         {cases}  </testsuite>\n"
    )
}

fn case(suite: &str, examined: &Examined, trial: &Trial) -> String {
    let line = examined.line_at(trial.span.start);
    let title = trial.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    let title = escaped(&format!("{title}{}", trial.call));
    let head = format!(
        "    <testcase name=\"{title}\" classname=\"{suite}\" file=\"{suite}\" line=\"{line}\""
    );
    let misses = trial.misses();
    if misses.is_empty() {
        return format!("{head}/>\n");
    }
    let what = escaped(&misses.join("; "));
    let says = escaped(&trial.came.says);
    format!("{head}>\n      <failure message=\"{what}\">{says}</failure>\n    </testcase>\n")
}

/// What XML 1.0 cannot hold becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
