//! The reader: RFC 8259 to the letter, with bounds on depth and size.

use std::collections::HashSet;
use std::fmt;

use crate::document::{Kind, Node};
use crate::text;

/// Arrays and objects inside one another.
pub const DEPTH_MAX: u32 = 64;

/// Whose text it is decides how much doubt is borne.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Refuses duplicate keys and lone surrogates as well, at every level.
    Strict,
    /// Legal JSON as it is: what a server answers, which nobody decides on.
    Plain,
}

/// Why a text was not read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// Offset into the text, in bytes.
    pub at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    ControlCharacter,
    DuplicateKey,
    Escape,
    LoneSurrogate,
    Number,
    TooDeep,
    TooLong,
    Trailing,
    UnexpectedByte,
    UnexpectedEnd,
    Utf8,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::ControlCharacter => "unescaped control character in a string",
            ErrorKind::DuplicateKey => "duplicate key",
            ErrorKind::Escape => "invalid escape in a string",
            ErrorKind::LoneSurrogate => "lone surrogate in a string",
            ErrorKind::Number => "invalid number",
            ErrorKind::TooDeep => "nested too deeply",
            ErrorKind::TooLong => "longer than 4 GiB",
            ErrorKind::Trailing => "more text behind the value",
            ErrorKind::UnexpectedByte => "unexpected character",
            ErrorKind::UnexpectedEnd => "unexpected end",
            ErrorKind::Utf8 => "not UTF-8",
        };
        write!(f, "{what} at byte {}", self.at)
    }
}

impl std::error::Error for Error {}

pub(crate) fn nodes(bytes: &[u8], reading: Reading) -> Result<Vec<Node>, Error> {
    if let Err(e) = std::str::from_utf8(bytes) {
        return Err(Error { kind: ErrorKind::Utf8, at: e.valid_up_to() });
    }
    if u32::try_from(bytes.len()).is_err() {
        return Err(Error { kind: ErrorKind::TooLong, at: 0 });
    }
    let mut reader = Reader { bytes, at: 0, nodes: Vec::with_capacity(32), reading };
    reader.space();
    reader.value(0)?;
    reader.space();
    if reader.at < bytes.len() {
        return Err(reader.error(ErrorKind::Trailing));
    }
    Ok(reader.nodes)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    reading: Reading,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Result<(), Error> {
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Kind::True),
            Some(b'f') => self.word(b"false", Kind::False),
            Some(b'n') => self.word(b"null", Kind::Null),
            _ => Err(self.unexpected()),
        }
    }

    fn object(&mut self, depth: u32) -> Result<(), Error> {
        let node = self.open(Kind::Object, depth)?;
        self.space();
        if !self.take(b'}') {
            self.member(depth)?;
            while self.take(b',') {
                self.member(depth)?;
            }
            self.need(b'}')?;
        }
        self.close(node);
        if self.reading == Reading::Strict { self.refuse_duplicates(node) } else { Ok(()) }
    }

    fn array(&mut self, depth: u32) -> Result<(), Error> {
        let node = self.open(Kind::Array, depth)?;
        self.space();
        if !self.take(b']') {
            self.item(depth)?;
            while self.take(b',') {
                self.item(depth)?;
            }
            self.need(b']')?;
        }
        self.close(node);
        Ok(())
    }

    fn member(&mut self, depth: u32) -> Result<(), Error> {
        self.space();
        if self.peek() != Some(b'"') {
            return Err(self.unexpected());
        }
        self.string()?;
        self.space();
        self.need(b':')?;
        self.item(depth)
    }

    fn item(&mut self, depth: u32) -> Result<(), Error> {
        self.space();
        self.value(depth)?;
        self.space();
        Ok(())
    }

    fn string(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at += text::plain_length(&self.bytes[self.at..]);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += text::escape_length(&self.bytes[self.at..], self.reading)
                        .map_err(|kind| self.error(kind))?;
                }
                Some(_) => return Err(self.error(ErrorKind::ControlCharacter)),
                None => return Err(self.error(ErrorKind::UnexpectedEnd)),
            }
        }
        self.at += 1;
        self.leaf(Kind::String, start, escaped);
        Ok(())
    }

    fn number(&mut self) -> Result<(), Error> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9' | b'.' | b'+' | b'-' | b'a'..=b'z' | b'A'..=b'Z'))
        {
            return Err(self.error(ErrorKind::Number));
        }
        self.leaf(Kind::Number, start, false);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.error(ErrorKind::Number)) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), Error> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.error(ErrorKind::UnexpectedByte));
        }
        let start = self.at;
        self.at += word.len();
        self.leaf(kind, start, false);
        Ok(())
    }

    fn refuse_duplicates(&self, object: usize) -> Result<(), Error> {
        /// Comparing each with each is faster than hashing up to here.
        const FEW: usize = 8;
        let keys = || self.keys(object);
        let duplicate = if keys().nth(FEW).is_none() {
            keys().find(|key| keys().take_while(|at| at < key).any(|at| self.same_key(at, *key)))
        } else {
            let mut seen = HashSet::new();
            keys().find(|key| !seen.insert(self.key(*key)))
        };
        match duplicate {
            Some(key) => {
                Err(Error { kind: ErrorKind::DuplicateKey, at: self.nodes[key].start as usize })
            }
            None => Ok(()),
        }
    }

    /// The nodes of an object's keys; the object is the last thing that was read.
    fn keys(&self, object: usize) -> impl Iterator<Item = usize> {
        let next = |node: usize| self.nodes[node].next as usize;
        let there = |at: usize| (at < self.nodes.len()).then_some(at);
        std::iter::successors(there(object + 1), move |key| there(next(next(*key))))
    }

    fn same_key(&self, a: usize, b: usize) -> bool {
        let (first, second) = (self.nodes[a], self.nodes[b]);
        if first.escaped || second.escaped {
            return self.key(a) == self.key(b);
        }
        let raw = |node: Node| &self.bytes[node.start as usize..node.end as usize];
        raw(first) == raw(second)
    }

    fn key(&self, node: usize) -> std::borrow::Cow<'_, str> {
        let node = self.nodes[node];
        text::unquote(&self.bytes[node.start as usize + 1..node.end as usize - 1], node.escaped)
    }

    fn open(&mut self, kind: Kind, depth: u32) -> Result<usize, Error> {
        if depth > DEPTH_MAX {
            return Err(self.error(ErrorKind::TooDeep));
        }
        let start = position(self.at);
        self.nodes.push(Node { start, end: 0, next: 0, kind, escaped: false });
        self.at += 1;
        Ok(self.nodes.len() - 1)
    }

    fn close(&mut self, node: usize) {
        let next = position(self.nodes.len());
        self.nodes[node].next = next;
        self.nodes[node].end = position(self.at);
    }

    fn leaf(&mut self, kind: Kind, start: usize, escaped: bool) {
        let (start, end) = (position(start), position(self.at));
        let next = position(self.nodes.len() + 1);
        self.nodes.push(Node { start, end, next, kind, escaped });
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn need(&mut self, byte: u8) -> Result<(), Error> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> Error {
        let end = self.at >= self.bytes.len();
        self.error(if end { ErrorKind::UnexpectedEnd } else { ErrorKind::UnexpectedByte })
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error { kind, at: self.at }
    }
}

/// Positions fit: [`nodes`] refuses longer texts.
#[expect(clippy::cast_possible_truncation, reason = "the length was checked on entry")]
fn position(at: usize) -> u32 {
    at as u32
}
