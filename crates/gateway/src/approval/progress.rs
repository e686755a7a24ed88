//! What a client hears while its call waits for a person.

use bytes::Bytes;
use toolgate_json::{Document, quote};

/// `notifications/progress` under the client's own token, should it have given one.
#[derive(Debug)]
pub(super) struct Progress {
    token: Vec<u8>,
    told: u32,
}

impl Progress {
    pub(super) fn of(message: &Document) -> Option<Self> {
        let meta = message.root().get("params")?.get("_meta")?;
        Some(Self { token: meta.get("progressToken")?.raw().to_vec(), told: 0 })
    }

    /// The next one. Progress grows in thousandths, so that what the server tells later is more.
    pub(super) fn next(&mut self, id: &str, left_s: u64) -> Bytes {
        self.told += 1;
        let mut out = br#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"#.to_vec();
        out.extend_from_slice(br#""progressToken":"#);
        out.extend_from_slice(&self.token);
        let progress = f64::from(self.told) / 1000.0;
        out.extend_from_slice(format!(r#","progress":{progress},"message":"#).as_bytes());
        let text = format!("waiting for a person to approve {id}, for {left_s} s more");
        quote(&text, &mut out);
        out.extend_from_slice(b"}}");
        out.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use toolgate_json::Reading;

    #[test]
    fn progress_grows_under_the_clients_own_token() {
        let text = br#"{"params":{"_meta":{"progressToken":"a\"b"}}}"#;
        let document = Document::parse(Bytes::from_static(text), Reading::Strict).unwrap();
        let mut progress = Progress::of(&document).unwrap();
        let mut last = 0.0;
        for _ in 0..30 {
            let told = progress.next("apr_1", 10);
            let told = Document::parse(told, Reading::Strict).unwrap();
            let params = told.root().get("params").unwrap();
            assert_eq!(params.get("progressToken").unwrap().raw(), br#""a\"b""#);
            let now: f64 = params.get("progress").unwrap().as_number().unwrap().parse().unwrap();
            assert!(last < now && now < 1.0, "{last} {now}");
            last = now;
        }
        let none = Document::parse(Bytes::from_static(b"{}"), Reading::Strict).unwrap();
        assert!(Progress::of(&none).is_none());
    }
}
