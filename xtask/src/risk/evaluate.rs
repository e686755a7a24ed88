//! `cargo xtask eval-risk`: how well the way of training does on vendors it has not seen.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use toolgate_catalog::{Category, Kin, Model, Risk, Tool, assess, assess_by};
use toolgate_json::Document;

use super::data::{self, CORPUS, Data, Label, Row, Source};
use super::score::{Score, ratio};
use super::{fit, folds};
use crate::Result;
use crate::poison::busy;

#[derive(clap::Args)]
pub struct Options {
    /// Directory of the labelled definitions: `train-*.jsonl`
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print every wrong answer: source, vendor, tool, label, answer
    #[arg(long)]
    pub errors: bool,
    /// Divide the vendors in another way
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub salt: u64,
    /// Only measure how long it takes, with the model that is part of the program
    #[arg(long)]
    pub speed: bool,
}

/// Trains ten times, each time without a tenth of the vendors, and measures with those.
pub fn run(options: &Options) -> Result {
    if options.speed {
        return speed(&options.data);
    }
    let data = Data::read(&options.data)?;
    let risks = judged(&data, options.salt)?;
    let tasks = tasks(&data.rows, &risks);
    if options.json {
        println!("{}", json(&tasks));
    } else {
        print!("{}", tasks.iter().map(shown).collect::<String>());
    }
    if options.errors {
        errors(&data.rows, &risks);
    }
    Ok(())
}

/// Every row, judged by a model that knows nothing of its vendor.
pub fn judged(data: &Data, salt: u64) -> Result<Vec<Risk>> {
    let parts = folds::divide(&data.rows, salt);
    let mut risks: Vec<Option<Risk>> = vec![None; data.rows.len()];
    for fold in 0..folds::FOLDS {
        let bytes = fit::model(&folds::others(&data.rows, &parts, fold));
        let model = Model::read(&bytes).ok_or("a model of another length")?;
        for (at, row) in data.rows.iter().enumerate().filter(|(at, _)| parts[*at] == fold) {
            let tool = Tool::read(row.document.root()).ok_or("a row without a tool")?;
            risks[at] = Some(assess_by(&model, &tool, &data.kins[row.kin]));
        }
    }
    Ok(risks.into_iter().flatten().collect())
}

/// One question, and how well it is answered.
pub struct Task {
    pub name: &'static str,
    pub score: Score,
    /// Of the tools that change something, those that are fenced as such.
    pub strict_recall: f64,
    /// Of the tools that only read, those that are fenced as such.
    pub strict_reads: f64,
}

const READ: [&str; 2] = ["Read", "not"];
const THREE: [&str; 3] = ["Read", "Write", "Destructive"];
const FIVE: [&str; 5] = ["Read", "Write", "Execute", "Destructive", "Financial"];

/// All tasks; a row of five or three categories is a row of read-only-or-not too.
pub fn tasks(rows: &[Row], risks: &[Risk]) -> Vec<Task> {
    let read = |source, name| {
        task(name, &READ, rows, risks, &move |row, category| {
            (row.source == source).then(|| usize::from(!reads(row, category)))
        })
    };
    let by_name = |classes: &'static [&'static str], source| {
        move |row: &Row, category: Option<Category>| {
            let Label::Category(own) = row.label else { return None };
            let name = category.unwrap_or(own).name();
            // What a method cannot tell is a change.
            let place = classes.iter().position(|class| *class == name).unwrap_or(1);
            (row.source == source).then_some(place)
        }
    };
    vec![
        read(Source::Annotations, "read-only or not, declared annotations"),
        read(Source::Http, "read-only or not, HTTP methods"),
        read(Source::Composio, "read-only or not, Composio tags"),
        read(Source::Five, "read-only or not, Intercept policies"),
        task(
            "five categories, Intercept policies",
            &FIVE,
            rows,
            risks,
            &by_name(&FIVE, Source::Five),
        ),
        task("three categories, HTTP methods", &THREE, rows, risks, &by_name(&THREE, Source::Http)),
        task(
            "three categories, Composio tags",
            &THREE,
            rows,
            risks,
            &by_name(&THREE, Source::Composio),
        ),
    ]
}

fn reads(row: &Row, category: Option<Category>) -> bool {
    category.map_or(row.label.reads(), |category| category == Category::Read)
}

/// `class` gives the place of a row's label (of `None`) or of an answer, if the row counts.
type Class<'c> = &'c dyn Fn(&Row, Option<Category>) -> Option<usize>;

fn task(
    name: &'static str,
    classes: &[&'static str],
    rows: &[Row],
    risks: &[Risk],
    class: Class<'_>,
) -> Task {
    let mut score = Score::new(classes);
    let mut changing = (0, 0);
    let mut reading = (0, 0);
    for (row, risk) in rows.iter().zip(risks).filter(|(row, _)| row.is_measured) {
        let (Some(is), Some(said)) = (class(row, None), class(row, Some(risk.category))) else {
            continue;
        };
        score.add(is, said);
        let fenced_as_read = usize::from(risk.strict == Category::Read);
        if row.label.reads() {
            reading = (reading.0 + fenced_as_read, reading.1 + 1);
        } else {
            changing = (changing.0 + 1 - fenced_as_read, changing.1 + 1);
        }
    }
    let strict_recall = ratio(changing.0, changing.1);
    Task { name, score, strict_recall, strict_reads: ratio(reading.0, reading.1) }
}

fn shown(task: &Task) -> String {
    let score = &task.score;
    let mut out = format!(
        "{}: n {}, accuracy {:.4}, macro F1 {:.4}; strict: {:.4} of what changes something kept \
         out of Read, {:.4} of what reads in it\n",
        task.name,
        score.total(),
        score.accuracy(),
        score.macro_f1(),
        task.strict_recall,
        task.strict_reads,
    );
    let _ = write!(out, "  {:12}", "is \\ said");
    for class in &score.classes {
        let _ = write!(out, "{class:>12}");
    }
    let _ = writeln!(out, "{:>8}", "F1");
    for (at, class) in score.classes.iter().enumerate() {
        let _ = write!(out, "  {class:12}");
        for count in &score.counts[at] {
            let _ = write!(out, "{count:>12}");
        }
        let _ = writeln!(out, "{:>8.3}", score.f1(at));
    }
    out.push('\n');
    out
}

fn json(tasks: &[Task]) -> String {
    let task = |task: &Task| {
        serde_json::json!({
            "task": task.name,
            "n": task.score.total(),
            "accuracy": task.score.accuracy(),
            "macro_f1": task.score.macro_f1(),
            "classes": task.score.classes,
            "confusion": task.score.counts,
            "strict_recall": task.strict_recall,
            "strict_reads": task.strict_reads,
        })
    };
    serde_json::Value::Array(tasks.iter().map(task).collect()).to_string()
}

fn errors(rows: &[Row], risks: &[Risk]) {
    for (row, risk) in rows.iter().zip(risks).filter(|(row, _)| row.is_measured) {
        let label = match row.label {
            Label::Category(category) => category.name(),
            Label::ReadOnly(true) => "Read",
            Label::ReadOnly(false) => "not Read",
        };
        let right = match row.label {
            Label::Category(category) => category == risk.category,
            Label::ReadOnly(is) => is == (risk.category == Category::Read),
        };
        if !right {
            let tool = data::text(row.document.root(), "name");
            let (vendor, said) = (&row.vendor, risk.category);
            println!("{:?}\t{vendor}\t{tool}\t{label}\t{said}\t{:.2}", row.source, risk.confidence);
        }
    }
}

/// Judges every definition of the corpus once, all of them in memory.
fn speed(directory: &Path) -> Result {
    let corpus = data::lines(&directory.join(CORPUS))?;
    let definition =
        |row: &Document| data::definition(row.root(), &data::text(row.root(), "description"));
    let documents: Vec<Document> = corpus.iter().map(definition).collect::<Result<_>>()?;
    let kin = Kin::default();
    let start = busy();
    let tools: Vec<Tool<'_>> =
        documents.iter().filter_map(|document| Tool::read(document.root())).collect();
    println!("{} definitions taken apart in {:.2?}", tools.len(), busy().saturating_sub(start));
    let start = busy();
    let changes = |tool: &&Tool<'_>| assess(tool, &kin).category != Category::Read;
    let grave = tools.iter().filter(changes).count();
    let took = busy().saturating_sub(start);
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let each_us = took.as_secs_f64() * 1e6 / documents.len() as f64;
    println!(
        "{} tools in {took:.2?}: {each_us:.1} us each; {grave} change something",
        documents.len()
    );
    Ok(())
}
