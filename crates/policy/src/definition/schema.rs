//! A tool's JSON Schema, compiled: no network, no files, linear expressions, bounded work.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value as Json;
use toolgate_json::{Decimal, Kind, Value};

use super::work;
use crate::words::{cut, short};

const SIZE_BYTES_MAX: usize = 256 * 1024;
const MESSAGE_CHARS_MAX: usize = 200;

#[derive(Debug)]
pub(super) struct Schema {
    /// For the bound on work.
    text: Json,
    validator: Validator,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SchemaError {
    /// The arguments do not satisfy it.
    Arguments(String),
    /// It cannot be used, whatever the arguments.
    Broken(String),
}

impl Schema {
    pub(super) fn compile(text: &[u8]) -> Result<Self, SchemaError> {
        if text.len() > SIZE_BYTES_MAX {
            let size = text.len() / 1024;
            return Err(SchemaError::Broken(format!("it is {size} KiB long")));
        }
        let broken =
            |error: &dyn std::fmt::Display| SchemaError::Broken(cut(error, MESSAGE_CHARS_MAX));
        let text: Json = serde_json::from_slice(text).map_err(|error| broken(&error))?;
        let validator = jsonschema::options()
            .offline()
            .with_pattern_options(PatternOptions::regex())
            .build(&text)
            .map_err(|error| broken(&error.masked()))?;
        Ok(Self { text, validator })
    }

    pub(super) fn check(&self, arguments: Option<Value<'_>>) -> Result<(), SchemaError> {
        let arguments = match arguments {
            Some(value) => read(value)?,
            None => Json::Object(serde_json::Map::new()),
        };
        work::bound(&self.text, &arguments).map_err(SchemaError::Broken)?;
        self.validator.validate(&arguments).map_err(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() { "the arguments".to_owned() } else { short(&place) };
            SchemaError::Arguments(format!(
                "at `{place}`, {}",
                cut(&error.masked(), MESSAGE_CHARS_MAX)
            ))
        })
    }
}

/// The arguments as the validator wants them. It would round numbers that programs read
/// differently, and judge what nobody sent.
fn read(arguments: Value<'_>) -> Result<Json, SchemaError> {
    if let Some(number) = unknown_number(arguments) {
        let what = format!("programs read the number {} differently", short(number));
        return Err(SchemaError::Arguments(what));
    }
    serde_json::from_slice(arguments.raw())
        .map_err(|error| SchemaError::Arguments(cut(&error, MESSAGE_CHARS_MAX)))
}

fn unknown_number(value: Value<'_>) -> Option<&str> {
    match value.kind() {
        Kind::Array => value.items().find_map(unknown_number),
        Kind::Number => value.as_number().filter(|literal| Decimal::known(literal).is_none()),
        Kind::Object => value.entries().find_map(|(_, member)| unknown_number(member)),
        Kind::False | Kind::Null | Kind::String | Kind::True => None,
    }
}
