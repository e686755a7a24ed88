//! Counters: negative amounts, fractions, and counters that nothing bounds.

use serde_json::{Value, json};
use toolgate_testkit::Pipe;

use crate::rig::{Rig, assert_denied, denial};

const BUDGET: &str = r#"{"version":"1","default":"deny","tools":{"create_charge":{
    "limits":[{"counter":"spent","window":"day","max":100,"increment_from":"args.amount"}]}}}"#;

async fn charge(pipe: &Pipe, amount: Value) -> Value {
    pipe.call("create_charge", json!({"amount": amount, "currency": "eur", "customer": "c"})).await
}

/// The amounts that went through, in order.
fn charged(rig: &Rig) -> Vec<Value> {
    let calls = rig.ledger().calls_of("create_charge");
    calls.into_iter().map(|call| call.arguments["amount"].clone()).collect()
}

#[tokio::test]
async fn negative_amounts_do_not_lower_a_counter() {
    let rig = Rig::new(BUDGET);
    let pipe = rig.pipe();
    assert_eq!(denial(&charge(&pipe, json!(90)).await), "");
    for amount in [json!(-1_000_000), json!(-0.01), json!(i64::MIN), json!("-50")] {
        assert_denied(&charge(&pipe, amount).await, "amount_invalid");
    }
    let over = charge(&pipe, json!(20)).await;
    assert_denied(&over, "limit");
    assert_eq!(denial(&charge(&pipe, json!(10)).await), "");
    assert_denied(&charge(&pipe, json!(0.01)).await, "limit");
    assert_eq!(charged(&rig), [json!(90), json!(10)]);
}

#[tokio::test]
async fn fractions_are_counted_exactly() {
    let rig = Rig::new(&BUDGET.replace("100", "1"));
    let pipe = rig.pipe();
    assert_eq!(denial(&charge(&pipe, json!(0.99)).await), "");
    assert_denied(&charge(&pipe, json!(0.02)).await, "limit");
    assert_eq!(denial(&charge(&pipe, json!(0.01)).await), "");
    assert_denied(&charge(&pipe, json!(0.000_000_001)).await, "limit");

    // Ten tenths are one: with 64-bit floats they are less.
    let rig = Rig::new(&BUDGET.replace("100", "1"));
    let pipe = rig.pipe();
    for _ in 0..10 {
        assert_eq!(denial(&charge(&pipe, json!(0.1)).await), "");
    }
    assert_denied(&charge(&pipe, json!(0.1)).await, "limit");
    assert_eq!(charged(&rig).len(), 10);
}

#[tokio::test]
async fn what_cannot_be_counted_is_denied() {
    let rig = Rig::new(BUDGET);
    let pipe = rig.pipe();
    for amount in [json!("1"), json!(true), json!(null), json!([1]), json!({"value": 1}), json!("")]
    {
        assert_denied(&charge(&pipe, amount).await, "amount_invalid");
    }
    let without = pipe.call("create_charge", json!({"currency": "eur"})).await;
    assert_denied(&without, "amount_invalid");
    let nothing = pipe.call("create_charge", Value::Null).await;
    assert_denied(&nothing, "amount_invalid");
    assert!(charged(&rig).is_empty());
}

/// The limit stands in a rule of its own, the counter in another.
#[tokio::test]
async fn a_limit_in_a_separate_rule_is_enforced() {
    let rig = Rig::new(
        r#"
version: "1"
default: deny
tools:
  nothing:
    rules:
      - {name: count, state: {counter: calls, window: day}}
      - {name: limit, conditions: [{path: state.nothing.calls, op: lte, value: 2}]}
"#,
    );
    let pipe = rig.pipe();
    for _ in 0..2 {
        assert_eq!(denial(&pipe.call("nothing", Value::Null).await), "");
    }
    for _ in 0..3 {
        assert_denied(&pipe.call("nothing", Value::Null).await, "limit");
    }
    assert_eq!(rig.ledger().calls_of("nothing").len(), 2);
}
