//! Reading server-sent events: push bytes, pull events.

use std::collections::VecDeque;

/// One event as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: Option<String>,
    pub event: Option<String>,
    pub data: String,
    pub retry_ms: Option<u64>,
}

/// Cuts a byte stream into events; comments are dropped.
#[derive(Debug, Default)]
pub struct EventReader {
    pending: Vec<u8>,
    current: Option<Event>,
    ready: VecDeque<Event>,
}

impl EventReader {
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            self.line(line.trim_end_matches(['\n', '\r']));
        }
    }

    pub fn pull(&mut self) -> Option<Event> {
        self.ready.pop_front()
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() {
            self.ready.extend(self.current.take());
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        if field.is_empty() {
            return;
        }
        let fresh = self.current.is_none();
        let event = self.current.get_or_insert_default();
        match field {
            "data" if fresh || event.data.is_empty() => value.clone_into(&mut event.data),
            "data" => {
                event.data.push('\n');
                event.data.push_str(value);
            }
            "event" => event.event = Some(value.to_owned()),
            "id" => event.id = Some(value.to_owned()),
            "retry" => event.retry_ms = value.parse().ok(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, EventReader};

    #[test]
    fn cuts_anywhere_give_the_same_events() {
        let text =
            b": hello\nid: 1\nretry: 10\ndata: \n\nevent: message\r\ndata: a\ndata: b\r\n\r\ndata";
        let mut whole = EventReader::default();
        whole.push(text);
        let expected = [
            Event { id: Some("1".into()), retry_ms: Some(10), ..Event::default() },
            Event { event: Some("message".into()), data: "a\nb".into(), ..Event::default() },
        ];
        assert_eq!(std::iter::from_fn(|| whole.pull()).collect::<Vec<_>>(), expected);
        let mut single = EventReader::default();
        for byte in text {
            single.push(&[*byte]);
        }
        assert_eq!(std::iter::from_fn(|| single.pull()).collect::<Vec<_>>(), expected);
    }
}
