//! The least HTTP/1.1 that a client needs, on a blocking socket: what it costs is small, and the
//! same for every arm.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use xtask::Result;

use crate::call::{self, find};

/// Where requests go, and what they carry.
#[derive(Clone, Default)]
pub(crate) struct Place {
    authority: String,
    path: String,
    token: Option<String>,
    pub(crate) session: Option<String>,
}

impl Place {
    pub(crate) fn new(url: &str, token: Option<String>) -> Result<Self> {
        let rest = url.strip_prefix("http://").ok_or_else(|| format!("`{url}` is not http"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self { authority: authority.into(), path: format!("/{path}"), token, session: None })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.path)
    }

    /// The whole text of a POST with this message.
    pub(crate) fn request(&self, message: &str) -> Vec<u8> {
        let mut head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: {}\r\n",
            self.path,
            self.authority,
            call::VERSION,
        );
        if let Some(token) = &self.token {
            head.extend(["Authorization: Bearer ", token, "\r\n"]);
        }
        if let Some(session) = &self.session {
            head.extend(["Mcp-Session-Id: ", session, "\r\n"]);
        }
        format!("{head}Content-Length: {}\r\n\r\n{message}", message.len()).into_bytes()
    }
}

pub(crate) struct Connection {
    stream: TcpStream,
    /// The response that is being read, and the part of it that has come.
    buffer: Vec<u8>,
    filled: usize,
}

pub(crate) struct Response<'a> {
    head: &'a str,
    pub(crate) body: &'a [u8],
}

impl Connection {
    const TIMEOUT: Duration = Duration::from_secs(10);

    pub(crate) fn open(place: &Place) -> Result<Self> {
        let stream = TcpStream::connect(&place.authority)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Self::TIMEOUT))?;
        stream.set_write_timeout(Some(Self::TIMEOUT))?;
        Ok(Self { stream, buffer: vec![0; 256 * 1024], filled: 0 })
    }

    /// Sends a request and reads the whole response to it.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<Response<'_>> {
        self.stream.write_all(request)?;
        self.filled = 0;
        let body_at = loop {
            self.read_more()?;
            if let Some(at) = find(&self.buffer[..self.filled], b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..body_at])?;
        let end = body_at + body_length(head)?;
        self.buffer.resize(self.buffer.len().max(end + 1), 0);
        while self.filled < end {
            self.read_more()?;
        }
        let head = std::str::from_utf8(&self.buffer[..body_at])?;
        if self.filled > end || !head.starts_with("HTTP/1.1 2") {
            let text = String::from_utf8_lossy(&self.buffer[..self.filled.min(600)]);
            return Err(format!("not the response that was expected: {text}").into());
        }
        Ok(Response { head, body: &self.buffer[body_at..end] })
    }

    fn read_more(&mut self) -> Result {
        match self.stream.read(&mut self.buffer[self.filled..])? {
            0 => Err("it closed the connection".into()),
            count => {
                self.filled += count;
                Ok(())
            }
        }
    }
}

impl<'a> Response<'a> {
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        header(self.head, name)
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn body_length(head: &str) -> Result<usize> {
    match header(head, "content-length") {
        Some(length) => Ok(length.parse()?),
        None => Err(format!("a response without Content-Length: {head}").into()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one request by these pieces and gives back what it read.
    fn exchange(pieces: &'static [&'static str]) -> Result<(String, String)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let place = Place::new(&format!("http://{}/mcp", listener.local_addr()?), None)?;
        let server = thread::spawn(move || -> Result<String> {
            let (mut stream, _) = listener.accept()?;
            let mut request = [0; 4096];
            let count = stream.read(&mut request)?;
            for piece in pieces {
                stream.write_all(piece.as_bytes())?;
                stream.flush()?;
            }
            Ok(String::from_utf8_lossy(&request[..count]).into_owned())
        });
        let mut connection = Connection::open(&place)?;
        let body = connection.exchange(&place.request("{}")).map(|response| response.body.to_vec());
        let request = server.join().map_err(|_| "the server panicked")??;
        Ok((request, String::from_utf8(body?)?))
    }

    #[test]
    fn a_response_in_pieces_is_read_to_its_end() {
        let pieces = &["HTTP/1.1 200 OK\r\ncontent-len", "gth: 4\r\n\r\nab", "cd"];
        let (request, body) = exchange(pieces).unwrap();
        assert!(request.starts_with("POST /mcp HTTP/1.1\r\n"), "{request}");
        assert!(request.ends_with("\r\nContent-Length: 2\r\n\r\n{}"), "{request}");
        assert_eq!(body, "abcd");
    }

    #[test]
    fn only_a_whole_success_is_a_response() {
        assert!(exchange(&["HTTP/1.1 200 OK\r\n\r\n"]).is_err());
        assert!(exchange(&["HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"]).is_err());
        assert!(exchange(&["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"]).is_err());
        assert!(exchange(&["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"]).is_err());
    }
}
