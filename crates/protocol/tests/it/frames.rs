//! Lines and events out of chunks (B61).

use bytes::Bytes;
use toolgate_protocol::frame::{Event, Events, Frame, Line, Lines, SIZE_BYTES_MAX, event};

use crate::support::bytes;

fn lines(chunks: &[&[u8]], size_bytes_max: usize) -> Vec<Line> {
    let mut reader = Lines::new(size_bytes_max);
    let mut out = Vec::new();
    for chunk in chunks {
        reader.push(chunk);
        out.extend(std::iter::from_fn(|| reader.next_line()));
    }
    out
}

fn line(text: &str) -> Line {
    Line::Text(bytes(text))
}

#[test]
fn lines_end_at_lf_alone() {
    let text = "a\u{2028}b\u{85}c\rd\x0be\x0cf\0g\n";
    assert_eq!(lines(&[text.as_bytes()], 99), [line(text.trim_end_matches('\n'))]);
}

#[test]
fn one_cr_before_lf_belongs_to_the_line_end() {
    assert_eq!(lines(&[b"a\r\nb\r\r\n"], 99), [line("a"), line("b\r")]);
    assert_eq!(lines(&[b"a\r", b"\nb\n"], 99), [line("a"), line("b")]);
}

#[test]
fn empty_lines_are_passed_over() {
    assert_eq!(lines(&[b"\n\r\n\n", b"a\n\n"], 99), [line("a")]);
    assert_eq!(lines(&[b" \n"], 99), [line(" ")], "a reader of messages refuses this one");
}

#[test]
fn a_line_without_end_is_not_told() {
    assert_eq!(lines(&[b"a\n{\"cut\":"], 99), [line("a")]);
}

#[test]
fn a_line_over_the_limit_is_told_once_and_the_stream_goes_on() {
    assert_eq!(lines(&[b"abcd\nabcde\nabc\n"], 4), [line("abcd"), Line::TooLong, line("abc")]);
    let mut chunks: Vec<&[u8]> = vec![b"abc"; 50];
    chunks.push(b"\nok\n");
    assert_eq!(lines(&chunks, 4), [Line::TooLong, line("ok")]);
}

#[test]
fn what_waits_for_its_end_is_bounded() {
    let mut reader = Lines::default();
    let chunk = vec![b'x'; 1 << 16];
    let mut told = 0;
    for _ in 0..2 * SIZE_BYTES_MAX / chunk.len() {
        reader.push(&chunk);
        told += usize::from(reader.next_line().is_some());
        assert!(reader.size_bytes() <= SIZE_BYTES_MAX + chunk.len());
    }
    assert_eq!(told, 1);
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

fn data(text: &str) -> Frame {
    Frame::Event(Event { data: Some(bytes(text)), ..Event::default() })
}

#[test]
fn all_three_line_ends_end_lines() {
    for stream in
        ["data: a\n\ndata: b\n\n", "data: a\r\rdata: b\r\r", "data: a\r\n\r\ndata: b\r\n\r\n"]
    {
        assert_eq!(events(&[stream.as_bytes()], 99), [data("a"), data("b")], "{stream:?}");
    }
    assert_eq!(events(&[b"data: a\r", b"\n\r", b"\ndata: b\r\n\n"], 99), [data("a"), data("b")]);
}

#[test]
fn data_lines_are_joined_and_one_space_is_dropped() {
    let stream = "data: a\ndata:b\ndata:  c\ndata\n\n";
    assert_eq!(events(&[stream.as_bytes()], 99), [data("a\nb\n c\n")]);
    assert_eq!(events(&["data: a\u{2028}b\n\n".as_bytes()], 99), [data("a\u{2028}b")]);
}

#[test]
fn every_field_is_read() {
    let stream = b"event: message\nid: 7\nretry: 1500\nunknown: x\ndata: {}\n\n";
    let expected = Event {
        id: Some("7".to_owned()),
        event: Some("message".to_owned()),
        data: Some(Bytes::from_static(b"{}")),
        retry_ms: Some(1500),
    };
    assert_eq!(events(&[stream], 99), [Frame::Event(expected)]);
}

#[test]
fn a_priming_event_has_an_id_and_empty_data() {
    let primed = Event { id: Some("1".to_owned()), data: Some(Bytes::new()), ..Event::default() };
    assert_eq!(events(&[b"id: 1\ndata:\n\n"], 99), [Frame::Event(primed)]);
    let bare = Event { retry_ms: Some(5), ..Event::default() };
    assert_eq!(events(&[b"retry: 5\n\n"], 99), [Frame::Event(bare)]);
}

#[test]
fn broken_ids_and_times_are_ignored() {
    assert_eq!(events(&[b"id: a\0b\nretry: 1s\nretry: -1\ndata: x\n\n"], 99), [data("x")]);
    assert_eq!(events(&[b"retry: 99999999999999999999\ndata: x\n\n"], 99), [data("x")]);
}

#[test]
fn comments_are_told_and_mean_nothing() {
    let stream = b": hello\n\n:\ndata: a\n: inside\n\n";
    let expected = [Frame::Comment, Frame::Comment, Frame::Comment, data("a")];
    assert_eq!(events(&[stream], 99), expected);
}

#[test]
fn a_byte_order_mark_counts_at_the_start_only() {
    assert_eq!(events(&[b"\xef\xbb", b"\xbfdata: a\n\n"], 99), [data("a")]);
    assert_eq!(events(&["data: a\n\n\u{feff}data: b\n\n".as_bytes()], 99), [data("a")]);
}

#[test]
fn an_event_without_its_blank_line_is_not_told() {
    assert_eq!(events(&[b"data: a\n\ndata: cut\n"], 99), [data("a")]);
}

#[test]
fn an_event_over_the_limit_is_told_once_and_the_stream_goes_on() {
    let stream = b"data: 123456\ndata: 123456\ndata: 123456\n\ndata: a\n\n";
    assert_eq!(events(&[stream], 20), [Frame::TooLong, data("a")]);
    assert_eq!(
        events(&[b"data: 0123456789", b"0123456789\n", b"\ndata: a\n\n"], 20),
        [Frame::TooLong, data("a")]
    );
}

#[test]
fn a_written_event_reads_back() {
    let all = Event {
        id: Some("a:b".to_owned()),
        event: Some("message".to_owned()),
        data: Some(Bytes::from_static(b"{\"a\":\n1}")),
        retry_ms: Some(3),
    };
    let written = event(&all);
    assert_eq!(written, "event: message\nid: a:b\nretry: 3\ndata: {\"a\":\ndata: 1}\n\n");
    assert_eq!(events(&[&written], 999), [Frame::Event(all)]);
}

#[test]
fn nothing_written_can_end_an_event_early() {
    let hostile = Event {
        id: Some("1\ndata: {\"forged\":1}".to_owned()),
        event: Some("x\r\rdata: forged".to_owned()),
        data: Some(Bytes::from_static(b"a\r\n\r\nid: 9\rb")),
        retry_ms: None,
    };
    assert_eq!(events(&[&event(&hostile)], 999), [data("a\n\nid: 9\nb")]);
}
