//! `toolgate check --config`: what the document refers to.

use std::path::Path;
use std::process::Command;

use crate::toolgate::{Ran, Toolgate};

const POLICY: &str = "version: \"1\"\ndefault: deny\ntools: {refund: {}}\n";

fn check(toolgate: Toolgate, config: &str) -> Ran {
    toolgate.file("t.yaml", config).line("check --config t.yaml").run()
}

fn certificate(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testkit/certs");
    folder.join(name).display().to_string()
}

#[test]
fn the_policy_of_the_organization_is_checked_with_it() {
    let config = "organization_policy: org.yaml\n";
    let ran = check(Toolgate::new().file("org.yaml", POLICY), config);
    assert!(ran.exits(0).stdout.contains("org.yaml: ok\nt.yaml: ok\n"), "{}", ran.stdout);
    let bad = POLICY.replace("default", "defualt");
    let ran = check(Toolgate::new().file("org.yaml", bad), config);
    ran.exits(6).warns("did you mean `default`?").warns("org.yaml:2:1");
    ran.warns("org.yaml` has 1 error").warns("t.yaml:1:22").warns("t.yaml: 1 error");
    let ran = check(Toolgate::new().file("org.yaml", b"\xff"), config);
    ran.exits(6).warns("cannot read the policy").warns("t.yaml:1:22");
    let toolgate = Toolgate::new().file("org.yaml", POLICY).file("t.yaml", config);
    let ran = toolgate.line("check --config t.yaml --print").run();
    assert!(!ran.exits(0).stdout.contains("refund"), "{}", ran.stdout);
}

#[test]
fn files_that_are_not_there_are_named_where_they_stand() {
    let config = "\
organization_policy: org.yaml
tls: {cert: cert.pem, key: ., client_ca: ca.pem}
servers:
  shop: {command: [./shop], env: {LEVEL: file:level}}
  web:
    url: https://example.com/mcp
    headers: {X-Api-Key: file:.}
  far:
    url: https://example.com/mcp
    auth: {type: client_credentials, client_id: me, client_secret: file:gone/secret}
";
    let ran = check(Toolgate::new(), config);
    let places = ["1:22", "2:13", "2:28", "2:42", "4:42", "7:26", "10:68"];
    for place in places {
        ran.exits(6).warns(&format!("t.yaml:{place}"));
    }
    ran.warns("t.yaml: 7 errors").warns("/level`").warns("is a folder, and a file is needed");
    ran.warns("/gone/secret`: No such file or directory");
}

#[test]
fn files_for_tls_are_parsed() {
    let (cert, key) = (certificate("server.pem"), certificate("server.key"));
    let tls = |cert: &str, key: &str| format!("tls:\n  cert: {cert}\n  key: {key}\n");
    check(Toolgate::new(), &tls(&cert, &key)).exits(0).says("t.yaml: ok\n");
    let ran = check(Toolgate::new().file("empty.pem", ""), &tls("empty.pem", &key));
    ran.exits(6).warns("for TLS: there is no certificate in it").warns("t.yaml:2:9");
    let ran = check(Toolgate::new(), &tls(&cert, &cert));
    ran.exits(6).warns("t.yaml:3:8").warns("t.yaml: 1 error");
    let other = check(Toolgate::new(), &tls(&cert, &certificate("client.key")));
    other.exits(6).warns("for TLS").warns("t.yaml: 1 error");
    let ca = tls(&cert, &key) + "  client_ca: empty.pem\n";
    check(Toolgate::new().file("empty.pem", ""), &ca).exits(6).warns("t.yaml:4:14");
}

#[test]
fn what_is_in_a_secret_is_not_shown_and_an_unset_variable_is_no_mistake() {
    let config = "\
servers:
  web:
    url: https://example.com/mcp
    headers: {X-Api-Key: file:key, X-Token: env:TOOLGATE_CHECK_UNSET, X-Set: env:TOOLGATE_SET}
telemetry: {otlp: http://127.0.0.1:4318, headers: {X-Key: env:TOOLGATE_CHECK_UNSET}}
";
    let toolgate = Toolgate::new().file("key", "hunter2").env("TOOLGATE_SET", "hunter3");
    let ran = check(toolgate, config);
    ran.exits(0).says("t.yaml: ok, 2 notes").warns("t.yaml:4:45").warns("t.yaml:5:59");
    ran.warns("there is no environment variable `TOOLGATE_CHECK_UNSET` here");
    assert!(!ran.stderr.contains("hunter") && !ran.stderr.contains("TOOLGATE_SET`"));
}

/// To open it would be to wait for whoever writes to it.
#[test]
fn a_pipe_is_not_opened() {
    let toolgate = Toolgate::new();
    assert!(Command::new("mkfifo").arg(toolgate.path("pipe")).status().unwrap().success());
    let config = "\
organization_policy: pipe
tls: {cert: pipe, key: pipe}
servers: {web: {url: https://example.com/mcp, headers: {X-Api-Key: file:pipe}}}
";
    let ran = check(toolgate, config);
    ran.exits(0).says("t.yaml: ok, 4 warnings").warns("/pipe` is no regular file");
}

/// It stands in no folder.
#[test]
fn what_a_text_on_standard_input_refers_to_is_not_looked_at() {
    let config = "organization_policy: org.yaml\n";
    let ran = Toolgate::new().stdin(config).line("check --config -").run();
    assert_eq!(ran.exits(0).stderr, "");
}
