//! The least that a gateway has to read: envelope, params, arguments. The honest floor, on an
//! independent reader.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Result;

#[derive(Deserialize)]
struct Envelope<'a> {
    method: Option<&'a str>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Params<'a> {
    name: &'a str,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

/// The name and the arguments, if the message is a call of a tool.
pub fn tool_call(message: &[u8]) -> Result<Option<(String, Value)>> {
    let envelope: Envelope<'_> = serde_json::from_slice(message)?;
    let (Some("tools/call"), Some(params)) = (envelope.method, envelope.params) else {
        return Ok(None);
    };
    let params: Params<'_> = serde_json::from_str(params.get())?;
    let arguments = match params.arguments {
        Some(arguments) => serde_json::from_str(arguments.get())?,
        None => Value::Null,
    };
    Ok(Some((params.name.to_owned(), arguments)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_and_other_messages_are_not() {
        let call = br#"{"id":1,"method":"tools/call","params":{"name":"a","arguments":{"b":2}}}"#;
        let (name, arguments) = tool_call(call).unwrap().unwrap();
        assert_eq!((name.as_str(), &arguments["b"]), ("a", &Value::from(2)));
        assert!(tool_call(br#"{"id":1,"method":"ping"}"#).unwrap().is_none());
        assert!(tool_call(br#"{"id":1"#).is_err());
    }
}
