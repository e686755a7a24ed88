//! What is written about an attack: whole, with numbers that exist, and not too much of it.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use toolgate_catalog::attacks::{self, Attack, Family, Taxonomy};
use toolgate_catalog::{Kin, Tool, assess};
use toolgate_policy::document::{Colour, render};

/// In the order of the file's lines.
const LISTS: [Taxonomy; 4] =
    [Taxonomy::OwaspMcp, Taxonomy::OwaspAgentic, Taxonomy::Atlas, Taxonomy::SafeMcp];
const KNOWN: &str = include_str!("known-ids.txt");

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().unwrap() == "yaml").collect();
    files.sort();
    files
}

#[test]
fn every_file_is_read_and_listed_under_its_name() {
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        match attacks::read(&text) {
            Ok(attack) => assert_eq!(path.file_stem().unwrap(), &*attack.id),
            Err(told) => panic!("{}\n{}", path.display(), render(&told, &text, Colour::Off)),
        }
    }
    let listed: Vec<_> = attacks::all().iter().map(|attack| attack.id.clone()).collect();
    let there =
        files().into_iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned());
    let there: Vec<String> = there.collect();
    assert_eq!(listed, there, "is it in `attacks/files.rs`?");
    assert!(listed.iter().all(|id| attacks::find(id).is_some_and(|attack| attack.id == *id)));
    assert!(attacks::find("no-such-attack").is_none());
}

#[test]
fn they_are_many_and_small() {
    let bytes: u64 = files().iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes <= 200 * 1024, "{bytes} bytes");
    assert!(attacks::all().len() >= 40);
    for family in Family::ALL {
        assert!(attacks::all().iter().any(|attack| attack.family == family), "{family}");
    }
}

#[test]
fn nothing_is_left_out() {
    for attack in attacks::all() {
        let Attack { id, name, summary, how, cases, signs, beyond, steps, .. } = attack;
        let texts = [name, summary, how, beyond].into_iter().chain(signs);
        let texts: Vec<_> = texts.chain(steps.iter().map(|step| &step.shows)).collect();
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{id}");
        assert!(!cases.is_empty() && signs.len() >= 2, "{id}: cases or signs are missing");
        assert!(summary.len() <= 200 && name.len() <= 60, "{id}: too long");
        assert!(cases.iter().all(|case| case.what.ends_with(['.', ')'])), "{id}");
    }
}

#[test]
fn ids_of_other_lists_exist() {
    let known: Vec<HashSet<_>> =
        KNOWN.lines().map(|line| line.split(' ').collect::<HashSet<_>>()).collect();
    assert_eq!(known.len(), LISTS.len());
    for attack in attacks::all() {
        for (list, known) in LISTS.into_iter().zip(&known) {
            for id in attack.maps.of(list) {
                assert!(known.contains(&**id), "{}: {id} of {}", attack.id, list.name());
                assert!(list.address(id).starts_with("https://"));
            }
        }
        for list in [Taxonomy::OwaspMcp, Taxonomy::OwaspAgentic] {
            let ids = attack.maps.of(list);
            assert!(!ids.is_empty(), "{}: nothing of {}", attack.id, list.name());
            assert!(ids.iter().all(|id| attacks::title(id).is_some()));
        }
    }
}

/// A number is never invented: it has the form of one, and the source is its record.
#[test]
fn cve_numbers_lead_to_their_records() {
    for attack in attacks::all() {
        for case in &attack.cases {
            let Some(cve) = &case.cve else { continue };
            let (year, number) = cve.strip_prefix("CVE-").unwrap().split_once('-').unwrap();
            assert!((2000..2027).contains(&year.parse::<u32>().unwrap()), "{cve}");
            assert!(number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit()), "{cve}");
            assert!(case.source.ends_with(&**cve), "{}: {}", attack.id, case.source);
        }
    }
}

fn told(definition: &str) -> Vec<&'static str> {
    let definition = crate::document(definition);
    let tool = Tool::read(definition.root()).unwrap();
    let risk = assess(&tool, &Kin::of([&*tool.name].into_iter()));
    attacks::for_tool(&risk).iter().map(|attack| &*attack.id).collect()
}

/// An argument that takes a path calls for attacks on paths, before those on anything.
#[test]
fn a_tool_is_told_its_attacks_and_not_those_on_any_server() {
    let reader = told(
        r#"{"name":"read_file","description":"Reads a file.","inputSchema":
            {"type":"object","properties":{"path":{"type":"string"}}}}"#,
    );
    let place = |id: &str| reader.iter().position(|told| *told == id);
    assert!(place("path-escape") < place("indirect-prompt-injection"), "{reader:?}");
    assert!(place("path-escape").is_some() && place("refund-over-amount").is_none(), "{reader:?}");
    assert!(reader.iter().all(|id| !attacks::find(id).unwrap().is_general()), "{reader:?}");
    let runner = told(r#"{"name":"run","description":"Run a model"}"#);
    assert!(runner.contains(&"runaway-loop") && runner.len() <= 12, "{runner:?}");
}

/// A signal that the classifier never gives would make an attack one on no tool at all.
#[test]
fn the_signals_that_attacks_need_are_those_of_the_classifier() {
    let names = "path url sql code html to recipients password a b c d e f g h i j k l m n";
    let properties = names.split(' ').map(|name| format!(r#""{name}":{{"type":"string"}}"#));
    let properties = properties.collect::<Vec<_>>().join(",") + r#","force":{"type":"boolean"}"#;
    let tool = |name: &str, description: &str| {
        let text = format!(
            r#"{{"name":"{name}","description":"{description}",
                "inputSchema":{{"type":"object","properties":{{{properties}}}}}}}"#
        );
        let definition = crate::document(&text);
        let tool = Tool::read(definition.root()).unwrap();
        let risk = assess(&tool, &Kin::of([name].into_iter()));
        risk.signals.into_iter().map(|signal| signal.id).collect::<Vec<_>>()
    };
    let known = [
        tool("bulk_delete_users", "Deletes all users."),
        tool("execute_code", "Runs any code in a sandbox."),
        tool("shell_script", "A shell command."),
    ]
    .concat();
    for attack in attacks::all() {
        for id in &attack.needs.signals {
            assert!(known.contains(&&**id), "{}: {id} is none of {known:?}", attack.id);
        }
    }
}
