//! The little of a browser that a measurement needs: one request, one connection, one cookie.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use xtask::Result;

pub(crate) struct Browser {
    address: String,
    cookie: String,
}

impl Browser {
    pub(crate) fn new(address: &str) -> Self {
        Self { address: address.to_owned(), cookie: String::new() }
    }

    pub(crate) fn sign_in(&mut self, token: &str) -> Result {
        let form = self.send("GET", "/sign-in", "", "")?;
        self.cookie = cookie(&form)?;
        let (_, rest) = form.split_once("name=\"nonce\" value=\"").ok_or("no nonce")?;
        let nonce = rest.split('"').next().unwrap_or_default();
        let body = format!("nonce={nonce}&token={token}");
        let headers = format!(
            "content-type: application/x-www-form-urlencoded\r\norigin: http://{}\r\n",
            self.address
        );
        let reply = self.send("POST", "/sign-in", &headers, &body)?;
        let set = reply.lines().find(|line| line.contains("toolgate_session=")).ok_or("refused")?;
        self.cookie = cookie(set)?;
        Ok(())
    }

    pub(crate) fn page(&self, path: &str) -> Result<String> {
        let reply = self.send("GET", path, "", "")?;
        if !reply.starts_with("HTTP/1.1 200 ") {
            return Err(format!("{path}: {}", reply.lines().next().unwrap_or_default()).into());
        }
        Ok(reply)
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        let (host, cookie, length) = (&self.address, &self.cookie, body.len());
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n{headers}\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    }
}

fn cookie(reply: &str) -> Result<String> {
    let (_, rest) = reply.split_once("set-cookie: ").ok_or("no cookie")?;
    Ok(rest.split(';').next().unwrap_or_default().to_owned())
}
