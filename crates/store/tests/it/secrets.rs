//! Secrets in a state directory: sealed, shared between processes, not to be moved.

use std::path::Path;

use rusqlite::Connection;
use toolgate_store::{Options, SealError, SecretError, Secrets, Store};

fn made() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), Options::default()).unwrap());
    folder
}

fn open(folder: &Path) -> Secrets {
    Secrets::open(folder, None).unwrap()
}

/// Whatever stands in any file of the directory.
fn bytes(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn a_secret_is_kept_replaced_and_forgotten_and_stands_nowhere_in_clear() {
    let folder = made();
    let secrets = open(folder.path());
    assert!(secrets.get("oauth/web").unwrap().is_none());
    for value in ["s3cret-one", "s3cret-two"] {
        secrets.put("oauth/web", value.as_bytes()).unwrap();
        assert_eq!(open(folder.path()).get("oauth/web").unwrap().unwrap(), value.as_bytes());
    }
    assert!(has(&bytes(folder.path()), "oauth/web"));
    assert!(!has(&bytes(folder.path()), "s3cret"));
    assert!(secrets.forget("oauth/web").unwrap());
    assert!(!secrets.forget("oauth/web").unwrap());
    assert!(open(folder.path()).get("oauth/web").unwrap().is_none());
}

#[tokio::test]
async fn secrets_are_kept_beside_an_open_log() {
    let folder = made();
    let store = Store::open(folder.path(), Options::default()).unwrap();
    let secrets = open(folder.path());
    for round in 0..20 {
        store.note("round", &round.to_string()).await.unwrap();
        secrets.put("oauth/web", round.to_string().as_bytes()).unwrap();
    }
    store.finish().await.unwrap();
    let again = Store::open(folder.path(), Options::default()).unwrap();
    again.note("still", "whole").await.unwrap();
    assert_eq!(secrets.get("oauth/web").unwrap().unwrap(), b"19");
}

#[test]
fn a_sealed_value_under_another_name_does_not_open() {
    let folder = made();
    open(folder.path()).put("oauth/web", b"t0ken").unwrap();
    let db = Connection::open(folder.path().join("audit.db")).unwrap();
    db.execute("INSERT INTO secret SELECT 'oauth/evil', sealed FROM secret", ()).unwrap();
    let moved = open(folder.path()).get("oauth/evil");
    assert!(matches!(moved, Err(SecretError::Seal(SealError::Damaged { .. }))), "{moved:?}");
}

#[test]
fn rotation_seals_everything_anew_and_the_old_key_opens_nothing() {
    let folder = made();
    let secrets = open(folder.path());
    secrets.put("oauth/a", b"one").unwrap();
    secrets.put("oauth/b", b"two").unwrap();
    let key = folder.path().join("seal.key");
    let old = std::fs::read(&key).unwrap();
    assert_eq!(secrets.rotate().unwrap(), 2);
    assert_ne!(std::fs::read(&key).unwrap(), old);
    for reader in [secrets, open(folder.path())] {
        assert_eq!(reader.get("oauth/a").unwrap().unwrap(), b"one");
        assert_eq!(reader.get("oauth/b").unwrap().unwrap(), b"two");
    }
    std::fs::write(&key, old).unwrap();
    let under_old = open(folder.path()).get("oauth/a");
    assert!(matches!(under_old, Err(SecretError::Seal(SealError::UnknownKey { .. }))));
}

/// A process that has the old keys open finds out, and reads the key file again.
#[test]
fn a_process_beside_the_rotation_goes_on() {
    let folder = made();
    let (one, other) = (open(folder.path()), open(folder.path()));
    one.put("oauth/a", b"one").unwrap();
    other.rotate().unwrap();
    assert_eq!(one.get("oauth/a").unwrap().unwrap(), b"one");
    one.put("oauth/a", b"two").unwrap();
    assert_eq!(other.get("oauth/a").unwrap().unwrap(), b"two");
    assert_eq!(open(folder.path()).get("oauth/a").unwrap().unwrap(), b"two");
}

#[test]
fn no_state_directory_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Secrets::open(&folder.path().join("nowhere"), None);
    assert!(matches!(missing, Err(SecretError::Open(_))));
    let empty = Secrets::open(folder.path(), None).unwrap_err().to_string();
    assert!(empty.contains("no state directory"), "{empty}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was made");
}
