//! From labelled rows to the bytes of a model.

use toolgate_catalog::{BUCKETS, Category, HEADS, MODEL_BYTES};

use super::data::{Label, Row, Source};
use super::logistic::{self, Example};

/// How freely weights may grow: the penalty's inverse, of the first head and of the others.
const FREEDOM_READ: f64 = 0.5;
const FREEDOM_OTHERS: f64 = 1.0;

/// How much a row counts for the head that tells what only reads from what does not. Generated
/// servers have thousands of tools of one make.
fn weight_read(source: Source) -> f64 {
    match source {
        Source::Annotations => 1.0,
        Source::Composio | Source::Http => 0.3,
        Source::Five => 0.7,
        Source::Own => 0.5,
    }
}

/// The same for the heads that tell the four other categories: there, rows of three categories
/// only say a little, and of what speaks of money nothing.
fn weight_others(category: Category, row: &Row) -> f64 {
    match row.source {
        Source::Annotations => 0.0,
        Source::Composio | Source::Http => {
            let unknown = category == Category::Financial && speaks_of_money(row);
            if unknown { 0.0 } else { 0.05 }
        }
        Source::Five | Source::Own => 1.0,
    }
}

/// A method or a tag tells a payment from no other change.
fn speaks_of_money(row: &Row) -> bool {
    const MONEY: [&str; 14] = [
        "bank",
        "billing",
        "card",
        "charge",
        "checkout",
        "invoice",
        "order",
        "pay",
        "price",
        "refund",
        "subscription",
        "trade",
        "transaction",
        "transfer",
    ];
    let name = super::data::text(row.document.root(), "name").to_ascii_lowercase();
    MONEY.iter().any(|word| name.contains(word))
}

/// Trains all heads; the same rows in the same order give the same bytes.
pub fn model(rows: &[&Row]) -> Vec<u8> {
    let heads: Vec<Vec<f64>> = HEADS.iter().map(|head| self::head(*head, rows)).collect();
    written(&heads)
}

fn head(category: Category, rows: &[&Row]) -> Vec<f64> {
    let example = |row: &&Row| {
        let (is_true, weight) = match (category, row.label) {
            (Category::Read, label) => (label.reads(), weight_read(row.source)),
            (_, Label::Category(own)) if own != Category::Read => {
                (own == category, weight_others(category, row))
            }
            (_, Label::Category(_) | Label::ReadOnly(_)) => return None,
        };
        let values = row.vector.values().map(|(place, value)| (place, f64::from(value)));
        Some(Example { values: values.collect(), is_true, weight })
    };
    let examples: Vec<Example> = rows.iter().filter_map(example).collect();
    let freedom = if category == Category::Read { FREEDOM_READ } else { FREEDOM_OTHERS };
    logistic::fit(&examples, BUCKETS, freedom)
}

/// Bias and step of each head in millionths, then a byte for each weight.
fn written(heads: &[Vec<f64>]) -> Vec<u8> {
    let mut bytes = vec![0; MODEL_BYTES];
    let header = HEADS.len() * 8;
    for (at, weights) in heads.iter().enumerate() {
        let (weights, bias) = weights.split_at(BUCKETS);
        let largest = weights.iter().fold(1e-3_f64, |most, weight| most.max(weight.abs()));
        // As it is read, so that rounding it moves no weight.
        let step = (largest / 127.0 * 1e6).ceil() / 1e6;
        bytes[at * 8..at * 8 + 4].copy_from_slice(&rounded(bias[0] * 1e6).to_le_bytes());
        bytes[at * 8 + 4..at * 8 + 8].copy_from_slice(&rounded(step * 1e6).to_le_bytes());
        for (bucket, weight) in weights.iter().enumerate() {
            let [low, ..] = rounded(weight / step).to_le_bytes();
            bytes[header + bucket * HEADS.len() + at] = low;
        }
    }
    bytes
}

#[expect(clippy::cast_possible_truncation, reason = "weights are small, and `as` saturates")]
fn rounded(value: f64) -> i32 {
    value.round() as i32
}
