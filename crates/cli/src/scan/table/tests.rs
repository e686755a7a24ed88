//! Tables as people see them.

use bytes::Bytes;
use toolgate_catalog::{Besides, judge, survey};
use toolgate_json::{Document, Reading};

use super::super::ask::About;
use super::super::layout::columns;
use super::super::report::{Report, Scanned, Seen};
use super::super::secrets::Secrets;
use super::{Look, grouped, render};
use crate::catalog::survey_to_keep;

fn report(tools: &str) -> Report {
    let bytes = Bytes::copy_from_slice(tools.as_bytes());
    let document = Document::parse(bytes, Reading::Plain).unwrap();
    let judged = judge(document.root().items());
    let survey = survey("shop", &judged, &Besides::default());
    let lines = vec![None; survey.tools.len()];
    let remarks = vec!["its prompts are unknown: no".to_owned()];
    let about = About { name: Some("Shop".to_owned()), ..About::default() };
    let to_keep = survey_to_keep(
        &survey,
        &document.root().items().collect::<Vec<_>>(),
        "shop",
        &Secrets::default(),
    );
    let seen = Seen { about, survey, lines, remarks, to_keep, policy: None };
    let failed = Err("the server ended".to_owned());
    Report {
        servers: vec![
            Scanned { name: "shop".to_owned(), place: None, outcome: Ok(seen) },
            Scanned { name: "dead".to_owned(), place: None, outcome: failed },
        ],
        flows: Vec::new(),
    }
}

const TOOLS: &str = r#"[
    {"name":"list_orders","description":"Lists all orders of a customer."},
    {"name":"delete_order_and_all_that_ever_belonged_to_it","description":"Deletes an order."},
    {"name":"run","description":"Runs the tests.","annotations":{"readOnlyHint":true},
     "inputSchema":{"type":"object","properties":{"path":{"type":"string"},"url":{"type":"string"}}}}]"#;

fn plain(width: usize) -> Look {
    Look { width: Some(width), colour: false }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [40, 60, 80, 90, 100, 120, 200] {
        let text = render(&report(TOOLS), plain(width));
        for line in text.lines().filter(|line| !line.contains("server scanned")) {
            assert!(columns(line) <= width.max(46), "{width}: {line}");
        }
        for said in ["Destructive", "Critical", "list_orders", "annotation-contradicts-definition"]
        {
            assert!(text.contains(said), "{width}: no {said} in\n{text}");
        }
    }
}

#[test]
fn a_pipe_gets_one_line_for_each_tool_and_no_colours() {
    let text = render(&report(TOOLS), Look { width: None, colour: false });
    let of_run: Vec<&str> = text.lines().filter(|line| line.starts_with("run ")).collect();
    assert_eq!(of_run.len(), 1);
    assert!(of_run[0].contains("! annotation-contradicts-definition (High)"), "{text}");
    assert!(!text.contains('\x1b'));
    assert!(render(&report(TOOLS), Look { width: None, colour: true }).contains("\x1b[31m"));
}

#[test]
fn the_gravest_is_first_and_the_sum_is_last() {
    let text = render(&report(TOOLS), plain(120));
    let place = |said: &str| text.find(said).unwrap_or_else(|| panic!("no {said} in\n{text}"));
    assert!(place("delete_order") < place("list_orders"));
    assert!(place("! its prompts are unknown") < place("delete_order"));
    assert!(place("dead") < place("1 server scanned, 3 tools; 1 could not be"));
}

#[test]
fn many_harmless_tools_are_one_line_on_a_terminal() {
    let tools: Vec<String> = (0..30)
        .map(|n| format!(r#"{{"name":"get_page_{n}","description":"Gets a page."}}"#))
        .chain([r#"{"name":"delete_page","description":"Deletes a page."}"#.to_owned()])
        .collect();
    let report = report(&format!("[{}]", tools.join(",")));
    let text = render(&report, plain(120));
    assert!(text.contains("and 30 that only read: get_page_0, get_page_1,"), "{text}");
    assert!(text.contains("\ndelete_page "), "{text}");
    let piped = render(&report, Look { width: None, colour: false });
    assert_eq!(piped.lines().filter(|line| line.starts_with("get_page_")).count(), 30);
}

#[test]
fn numbers_are_grouped() {
    assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
}
