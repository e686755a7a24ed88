//! Who sits at this machine: the user of the operating system, whom nobody can make up.

use std::fs;

use rustix::process::geteuid;

/// For the log: `os:ann`. Never from the environment, which anybody can set.
pub(crate) fn operator() -> String {
    format!("os:{}", name())
}

/// The user's name; its number where the machine has no name for it.
pub(crate) fn name() -> String {
    let uid = geteuid().as_raw();
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    named(&accounts, uid).unwrap_or_else(|| uid.to_string())
}

fn named(accounts: &str, uid: u32) -> Option<String> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, own) = (fields.next()?, fields.nth(1)?);
        (own.parse() == Ok(uid) && !name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_its_number_alone() {
        let accounts = "root:x:0:0:root:/root:/bin/sh\n# 7\nbroken:x\n\
                        ann:x:1000:100::/home/ann:/bin/sh\nbob:x:100:1000::/home/bob:/bin/sh\n";
        assert_eq!(named(accounts, 0).as_deref(), Some("root"));
        assert_eq!(named(accounts, 1000).as_deref(), Some("ann"));
        assert_eq!(named(accounts, 100).as_deref(), Some("bob"));
        assert_eq!(named(accounts, 7), None);
    }
}
