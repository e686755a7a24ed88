//! Servers are stored as JSON and read back as the same.

use super::{config, documents};
use crate::config::secret::Secret;
use crate::config::server::Reach;
use crate::config::server_from_json;

#[test]
fn servers_survive_being_stored() {
    let mut count = 0;
    for document in documents("good") {
        for (name, server) in document.config().servers {
            let stored = server.to_json();
            let again = server_from_json(&stored).unwrap();
            assert_eq!(again, server, "{} {name}", document.name);
            assert_eq!(again.to_json(), stored, "{} {name}", document.name);
            count += 1;
        }
    }
    assert!(count >= 8, "too few servers: {count}");
}

#[test]
fn what_is_stored_holds_plain_values() {
    let config = config("servers: {a: {command: [x], env: {KEY: hunter2}}}\n");
    let stored = config.servers["a"].to_json();
    let Reach::Command(command) = server_from_json(&stored).unwrap().reach else {
        panic!("{stored}")
    };
    assert_eq!(command.env["KEY"], Secret::Plain("hunter2".to_owned()));
}

#[test]
fn what_cannot_have_been_stored_is_refused() {
    for (text, why) in [
        (r#"{"command":["./x"]}"#, "relative"),
        (r#"{"command":["x"],"cwd":"here"}"#, "relative"),
        (r#"{"command":["x"],"env":{"A":"file:a"}}"#, "relative"),
        (r#"{"command":["x"],"sandbox":{"read":["a"]}}"#, "relative"),
        (r#"{"command":["x"],"colour":"red"}"#, "unknown key `colour`"),
        (r#"{"command":["x"],"command":["y"]}"#, "duplicate key"),
        (r#"{"command":["x"]},"more":{"command":["y"]}"#, "at byte 17"),
        (r#"{"command":["x"]}},"limits":{"drain":1"#, "at byte 17"),
        ("{", "at byte 1"),
        ("", "at byte 0"),
        ("null", "`stored`"),
    ] {
        let refused = server_from_json(text).unwrap_err();
        assert!(refused.contains(why), "{text}: {refused}");
    }
}
