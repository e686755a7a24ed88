//! `increment_from`: what was let through adds up to no more than the limit, to the last digit.

use serde_json::json;

use super::oracle::{View, is_certain, views};
use super::values::{NUMBERS, OTHERS, flat};
use crate::exact::{Exact, Number};
use crate::rig::{Client, Era, Rig, Way, denial};

/// In units of 10⁻¹⁸.
const MAX: u128 = 1500 * 1_000_000_000_000_000_000;

pub(super) async fn check(way: Way) {
    let limit = json!({"counter": "sum", "window": "day", "max": 1500,
                       "increment_from": "args.amount"});
    let rig = Rig::new(
        &json!({"version": "1", "default": "deny", "tools": {"nonce": {"limits": [limit]}}})
            .to_string(),
    );
    let client = Client::start(&rig, way).await;
    let mut sum = 0_u128;
    for (i, arguments) in calls(way).iter().enumerate() {
        let nonce = format!("n{i}");
        let text = arguments.replace("NONCE", &nonce);
        let read = Exact::read(&text).unwrap();
        let amount = amount(&read);
        let fits = amount.is_some_and(|amount| sum + amount <= MAX);
        let answer = client.call_text(&(100 + i).to_string(), "nonce", &text).await;
        let about = format!("{way:?} {text} at {sum}: {answer}");
        match (fits, amount) {
            (true, _) => {
                assert_eq!(answer["result"]["content"][0]["text"], nonce, "{about}");
                sum += amount.unwrap();
            }
            (false, Some(_)) => assert_eq!(denial(&answer), "limit", "{about}"),
            (false, None) => {
                let refused = answer["error"].is_object();
                let code = denial(&answer);
                let denied = matches!(code, "amount_invalid" | "ambiguous_argument");
                assert!(refused || denied, "{about}");
            }
        }
    }
    assert!(sum > MAX / 2, "the sum hardly grew: {sum}");
    assert_eq!(seen(&rig), sum, "{way:?}");
}

/// Small ones first, so that much is let through; all twice.
fn calls(way: Way) -> Vec<String> {
    let of = |values: &[&str]| -> Vec<String> {
        values.iter().map(|v| format!(r#"{{"nonce":"NONCE","amount":{v}}}"#)).collect()
    };
    let mut all = of(&NUMBERS);
    all.extend(of(&OTHERS));
    all.extend(of(&["1e-18", "1e-19", "0.000000000000000001", "340282366920938463463", "1e21"]));
    if way.era == Era::Legacy {
        all.extend(flat("amount"));
    }
    all.extend(of(&NUMBERS));
    all
}

/// What a call counts, if all readers agree that it counts something.
fn amount(arguments: &Exact) -> Option<u128> {
    if !is_certain(arguments, &["amount"]) {
        return None;
    }
    match &views(arguments, &["amount"])[..] {
        [View::Exact(exact), ..] => exact.units(),
        _ => None,
    }
}

/// The sum of what the upstream received, read anew from its own bytes.
fn seen(rig: &Rig) -> u128 {
    let entries = rig.ledger().entries();
    let texts = entries.iter().map(|entry| String::from_utf8(entry.raw.clone()).unwrap());
    let amounts = texts.filter(|text| text.contains("tools/call")).map(|text| {
        let message = Exact::read(&text).unwrap();
        let amount = message.named("params")[0].named("arguments")[0].named("amount")[0].clone();
        let Exact::Number(literal) = amount else { panic!("no amount: {text}") };
        Number::read(&literal).unwrap().units().unwrap()
    });
    amounts.sum()
}
