//! The trainer, on sentences of our own.

use bytes::Bytes;
use toolgate_catalog::{Category, Kin, Model, Tool, assess_by};
use toolgate_json::{Document, Reading};

use super::data::{Data, Row, Source, label};
use super::{evaluate, fit, folds};

/// Own definitions, one JSON object a line, as in the files of `--data`.
const SENTENCES: &str = include_str!("tests/sentences.jsonl");

fn data() -> Data {
    let document = |line: &str| {
        Document::parse(Bytes::copy_from_slice(line.as_bytes()), Reading::Strict).expect("JSON")
    };
    let documents: Vec<Document> = SENTENCES.lines().map(document).collect();
    let mut data = Data { rows: Vec::new(), kins: Vec::new() };
    data.add(Source::Five, &documents, &label).expect("readable rows");
    data
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let (one, other) = (data(), data());
    let rows = |data: &Data| fit::model(&data.rows.iter().collect::<Vec<&Row>>());
    assert_eq!(rows(&one), rows(&other));
}

#[test]
fn what_was_learned_is_known_of_new_tools() {
    let data = data();
    let bytes = fit::model(&data.rows.iter().collect::<Vec<&Row>>());
    let model = Model::read(&bytes).expect("a model");
    for (definition, category) in [
        (r#"{"name":"list_boats","description":"Lists all boats."}"#, Category::Read),
        (r#"{"name":"delete_boat","description":"Deletes a boat."}"#, Category::Destructive),
        (r#"{"name":"create_boat","description":"Creates a boat."}"#, Category::Write),
        (r#"{"name":"run_boat_script","description":"Runs a script."}"#, Category::Execute),
        (r#"{"name":"pay_harbour","description":"Pays the fee."}"#, Category::Financial),
    ] {
        let document = Document::parse(Bytes::from_static(definition.as_bytes()), Reading::Strict)
            .expect("JSON");
        let tool = Tool::read(document.root()).expect("a tool");
        assert_eq!(assess_by(&model, &tool, &Kin::default()).category, category, "{definition}");
    }
}

#[test]
fn no_vendor_and_no_copy_is_on_both_sides() {
    let data = data();
    for salt in [0, 1, 2] {
        let parts = folds::divide(&data.rows, salt);
        for fold in 0..folds::FOLDS {
            let others = folds::others(&data.rows, &parts, fold);
            for (row, _) in data.rows.iter().zip(&parts).filter(|(_, part)| **part == fold) {
                let leaks =
                    |other: &&&Row| other.vendor == row.vendor || other.copy_key == row.copy_key;
                assert!(!others.iter().any(|other| leaks(&other)), "{}", row.copy_key);
            }
        }
    }
}

#[test]
fn every_measured_row_is_counted_once() {
    let data = data();
    let risks = evaluate::judged(&data, 0).expect("judged rows");
    assert_eq!(risks.len(), data.rows.len());
    let tasks = evaluate::tasks(&data.rows, &risks);
    let five = tasks.iter().find(|task| task.name.starts_with("five")).expect("a task");
    assert_eq!(five.score.total(), data.rows.len());
}
