//! What holds for every input.

use bytes::Bytes;
use proptest::prelude::*;
use toolgate_json::{Document, Reading, canonical};
use toolgate_protocol::frame::{Event, Events, Frame, Line, Lines, event};
use toolgate_protocol::list::{self, List};
use toolgate_protocol::meta::strip_reserved;
use toolgate_protocol::{Message, MessageKind, Side, batch, one_line, splice};

/// Texts that are nearly messages: pieces that matter, in any order.
fn near_message() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "\r",
        "\t",
        "\"jsonrpc\":\"2.0\"",
        "\"id\":1",
        "\"id\":\"a\"",
        "\"method\":\"tools/call\"",
        "\"method\":\"ping\"",
        "\"params\":",
        "\"name\":\"x\"",
        "\"Name\":\"x\"",
        "\"arguments\":{}",
        "\"_meta\":{",
        "\"result\":{}",
        "\"error\":{}",
        "\"a\\u0000\"",
        "\"\\ud800\"",
        "\"dev.toolgate/x\":1",
        "\"tools\":[",
        "null",
        "true",
        "-0",
        "1e400",
        "\u{2028}",
        "\u{feff}",
        "é",
        "\0",
        "\\",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// JSON values as text, with white space, escapes and duplicate keys.
fn json() -> impl Strategy<Value = String> {
    let string = prop::sample::select(vec![
        "\"a\"",
        "\"name\"",
        "\"tools\"",
        "\"_meta\"",
        "\"dev.toolgate/x\"",
        "\"dev.toolgate\\/y\"",
        "\"\\u005fmeta\"",
        "\"é\u{2028}\u{85}\u{2029}\"",
        "\"\\r\\n\"",
        "\"\\ud83d\\ude00\"",
        "\"\"",
        "\"result\"",
        "\"cacheScope\"",
        "\"ttlMs\"",
        "\"public\"",
    ]);
    let leaf = prop_oneof![
        string.clone().prop_map(str::to_owned),
        prop::sample::select(vec!["1", "-0.5e3", "300000", "true", "null"]).prop_map(str::to_owned),
    ];
    let space = prop::sample::select(vec!["", " ", "\n", "\r", "\r\n", "\t"]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        let member = (string.clone(), inner.clone(), space.clone());
        prop_oneof![
            (prop::collection::vec(inner, 0..5), space.clone())
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(","))),
            prop::collection::vec(member, 0..6).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(key, value, space)| format!("{space}{key}{space}:{space}{value}{space}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn document(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Plain).unwrap()
}

fn canon(text: &[u8]) -> Vec<u8> {
    let document = Document::parse(Bytes::copy_from_slice(text), Reading::Plain).unwrap();
    let mut out = Vec::new();
    canonical(document.root(), &mut out);
    out
}

/// Cuts `bytes` at the given places.
fn chunks<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

fn lines(chunks: &[&[u8]]) -> Vec<Line> {
    let mut reader = Lines::new(8);
    let mut out = Vec::new();
    for chunk in chunks {
        reader.push(chunk);
        out.extend(std::iter::from_fn(|| reader.next_line()));
    }
    out
}

fn events(chunks: &[&[u8]], size_bytes_max: usize) -> Vec<Frame> {
    let mut reader = Events::new(size_bytes_max);
    let mut out = Vec::new();
    for chunk in chunks {
        reader.push(chunk);
        out.extend(std::iter::from_fn(|| reader.next_frame()));
    }
    out
}

fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "\n",
        "\r",
        "\r\n",
        "\n\n",
        "data: ",
        "data:{}",
        "data",
        "id: 1",
        "id",
        ":",
        ": c",
        "event: m",
        "retry: 5",
        "retry: x",
        "\u{feff}",
        "a",
        "0123456789",
        "\0",
        "é",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

/// A second reading of the standard, line by line over the whole text, without limits.
fn plain_events(text: &[u8]) -> Vec<Event> {
    let text = String::from_utf8(text.to_vec()).unwrap();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = Vec::new();
    let Some((whole, _)) = text.rsplit_once("\n\n") else { return out };
    for block in format!("{whole}\n").split_inclusive("\n\n") {
        out.extend(plain_event(block));
    }
    out
}

fn plain_event(block: &str) -> Option<Event> {
    let mut event = Event::default();
    let mut data: Vec<&str> = Vec::new();
    for line in block.lines() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => data.push(value),
            "event" => event.event = Some(value.to_owned()),
            "id" if !value.contains('\0') => event.id = Some(value.to_owned()),
            "retry" => event.retry_ms = value.parse().ok().or(event.retry_ms),
            _ => {}
        }
    }
    event.data = (!data.is_empty()).then(|| Bytes::from(data.join("\n")));
    (event != Event::default()).then_some(event)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_bytes_break_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = Bytes::from(bytes);
        for side in [Side::Client, Side::Server] {
            if let Err(refusal) = Message::read(bytes.clone(), side) {
                canon(&refusal.to_bytes());
            }
        }
        drop(batch(&bytes));
        drop(events(&[&bytes], 50));
        drop(lines(&[&bytes]));
    }

    #[test]
    fn a_refusal_is_always_an_answer(text in near_message()) {
        for side in [Side::Client, Side::Server] {
            let Err(refusal) = Message::read(Bytes::from(text.clone()), side) else { continue };
            let answer = Message::read(refusal.to_bytes(), Side::Server).unwrap();
            prop_assert_eq!(answer.kind(), MessageKind::Response);
            prop_assert_eq!(answer.id().map(|id| id.raw().to_vec()), refusal.id);
        }
    }

    /// Another reader sees in an accepted call what was judged.
    #[test]
    fn what_is_accepted_reads_alike_elsewhere(name in any::<String>(), arguments in json()) {
        let name = serde_json::to_string(&name).unwrap();
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":{name},"arguments":{arguments}}}}}"#
        );
        let Ok(message) = Message::read(Bytes::from(text), Side::Client) else { return Ok(()) };
        let call = message.tool_call().unwrap();
        let other: serde_json::Value = serde_json::from_slice(message.bytes()).unwrap();
        prop_assert_eq!(other["params"]["name"].as_str(), Some(call.name.as_str()));
        let judged = message.document().at(call.arguments.unwrap()).raw();
        let judged: serde_json::Value = serde_json::from_slice(judged).unwrap();
        prop_assert_eq!(&other["params"]["arguments"], &judged);
    }

    #[test]
    fn an_accepted_message_leaves_as_it_came(arguments in json()) {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"a","arguments":{arguments}}}}}"#
        );
        let bytes = Bytes::from(text);
        let Ok(message) = Message::read(bytes.clone(), Side::Client) else { return Ok(()) };
        prop_assert_eq!(message.bytes(), &bytes);
        let line = one_line(message.document());
        let ends: &[char] = &['\r', '\n', '\u{85}', '\u{2028}', '\u{2029}'];
        prop_assert_eq!(canon(&line), canon(&bytes));
        prop_assert!(!std::str::from_utf8(&line).unwrap().contains(ends));
        let had_none = !std::str::from_utf8(&bytes).unwrap().contains(ends);
        prop_assert!(!had_none || line == bytes);
    }

    #[test]
    fn a_splice_changes_its_ranges_only(
        text in prop::collection::vec(any::<u8>(), 0..40),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        new in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        let mut places: Vec<usize> = places.iter().map(|p| p.index(text.len() + 1)).collect();
        places.sort_unstable();
        let edits: Vec<_> = places.chunks_exact(2).map(|p| (p[0]..p[1], &new[..])).collect();
        let mut expected = text.clone();
        for (range, new) in edits.iter().rev() {
            expected.splice(range.clone(), new.iter().copied());
        }
        prop_assert_eq!(splice(&text, &edits), expected);
    }

    #[test]
    fn chunks_make_no_difference_to_lines(
        bytes in prop::collection::vec(prop::sample::select(b"abcdef\n\n\r ".to_vec()), 0..80),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let whole = lines(&[&bytes]);
        prop_assert_eq!(&lines(&chunks(&bytes, &cuts)), &whole);
        let texts = bytes.split_inclusive(|b| *b == b'\n').filter(|line| line.ends_with(b"\n"));
        let expected: Vec<Line> = texts
            .map(|line| &line[..line.len() - 1])
            .filter(|line| !line.strip_suffix(b"\r").unwrap_or(line).is_empty())
            .map(|line| match line.len() {
                0..=8 => Line::Text(Bytes::copy_from_slice(line.strip_suffix(b"\r").unwrap_or(line))),
                _ => Line::TooLong,
            })
            .collect();
        // An over-long line is told before its end has come.
        prop_assert!(whole == expected || whole == [&expected[..], &[Line::TooLong]].concat());
    }

    #[test]
    fn chunks_make_no_difference_to_events(
        bytes in stream(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        size_bytes_max in 4_usize..40,
    ) {
        let whole = events(&[&bytes], size_bytes_max);
        prop_assert_eq!(events(&chunks(&bytes, &cuts), size_bytes_max), whole);
    }

    #[test]
    fn events_are_what_the_standard_says(bytes in stream()) {
        let found = events(&[&bytes], usize::MAX >> 1);
        let found: Vec<Event> = found
            .into_iter()
            .filter_map(|frame| match frame {
                Frame::Event(event) => Some(event),
                Frame::Comment | Frame::TooLong => None,
            })
            .collect();
        prop_assert_eq!(found, plain_events(&bytes));
    }

    #[test]
    fn written_events_read_back(
        id in prop::option::of("[a-z:\u{e9} ]{0,5}"),
        name in prop::option::of("[a-z]{1,5}"),
        data in prop::option::of("[a-z:\n{} \u{2028}]{0,20}"),
        retry_ms in prop::option::of(any::<u64>()),
    ) {
        let one = Event { id, event: name, data: data.map(Bytes::from), retry_ms };
        let expected: Vec<Frame> =
            (one != Event::default()).then(|| Frame::Event(one.clone())).into_iter().collect();
        prop_assert_eq!(events(&[&event(&one)], 9999), expected);
    }

    /// Filtering and stripping leave legal JSON, have nothing left to do the second time, and
    /// take away or cap, never add a tool.
    #[test]
    fn filters_are_final(text in json()) {
        for text in [text.clone(), format!("{{\"result\":{text}}}"), format!("{{\"result\":{{\"tools\":{text}}}}}")] {
            if let Some(out) = strip_reserved(&document(&text)) {
                canon(&out);
                prop_assert!(out.len() < text.len());
                prop_assert_eq!(strip_reserved(&again(&out)), None);
            }
            let keep = |name: &str| name == "a";
            if let Some(out) = list::keep(&document(&text), List::Tools, keep) {
                canon(&out);
                prop_assert_eq!(list::keep(&again(&out), List::Tools, keep), None);
            }
        }
    }
}

fn again(out: &[u8]) -> Document {
    document(std::str::from_utf8(out).unwrap())
}
