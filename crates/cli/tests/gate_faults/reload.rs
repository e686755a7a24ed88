//! The policy changes under load, by every way in which files change, and is cut off anywhere.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use toolgate_testkit::{GUARD, Pipe};

use crate::evidence::{Evidence, Limit};
use crate::rig::{Heard, Rig, Told, rounds};

/// One limit for `nonce`; `nothing` is listed nowhere and passes by default or not.
fn limited((window_s, max): Limit, scope: &str, default: &str) -> String {
    format!(
        "version: \"1\"\ndefault: {default}\nrecord: args\ntools: {{nonce: {{limits: \
         [{{counter: shared, window: {window_s}, max: {max}, scope: {scope}}}]}}}}\n"
    )
}

/// How often the gate has looked at a file and said what it made of it.
fn judged(pipe: &Pipe) -> usize {
    let told = ["policy reloaded", "stays in force"];
    pipe.stderr().lines().filter(|line| told.iter().any(|part| line.contains(part))).count()
}

/// Changes the file, and waits until the gate has said what it makes of it.
async fn change(pipe: &Pipe, act: impl FnOnce()) {
    let before = judged(pipe);
    act();
    let looked = async {
        while judged(pipe) <= before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let looked = tokio::time::timeout(GUARD, looked).await;
    assert!(looked.is_ok(), "the policy is not looked at: {}", pipe.stderr());
}

async fn calls(pipe: Arc<Pipe>, heard: Arc<Heard>, stop: Arc<AtomicBool>, caller: usize) {
    for call in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let tool = if call % 4 == 3 { "nothing" } else { "nonce" };
        heard.call(&pipe, tool, &format!("{caller}-{call}")).await;
    }
}

const VARIANTS: [(Limit, &str, &str); 8] = [
    ((1, 9), "grant", "deny"),
    ((2, 4), "grant", "allow"),
    ((1, 12), "server", "deny"),
    ((3, 5), "global", "deny"),
    ((1, 20), "global", "allow"),
    ((2, 2), "principal", "deny"),
    ((2, 15), "grant", "allow"),
    ((3, 3), "grant", "deny"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_while_their_windows_and_bounds_change() {
    let ((limit, scope, default), rest) = (VARIANTS[0], &VARIANTS[1..]);
    let rig = Rig::new(&limited(limit, scope, default));
    let (heard, stop) = (Arc::new(Heard::default()), Arc::new(AtomicBool::new(false)));
    let pipe = Arc::new(rig.start(&[]));
    // It has read the first policy.
    pipe.open().await;
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        let stop = Arc::clone(&stop);
        callers.spawn(calls(Arc::clone(&pipe), Arc::clone(&heard), stop, caller));
    }
    let mut variants = vec![VARIANTS[0]];
    for variant in rest.iter().chain(&VARIANTS).cycle().take(rounds("RELOADS", 9)) {
        let (limit, scope, default) = *variant;
        change(&pipe, || drop(rig.scratch.policy(&limited(limit, scope, default)))).await;
        variants.push(*variant);
    }
    stop.store(true, Ordering::Relaxed);
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    assert!(pipe.close().await.success(), "{}", pipe.stderr());
    let evidence = Evidence::of(&rig);
    let revisions = evidence.revisions();
    assert_eq!(revisions.len(), variants.len(), "{}", pipe.stderr());
    let known: HashMap<String, _> = revisions.into_iter().zip(variants).collect();
    evidence.sentinel_within_intents().refunds_are_due().heard_the_truth(&heard.all());
    evidence.limits_hold(|revision| Some(known[revision].0)).verifies(&rig);
    for (entry, opening) in evidence.opened() {
        let (_, _, default) = known[&*opening.facts.revision];
        let listed = opening.facts.tool.as_deref() == Some("nonce");
        assert!(listed || default == "allow", "passed under `default: deny`: {entry:?}");
    }
}

/// What was spent stays spent, whatever is edited about the limit.
async fn kept(edit: impl Fn(&str) -> String) {
    let policy = limited((3600, 5), "grant", "deny");
    let rig = Rig::new(&policy);
    let pipe = rig.start(&[]);
    let heard = Heard::default();
    for call in 0..5 {
        assert_eq!(heard.call(&pipe, "nonce", &call.to_string()).await, Told::Allowed);
    }
    change(&pipe, || drop(rig.scratch.policy(&edit(&policy)))).await;
    let sixth = heard.call(&pipe, "nonce", "sixth").await;
    assert!(sixth.is_denied(), "{sixth:?} under {}", edit(&policy));
    assert!(pipe.close().await.success());
    assert_eq!(rig.ledger().calls().len(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_keeps_the_counters() {
    kept(|policy| format!("{policy}# edited\n")).await;
    kept(|policy| policy.replace("window: 3600", "window: 7200")).await;
    kept(|policy| policy.replace("window: 3600", "window: 1800")).await;
    kept(|policy| policy.replace("window: 3600", "window: 86400, align: calendar")).await;
    kept(|policy| policy.replace("max: 5", "max: 4")).await;
}

/// An edit of the scope counts what was recorded, or denies: it gives nothing anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_to_another_scope_keeps_what_was_spent() {
    kept(|policy| policy.replace("scope: grant", "scope: global")).await;
}

/// Truncated in place at any byte: it never lets through what the last good policy denies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_cut_off_anywhere_stays_out_of_force() {
    let policy = "version: \"1\"\nrecord: args\ndefault: allow\nhide: run\ntools:\n  \
                  nonce: {limits: [{counter: c, window: hour, max: 1}]}\n  \
                  refund: {action: deny}\n  nothing: {}\n  delete_customer:\n    \
                  deny_if: [{path: args.nonce, op: exists, value: true}]\n";
    let rig = Rig::new(policy);
    let path = rig.scratch.at("policy.yaml");
    let pipe = rig.start(&[]);
    let heard = Heard::default();
    assert_eq!(heard.call(&pipe, "nonce", "first").await, Told::Allowed);
    let step = policy.len().div_ceil(rounds("CUTS", 12)).max(1);
    for end in (0..policy.len() - 1).rev().step_by(step) {
        // In place, from the whole, as a program that writes anew and stops on the way.
        fs::write(&path, policy).unwrap();
        change(&pipe, || {
            fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(end as u64).unwrap();
        })
        .await;
        for tool in ["nonce", "refund", "delete_customer", "run"] {
            let told = heard.call(&pipe, tool, &format!("{tool}-{end}")).await;
            assert_ne!(told, Told::Allowed, "`{tool}`, cut at {end}");
        }
    }
    assert!(pipe.close().await.success());
    let evidence = Evidence::of(&rig);
    assert_eq!(evidence.nonces_seen().len(), 1);
    assert_eq!(evidence.revisions().len(), 1, "{}", pipe.stderr());
}

/// Its name, and what it does with a new text.
type Way<'a> = (&'a str, &'a dyn Fn(&str));

fn denies(tool: &str) -> String {
    format!(
        "version: \"1\"\ndefault: allow\nrecord: args\ntools: {{{tool}: {{action: deny}}, \
         counted: {{}}}}\n"
    )
}

/// A folder as Kubernetes mounts it: a link to a link, the inner one swapped.
fn config_map(root: &Path, name: &str, text: &str) {
    fs::create_dir_all(root.join(name)).unwrap();
    fs::write(root.join(name).join("policy.yaml"), text).unwrap();
    let fresh = root.join("..data_tmp");
    symlink(name, &fresh).unwrap();
    fs::rename(&fresh, root.join("..data")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_is_followed_however_it_is_replaced() {
    let rig = Rig::new(&denies("nonce"));
    let root = rig.scratch.path().to_owned();
    let path = rig.scratch.at("policy.yaml");
    let pipe = rig.start(&[]);
    let heard = Heard::default();
    assert!(heard.call(&pipe, "nonce", "start").await.is_denied());
    let ways: [Way<'_>; 6] = [
        ("written in place", &|text| fs::write(&path, text).unwrap()),
        ("renamed over", &|text| drop(rig.scratch.policy(text))),
        ("deleted and made anew", &|text| {
            fs::remove_file(&path).unwrap();
            fs::write(&path, text).unwrap();
        }),
        ("a link put in its place", &|text| {
            fs::write(root.join("one.yaml"), text).unwrap();
            symlink("one.yaml", root.join("link")).unwrap();
            fs::rename(root.join("link"), &path).unwrap();
        }),
        ("a link swapped", &|text| {
            fs::write(root.join("two.yaml"), text).unwrap();
            symlink("two.yaml", root.join("link")).unwrap();
            fs::rename(root.join("link"), &path).unwrap();
        }),
        ("the first of two links", &|text| {
            config_map(&root, "..first", text);
            symlink("..data/policy.yaml", root.join("link")).unwrap();
            fs::rename(root.join("link"), &path).unwrap();
        }),
    ];
    let tools = ["nothing", "nonce"];
    for (at, (way, act)) in ways.into_iter().enumerate() {
        change(&pipe, || act(&denies(tools[at % 2]))).await;
        follows(&pipe, &heard, way, tools[at % 2], tools[(at + 1) % 2]).await;
    }
    change(&pipe, || config_map(&root, "..second", &denies("nothing"))).await;
    follows(&pipe, &heard, "the inner of two links", "nothing", "nonce").await;
    stays(&rig, &pipe, &heard).await;
    assert!(pipe.close().await.success());
    Evidence::of(&rig).sentinel_within_intents().heard_the_truth(&heard.all()).verifies(&rig);
}

async fn follows(pipe: &Pipe, heard: &Heard, way: &str, denied: &str, passes: &str) {
    let told = heard.call(pipe, denied, &format!("{way}: {denied}")).await;
    assert!(told.is_denied(), "{way}: {told:?}\n{}", pipe.stderr());
    let told = heard.call(pipe, passes, &format!("{way}: {passes}")).await;
    assert_eq!(told, Told::Allowed, "{way}\n{}", pipe.stderr());
}

/// Broken or gone, the last good policy stays in force, and standard error says so.
async fn stays(rig: &Rig, pipe: &Pipe, heard: &Heard) {
    let path = rig.scratch.at("policy.yaml");
    let breaks: [(&str, &dyn Fn()); 7] = [
        ("empty", &|| drop(rig.scratch.policy(""))),
        ("no policy", &|| drop(rig.scratch.policy("[1, 2, 3]"))),
        ("an unknown key", &|| drop(rig.scratch.policy("version: \"1\"\ndefualt: allow\n"))),
        ("its test fails", &|| {
            let test = "tests: [{tool: nothing, expect: deny}]\n";
            drop(rig.scratch.policy(&format!("version: \"1\"\ndefault: allow\n{test}")));
        }),
        ("not UTF-8", &|| drop(rig.scratch.file("policy.yaml", b"version: \"\xff\"\n"))),
        ("gone", &|| fs::remove_file(&path).unwrap()),
        ("a folder", &|| fs::create_dir(&path).unwrap()),
    ];
    for (what, act) in breaks {
        let before = pipe.stderr().matches("stays in force").count();
        change(pipe, act).await;
        let said = pipe.stderr().matches("stays in force").count();
        assert_eq!(said, before + 1, "{what}: {}", pipe.stderr());
        follows(pipe, heard, what, "nothing", "nonce").await;
    }
}
