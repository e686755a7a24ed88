//! What is allowed goes through as it came, byte for byte, and so does what comes back.

use serde_json::{Value, json};
use toolgate_testkit::{Ledger, Pipe, Web, WebReply, modern_params};

use crate::rig::{Door, Era, GUARDED, Rig, answer, call_text, settle, shake};
use crate::scripted::{self, Scripted};

/// Odd but legal requests, their id left open. All may pass, and no rule reads their arguments.
fn requests() -> Vec<String> {
    let mut all: Vec<_> = lines(include_str!("transparency/requests.jsonl")).collect();
    let call = |arguments: &str| call_text(Era::Legacy, "ID", "nothing", arguments);
    let (open, close) = (r#"{"a":["#.repeat(29), "]}".repeat(29));
    all.push(call(&format!("{open}1{close}")));
    all.push(call(&format!(r#"{{"a":"{}"}}"#, "0123456789".repeat(20_000))));
    all
}

/// The lines of a file as they are: white space at their ends belongs to them.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.split_terminator('\n').map(str::to_owned)
}

/// Ids as a client may write them.
const IDS: [&str; 5] = ["1", "-7", r#""\u0061b""#, r#""é😀""#, "9007199254740991"];

fn with_ids() -> Vec<(Value, String)> {
    let ids = IDS.iter().cycle();
    let texts = requests().into_iter().zip(ids);
    texts
        .map(|(text, id)| (serde_json::from_str(id).unwrap(), text.replacen("ID", id, 1)))
        .collect()
}

/// Bytes in are bytes out, on a pipe with nothing between two lines but a line end.
#[tokio::test]
async fn a_child_reads_what_the_client_wrote() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    let mut sent = Vec::new();
    for (id, text) in with_ids() {
        pipe.exchange(&id, &text).await.unwrap();
        sent.extend_from_slice(text.as_bytes());
        sent.push(b'\n');
    }
    let notes = [
        r#"{"method":"notifications/initialized","jsonrpc":"2.0"}"#,
        r#" {"jsonrpc":"2.0","method":"notifications/progress","params":{"message":"\u0061"}} "#,
        r#"{"jsonrpc":"2.0","method":"notifications\/roots\/list_changed","params":{"x":1e2}}"#,
    ];
    for note in notes {
        pipe.send_line(note).await.unwrap();
        sent.extend_from_slice(note.as_bytes());
        sent.push(b'\n');
    }
    // A reader that cannot read this number answers without an id: nobody waits for it here.
    let infinite = call_text(Era::Legacy, r#""i""#, "nothing", r#"{"a":1e400,"b":-1e-400}"#);
    pipe.send_line(&infinite).await.unwrap();
    sent.extend_from_slice(infinite.as_bytes());
    sent.push(b'\n');
    rig.ledger()
        .until(|entries| entries.iter().any(|entry| entry.raw == infinite.as_bytes()))
        .await;
    assert_same(&rig.ledger().raw_bytes(), &sent);
}

#[track_caller]
fn assert_same(found: &[u8], expected: &[u8]) {
    let differs = found.iter().zip(expected).position(|(a, b)| a != b);
    let at = differs.unwrap_or(found.len().min(expected.len()));
    let near = |bytes: &[u8]| {
        let part = &bytes[at.saturating_sub(60).min(bytes.len())..(at + 60).min(bytes.len())];
        String::from_utf8_lossy(part).into_owned()
    };
    assert!(found == expected, "at {at}: `{}`, not `{}`", near(found), near(expected));
}

/// Line ends between tokens, and what other readers take for line ends, cannot stay on a pipe.
#[tokio::test]
async fn a_message_stays_one_line_for_every_reader_of_lines() {
    let hidden = "{\"jsonrpc\":\"2.0\",\"id\":1,\r\"method\":\"tools/call\",\r\r\"params\":{\
                  \"name\":\"nothing\",\"arguments\":{\"a\":\"x\u{2028}y\u{2029}z\u{85}\"}\r}}";
    let rig = Rig::new(GUARDED).sentinel(&["--universal-newlines"]);
    let pipe = rig.pipe();
    pipe.exchange(&json!(1), hidden).await.unwrap();
    let plain = hidden.replace('\r', " ").replace('\u{2028}', "\\u2028");
    let plain = plain.replace('\u{2029}', "\\u2029").replace('\u{85}', "\\u0085") + "\n";
    assert_same(&rig.ledger().raw_bytes(), plain.as_bytes());

    // Over HTTP a body may have as many lines as it likes.
    let pretty = hidden.replace('\r', "\r\n  ");
    let door = rig.door().await;
    let web = door.web();
    shake(&web).await;
    let before = rig.ledger().raw_bytes().len();
    answer(web.post(pretty.clone(), &[]).await, &json!(1)).await;
    let one = plain.replace(' ', "    ");
    assert_same(&rig.ledger().raw_bytes()[before..], one.as_bytes());

    // A call that hides in the white space of another, for a reader that ends lines at CR.
    let call = call_text(Era::Legacy, "8", "delete_customer", "{}");
    let smuggled = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\",\"params\":{{\"a\":\r{call}\r}}}}"
    );
    pipe.exchange(&json!(9), smuggled).await.unwrap();
    settle(&pipe).await;
    assert!(rig.ledger().calls_of("delete_customer").is_empty());
}

/// However the pipe cuts them, lines are lines.
#[tokio::test]
async fn messages_in_small_pieces_are_whole_messages() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    let answer = pipe.expect(&json!(2)).unwrap();
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let call = call_text(Era::Legacy, "2", "nonce", "{\"nonce\":\"é😀\"}");
    let lines = format!("{ping}\n{call}\n");
    for piece in lines.as_bytes().chunks(3) {
        pipe.send_raw(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(answer.await.unwrap().json["result"]["content"][0]["text"], "é😀");
    assert_same(&rig.ledger().raw_bytes(), lines.as_bytes());
}

/// A client that writes a file and then reads it may send both at once: servers take calls in the
/// order of their lines.
#[tokio::test]
async fn calls_reach_a_child_in_the_order_of_their_lines() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    let ids: Vec<_> = (1..=20).collect();
    let call = |id: &i32| call_text(Era::Legacy, &id.to_string(), "nonce", "{}") + "\n";
    let lines: String = ids.iter().map(call).collect();
    let answers: Vec<_> = ids.iter().map(|id| pipe.expect(&json!(id)).unwrap()).collect();
    pipe.send_raw(&lines).await.unwrap();
    for answer in answers {
        answer.await.unwrap();
    }
    assert_same(&rig.ledger().raw_bytes(), lines.as_bytes());
}

/// A line end of two characters is a line end.
#[tokio::test]
async fn a_carriage_return_before_the_line_end_is_no_part_of_the_message() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    let line = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    pipe.exchange(&json!(1), format!("{line}\r")).await.unwrap();
    assert_same(&rig.ledger().raw_bytes(), format!("{line}\n").as_bytes());
}

/// The bodies that a server over HTTP received.
fn bodies(ledger: &Ledger) -> Vec<Vec<u8>> {
    let posts = ledger.entries().into_iter();
    posts.filter(|entry| !entry.raw.is_empty()).map(|entry| entry.raw).collect()
}

#[tokio::test]
async fn a_server_over_http_reads_what_the_client_wrote() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    pipe.open().await;
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let web = door.web();
    web.open().await;
    for (id, text) in with_ids() {
        pipe.exchange(&id, &text).await.unwrap();
        assert_same(bodies(&rig.ledger()).last().unwrap(), text.as_bytes());
        let pretty = text.replace("\"params\"", "\r\n\n\t \"params\"");
        answer(web.post(pretty.clone(), &[]).await, &id).await;
        assert_same(bodies(&rig.ledger()).last().unwrap(), pretty.as_bytes());
    }
    let infinite = call_text(Era::Legacy, "1", "nothing", r#"{"a":1e400}"#);
    web.post(infinite.clone(), &[]).await;
    assert_same(bodies(&rig.ledger()).last().unwrap(), infinite.as_bytes());
}

/// A shared server gets another id and another progress token; all else is as it came.
#[tokio::test]
async fn a_shared_child_reads_all_but_the_ids_as_the_client_wrote_it() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web: Web = door.web();
    let params = modern_params(&Value::Null, &json!({}));
    let meta = params["_meta"].to_string();
    for text in
        requests().into_iter().filter(|text| text.contains(r#""name":"nothing","arguments":"#))
    {
        let bare = text.replace(r#","_meta":{"com.example/x""#, r#","other":{"com.example/x""#);
        let end = bare.rfind("}}").unwrap();
        let meta = format!(r#","_meta":{{"progressToken" : TOKEN,{}"#, &meta[1..]);
        let modern = format!("{}{meta}{}", &bare[..end], &bare[end..]);
        let body = modern.replacen("ID", r#""\u0061""#, 1).replacen("TOKEN", r#""t""#, 1);
        let headers = crate::rig::modern_headers("tools/call", "nothing");
        let reply = web.post(body, &headers).await;
        assert_eq!(reply.status, 200);
        assert_eq!(answer(reply, &json!("a")).await["id"], "a");
        let entry = rig.ledger().entries().pop().unwrap();
        let wire = entry.json.unwrap()["id"].to_string();
        assert!(wire.bytes().all(|byte| byte.is_ascii_digit()), "{wire}");
        let expected = modern.replacen("ID", &wire, 1).replacen("TOKEN", &wire, 1);
        assert_same(&entry.raw, expected.as_bytes());
    }
}

/// Odd but legal answers to the id 1.
fn answers() -> Vec<String> {
    let mut all: Vec<_> = lines(include_str!("transparency/answers.jsonl")).collect();
    let long = "0123456789".repeat(200_000);
    all.push(format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"a":"{long}"}}}}"#));
    all
}

#[tokio::test]
async fn the_client_reads_what_a_child_wrote() {
    let rig = Rig::new(GUARDED);
    let said = answers();
    let texts: Vec<&[u8]> = said.iter().map(String::as_bytes).collect();
    let (program, args) = scripted::child(&rig.scratch, &texts);
    let pipe = Pipe::spawn(rig.before(&program, &args));
    let line = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nothing"}}"#;
    for said in &said {
        // Some are not what this client's own reader takes for JSON: it matches no id then.
        let answer = pipe.expect(&json!(1)).unwrap();
        pipe.send_line(line).await.unwrap();
        let heard = tokio::select! {
            heard = answer => heard.unwrap(),
            heard = pipe.next_message() => heard.unwrap(),
        };
        assert_same(&heard.raw, said.as_bytes());
    }
}

/// The one answer, whatever its form.
async fn answer_of(reply: WebReply) -> Vec<u8> {
    if !reply.is_events() {
        return reply.bytes().await;
    }
    reply.events().next().await.unwrap().data.into_bytes()
}

#[tokio::test]
async fn the_client_reads_what_a_server_over_http_wrote() {
    let line = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nothing"}}"#;
    let said = answers();
    for wrap in [|said: &String| scripted::json(said), |said: &String| scripted::event(said)] {
        let rig = Rig::new(GUARDED);
        let upstream = Scripted::start(said.iter().map(wrap).collect()).await;
        let pipe = Pipe::spawn(rig.before_url(&upstream.url));
        for said in &said {
            let answer = pipe.expect(&json!(1)).unwrap();
            pipe.send_line(line).await.unwrap();
            let heard = tokio::select! {
                heard = answer => heard.unwrap(),
                heard = pipe.next_message() => heard.unwrap(),
            };
            assert_same(&heard.raw, said.as_bytes());
        }
        let upstream = Scripted::start(said.iter().map(wrap).collect()).await;
        let door = Door::open(rig.before_url(&upstream.url)).await;
        for said in &said {
            let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                              "params": modern_params(&json!({"name": "nothing"}), &json!({}))});
            let headers = crate::rig::modern_headers("tools/call", "nothing");
            let reply = door.web().post(body.to_string(), &headers).await;
            assert_eq!(reply.status, 200);
            assert_same(&answer_of(reply).await, said.as_bytes());
        }
    }
}
