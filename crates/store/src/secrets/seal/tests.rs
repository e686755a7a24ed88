//! What is sealed opens for its own name under its own key, and in no other case.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::*;

const PURPOSE: &str = "oauth";

fn ring(folder: &Path) -> KeyRing {
    KeyRing::open(KeySource::File(file(folder))).unwrap()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("seal.key")
}

fn environment(text: &str) -> Result<KeyRing, SealError> {
    KeyRing::open(KeySource::Environment(text.to_owned()))
}

#[test]
fn what_is_sealed_opens_again_and_never_looks_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let ring = ring(folder.path());
    for plain in [&b""[..], b"t0ken", &vec![0; 100_000]] {
        let sealed = ring.seal(PURPOSE, "web", plain).unwrap();
        assert_eq!(ring.unseal(PURPOSE, "web", &sealed).unwrap(), plain);
        assert!(plain.is_empty() || !sealed.windows(plain.len()).any(|part| part == plain));
        assert_ne!(sealed, ring.seal(PURPOSE, "web", plain).unwrap());
    }
}

#[test]
fn a_value_moved_to_another_name_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let ring = ring(folder.path());
    let sealed = ring.seal("ab", "c", b"t0ken").unwrap();
    for (purpose, name) in [("ab", "d"), ("a", "bc"), ("abc", ""), ("", "abc"), ("AB", "c")] {
        let failed = ring.unseal(purpose, name, &sealed);
        assert!(matches!(failed, Err(SealError::Damaged { .. })), "{purpose} {name}");
    }
}

#[test]
fn every_flipped_bit_and_every_cut_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let ring = ring(folder.path());
    let sealed = ring.seal(PURPOSE, "web", b"t0ken").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(ring.unseal(PURPOSE, "web", &changed).is_err(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(ring.unseal(PURPOSE, "web", &sealed[..length]).is_err(), "{length} bytes");
    }
    let longer = [&sealed[..], &[0]].concat();
    assert!(ring.unseal(PURPOSE, "web", &longer).is_err());
}

#[test]
fn another_key_does_not_open_and_says_so() {
    let [one, other] = [1_u8, 2].map(|byte| {
        use base64::Engine as _;
        environment(&base64::engine::general_purpose::STANDARD.encode([byte; KEY_LEN])).unwrap()
    });
    let sealed = one.seal(PURPOSE, "web", b"t0ken").unwrap();
    assert_eq!(one.unseal(PURPOSE, "web", &sealed).unwrap(), b"t0ken");
    let failed = other.unseal(PURPOSE, "web", &sealed);
    assert!(matches!(failed, Err(SealError::UnknownKey { .. })), "{failed:?}");
}

#[test]
fn after_rotation_the_old_opens_until_it_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut rotated = ring(folder.path());
    let old = rotated.seal(PURPOSE, "web", b"t0ken").unwrap();
    assert!(rotated.reseal(PURPOSE, "web", &old).unwrap().is_none());
    rotated.rotate().unwrap();
    // Another process reads the same file.
    let beside = ring(folder.path());
    assert_eq!(beside.unseal(PURPOSE, "web", &old).unwrap(), b"t0ken");
    let new = rotated.reseal(PURPOSE, "web", &old).unwrap().unwrap();
    rotated.forget_old().unwrap();
    assert_eq!(rotated.unseal(PURPOSE, "web", &new).unwrap(), b"t0ken");
    let forgotten = rotated.unseal(PURPOSE, "web", &old);
    assert!(matches!(forgotten, Err(SealError::UnknownKey { .. })));
    assert_eq!(ring(folder.path()).unseal(PURPOSE, "web", &new).unwrap(), b"t0ken");
    let mode = std::fs::metadata(file(folder.path())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_key_file_is_made_once_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let rings = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| ring(folder.path()))).collect();
        opening.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    let sealed = rings[0].seal(PURPOSE, "web", b"t0ken").unwrap();
    assert!(rings.iter().all(|ring| ring.unseal(PURPOSE, "web", &sealed).is_ok()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    let path = file(folder.path());
    for mode in [0o640, 0o604, 0o660, 0o644] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let refused = KeyRing::open(KeySource::File(path.clone())).unwrap_err().to_string();
        assert!(refused.contains("chmod 600") && !refused.contains('\n'), "{refused}");
    }
}

#[test]
fn a_text_that_is_no_key_is_refused_and_not_repeated() {
    let short = "c2hvcnQtYnV0LXMzY3JldA==";
    for text in ["", " ,\n", "s3cret", short, &format!("{},s3cret", "A".repeat(43) + "=")] {
        let refused = environment(text).unwrap_err().to_string();
        assert!(refused.contains("TOOLGATE_KEY"), "{refused}");
        assert!(!refused.contains("s3cret") && !refused.contains(short), "{refused}");
    }
    let two = format!("{}=,\n{}=", "A".repeat(43), "B".repeat(42) + "A");
    assert_eq!(environment(&two).unwrap().keys.len(), 2);
}

#[test]
fn in_the_environment_the_operator_puts_the_new_key_in_front() {
    let [old, new] = ["A", "Q"].map(|letter| format!("{}=", letter.repeat(43)));
    let mut ring = environment(&old).unwrap();
    let sealed = ring.seal(PURPOSE, "web", b"t0ken").unwrap();
    let refused = ring.rotate().unwrap_err().to_string();
    assert!(refused.contains("put a new key in front"), "{refused}");
    let mut both = environment(&format!("{new},{old}")).unwrap();
    both.rotate().unwrap();
    let again = both.reseal(PURPOSE, "web", &sealed).unwrap().unwrap();
    assert_eq!(environment(&new).unwrap().unseal(PURPOSE, "web", &again).unwrap(), b"t0ken");
}
