//! `--header NAME=env:VAR|file:PATH`: a secret is named on the command line, never given.

use std::path::PathBuf;

use toolgate_gateway::{Header, SecretSource};

use crate::exit::{Exit, Failure};

/// `NAME=env:VAR|file:PATH`, the two halves.
pub(crate) fn source<'a>(typed: &'a str, option: &str) -> Result<(&'a str, &'a str), Failure> {
    let halves = typed.split_once('=').filter(|(name, source)| {
        !name.is_empty() && (source.starts_with("env:") || source.starts_with("file:"))
    });
    halves.ok_or_else(|| {
        let text = format!("`{option}` wants `NAME=env:VARIABLE` or `NAME=file:PATH`");
        Failure::new(Exit::Usage, text)
    })
}

/// The message of a refusal never repeats the value: it may be the secret itself.
pub(crate) fn read(typed: &str) -> Result<Header, Failure> {
    let usage = |text: String| Failure::new(Exit::Usage, text);
    let Some((name, source)) = typed.split_once('=') else {
        let text = "`--header` has no `=`; write `NAME=env:VARIABLE` or `NAME=file:PATH`";
        return Err(usage(text.to_owned()));
    };
    if !is_token(name) {
        let text = "`--header` has no valid name before the `=`; write `NAME=env:VARIABLE` or \
                    `NAME=file:PATH`";
        return Err(usage(text.to_owned()));
    }
    let source = match source.split_once(':') {
        Some(("env", variable)) if !variable.is_empty() => SecretSource::Env(variable.to_owned()),
        Some(("file", path)) if !path.is_empty() => SecretSource::File(PathBuf::from(path)),
        _ => return Err(usage(plain(name))),
    };
    Ok(Header { name: name.to_owned(), source })
}

fn plain(name: &str) -> String {
    let variable = name.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!(
        "plain value in `--header {name}=…`: everybody on this machine can read command lines; \
         put it into a variable and write `--header {name}=env:{variable}`, or into a file and \
         write `--header {name}=file:PATH`"
    )
}

/// RFC 9110, section 5.6.2.
fn is_token(name: &str) -> bool {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_files_are_taken() {
        let header = read("Authorization=env:SHOP_TOKEN").unwrap();
        assert_eq!(header.name, "Authorization");
        assert!(matches!(header.source, SecretSource::Env(name) if name == "SHOP_TOKEN"));
        let header = read("x-key=file:/run/secrets/a=b").unwrap();
        assert!(matches!(header.source, SecretSource::File(path) if path.ends_with("a=b")));
    }

    #[test]
    fn a_plain_secret_is_refused_and_not_repeated() {
        let values = ["Authorization=Bearer s3cret", "X-Key=s3cret", "X-Key=env:", "X Y=s3cret"];
        for typed in values.into_iter().chain(["s3cret", "=s3cret", "X-Key=raw:s3cret"]) {
            let failure = read(typed).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            assert!(!failure.text.contains("s3cret"), "{}", failure.text);
            assert!(failure.text.contains("=env:"), "{}", failure.text);
        }
    }
}
