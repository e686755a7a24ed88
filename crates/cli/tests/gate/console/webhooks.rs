//! Questions told to others, and their signed answers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::Method;
use serde_json::{Value, json};
use toolgate_store::SigningKey;
use toolgate_testkit::{Collector, GUARD, Web};

use super::desk::{ASKED, Desk};
use crate::rig::Rig;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A desk whose policy tells `url`.
async fn desk(url: &str) -> Desk {
    let webhook =
        format!("hold: 0s, notify: {{webhook: {{url: \"{url}/hook\", secret: \"env:HOOK\"}}}}");
    let rig = Rig::new(&ASKED.replace("hold: 0s", &webhook)).env("HOOK", SECRET);
    Desk::open_with(rig).await
}

/// What the receiver has taken once there is as much.
async fn told(receiver: &Collector, count: usize) -> Vec<Value> {
    let polled = async {
        loop {
            let taken = receiver.taken();
            if taken.len() >= count {
                return taken.into_iter().map(|(_, body)| body).collect();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, polled).await.unwrap()
}

/// A signed answer, sent with these headers.
struct Answer<'a> {
    desk: &'a Desk,
    secret: &'a str,
    delivery: &'a str,
    at_s: u64,
}

impl Answer<'_> {
    async fn send(&self, body: &Value) -> (u16, Value) {
        let body = body.to_string();
        let key = SigningKey::of(self.secret.as_bytes()).unwrap();
        let signature = key.sign(self.delivery, self.at_s, body.as_bytes());
        self.send_as(&signature, body).await
    }

    async fn send_as(&self, signature: &str, body: String) -> (u16, Value) {
        let at = self.at_s.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", self.delivery),
            ("webhook-timestamp", &at),
            ("webhook-signature", signature),
        ];
        let web = Web::new(format!("{}/api/v1/approvals/answers", self.desk.url));
        let reply = web.send(Method::POST, &headers, body).await.unwrap();
        (reply.status, reply.json().await)
    }
}

fn answer<'a>(desk: &'a Desk, delivery: &'a str) -> Answer<'a> {
    Answer { desk, secret: SECRET, delivery, at_s: now_s() }
}

fn yes(id: &str) -> Value {
    json!({"id": id, "decision": "approve", "by": "olga", "reason": "fine"})
}

#[tokio::test]
async fn a_question_is_told_signed_and_a_signed_yes_lets_the_call_pass() {
    let receiver = Collector::start().await;
    let desk = desk(&receiver.url).await;
    let id = desk.ask("hi").await;
    let message = told(&receiver, 1).await.remove(0);
    assert_eq!((&message["type"], &message["id"]), (&json!("approval.asked"), &json!(id)));
    assert_eq!(message["arguments"], json!({"message": "hi"}));
    assert_eq!((&message["server"], &message["tool"]), (&json!("a"), &json!("echo")));
    let header = |name: &str| receiver.headers(name)[0].clone().unwrap();
    assert!(header("webhook-signature").starts_with("v1,"));
    assert!(header("webhook-timestamp").parse::<u64>().unwrap().abs_diff(now_s()) < 60);
    assert!(header("webhook-id").starts_with("msg_"));
    let (status, told) = answer(&desk, "d1").send(&yes(&id)).await;
    assert_eq!((status, &told["state"]), (200, &json!("approved")), "{told}");
    assert_eq!(told["answer"]["by"], "webhook:olga");
    assert_eq!(desk.again("hi").await, "hi");
    assert_eq!(desk.ledger().calls().len(), 1);
}

/// What was signed is exactly what was sent: checked with the receiver's own eyes.
#[tokio::test]
async fn the_signature_is_over_id_timestamp_and_body() {
    let receiver = Collector::start().await;
    let desk = desk(&receiver.url).await;
    desk.ask("hi").await;
    let body = told(&receiver, 1).await.remove(0);
    let header = |name: &str| receiver.headers(name)[0].clone().unwrap();
    let key = SigningKey::of(SECRET.as_bytes()).unwrap();
    // The collector keeps values, and the message has no white space and an order of its own.
    let at_s = header("webhook-timestamp").parse().unwrap();
    let sent = receiver.texts().remove(0);
    assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), body);
    let signature = key.sign(&header("webhook-id"), at_s, sent.as_bytes());
    assert_eq!(header("webhook-signature"), signature);
}

#[tokio::test]
async fn an_answer_that_is_forged_stale_or_cut_changes_nothing() {
    let receiver = Collector::start().await;
    let desk = desk(&receiver.url).await;
    let id = desk.ask("hi").await;
    let good = answer(&desk, "d1");
    let code = |(status, told): (u16, Value)| {
        let text = told["error"]["text"].as_str().unwrap_or_default().to_owned();
        assert!(!text.is_empty() && !text.contains('\n'), "{told}");
        (status, told["error"]["code"].as_str().unwrap().to_owned())
    };
    let forged = Answer { secret: "another secret of some length", ..answer(&desk, "d1") };
    let signature = (401, "signature".to_owned());
    assert_eq!(code(forged.send(&yes(&id)).await), signature);
    assert_eq!(code(good.send_as("v1,AAAA", yes(&id).to_string()).await), signature);
    assert_eq!(code(good.send_as("", yes(&id).to_string()).await), signature);
    // Signed for another body, another id, another time.
    let key = SigningKey::of(SECRET.as_bytes()).unwrap();
    let no = json!({"id": id, "decision": "deny", "by": "olga"}).to_string();
    let of_no = key.sign("d1", good.at_s, no.as_bytes());
    assert_eq!(code(good.send_as(&of_no, yes(&id).to_string()).await), signature);
    let of_other = key.sign("d2", good.at_s, no.as_bytes());
    assert_eq!(code(good.send_as(&of_other, no.clone()).await), signature);
    for at_s in [now_s() - 400, now_s() + 400, 0] {
        let stale = Answer { at_s, ..answer(&desk, "d1") };
        assert_eq!(code(stale.send(&yes(&id)).await), (401, "stale".to_owned()));
    }
    // What we sent out is no answer, though the same secret signed it.
    let sent = receiver.texts();
    let reflected = match sent.first() {
        Some(sent) => sent.clone(),
        None => json!({"type": "approval.asked", "id": id}).to_string(),
    };
    let signed = key.sign("d1", good.at_s, reflected.as_bytes());
    assert_eq!(code(good.send_as(&signed, reflected).await).0, 400);
    for (name, value) in [
        ("decision", json!("yes")),
        ("decision", json!(true)),
        ("by", json!("")),
        ("by", json!("a b")),
        ("by", json!("a\u{202e}b")),
        ("more", json!(1)),
        ("reason", json!("x".repeat(501))),
    ] {
        let mut body = yes(&id);
        body[name] = value;
        assert_eq!(code(good.send(&body).await).0, 400, "{body}");
    }
    assert_eq!(code(good.send(&yes("apr_0000000000000000")).await), signature);
    assert_eq!(desk.state(&id).await, "pending");
    assert_eq!(good.send(&yes(&id)).await.0, 200);
}

#[tokio::test]
async fn a_replayed_answer_is_refused_for_every_question() {
    let receiver = Collector::start().await;
    let desk = desk(&receiver.url).await;
    let (first, second) = (desk.ask("hi").await, desk.ask("ho").await);
    let once = answer(&desk, "d1");
    assert_eq!(once.send(&yes(&first)).await.0, 200);
    let replayed = once.send(&yes(&first)).await;
    assert_eq!((replayed.0, &replayed.1["error"]["code"]), (409, &json!("replayed")));
    // The same delivery for something else, though properly signed.
    let replayed = once.send(&yes(&second)).await;
    assert_eq!((replayed.0, &replayed.1["error"]["code"]), (409, &json!("replayed")));
    assert_eq!(desk.state(&second).await, "pending");
    let answered = answer(&desk, "d2").send(&yes(&first)).await;
    assert_eq!((answered.0, &answered.1["error"]["code"]), (409, &json!("answered")));
}

/// The secret says that the message is honest, not that whoever it names may answer.
#[tokio::test]
async fn a_signed_answer_is_bound_by_the_same_rules() {
    let receiver = Collector::start().await;
    let desk = desk(&receiver.url).await;
    let id = desk.ask("hi").await;
    let own = json!({"id": id, "decision": "approve", "by": "agent"});
    let (status, told) = answer(&desk, "d1").send(&own).await;
    assert_eq!((status, &told["error"]["code"]), (403, &json!("own_call")), "{told}");
    assert_eq!(desk.state(&id).await, "pending");
}

/// A question whose policy has no webhook is answered by nobody's signature.
#[tokio::test]
async fn without_a_webhook_no_signature_counts() {
    let desk = Desk::open(ASKED).await;
    let id = desk.ask("hi").await;
    let (status, told) = answer(&desk, "d1").send(&yes(&id)).await;
    assert_eq!((status, &told["error"]["code"]), (401, &json!("signature")), "{told}");
    assert_eq!(desk.state(&id).await, "pending");
}

#[tokio::test]
async fn a_receiver_that_is_away_is_tried_again_with_the_same_delivery() {
    let receiver = Collector::start().await;
    receiver.refuse([503, 500]);
    let desk = desk(&receiver.url).await;
    let id = desk.ask("hi").await;
    assert_eq!(told(&receiver, 1).await[0]["id"], json!(id));
    let ids = receiver.headers("webhook-id");
    assert!(ids.len() == 3 && ids.iter().all(|other| *other == ids[0]), "{ids:?}");
}

/// Nobody listens there, or it leads elsewhere: the question waits all the same.
#[tokio::test]
async fn a_broken_webhook_changes_no_decision() {
    let receiver = Collector::start().await;
    receiver.refuse([302]);
    let desk = desk(&receiver.url).await;
    let id = desk.ask("hi").await;
    let said = async {
        while !desk.serving.gateway.stderr().contains("was not told of a question") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, said).await.unwrap();
    assert!(!desk.serving.gateway.stderr().contains(SECRET));
    assert_eq!(desk.state(&id).await, "pending");
    let program = desk.program(&desk.account("ann", "approver"));
    assert_eq!(program.post(&format!("/api/v1/approvals/{id}/approve"), "").await.0, 200);
    assert_eq!(desk.again("hi").await, "hi");
}
