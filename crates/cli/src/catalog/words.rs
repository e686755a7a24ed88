//! Servers and tools by words of their names.

use toolgate_catalog::{Index, Severity};

use super::Known;

/// What was typed, in lower case.
pub(crate) struct Words(Vec<String>);

/// One server or tool that has all words.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit<'a> {
    /// Smaller is better: how much of the name is something else.
    rest: usize,
    /// What was scanned comes first.
    pub(crate) is_indexed: bool,
    pub(crate) server: &'a str,
    /// Nothing for the server itself.
    pub(crate) tool: Option<&'a str>,
    pub(crate) category: &'static str,
    pub(crate) severity: Option<Severity>,
}

impl Words {
    pub(crate) fn of(typed: &[String]) -> Self {
        let words = typed.iter().flat_map(|text| text.split_whitespace());
        Self(words.map(str::to_lowercase).collect())
    }

    /// How many letters of the name are not of the words; nothing if a word is not in it. One
    /// word may be of the server's name where the others are of the tool's.
    fn rest(&self, server: &str, tool: Option<&str>) -> Option<usize> {
        let name = tool.unwrap_or(server).to_lowercase();
        let server = server.to_lowercase();
        let own = self.0.iter().filter(|word| name.contains(word.as_str())).count();
        let there = |word: &String| name.contains(word.as_str()) || server.contains(word.as_str());
        if own == 0 || !self.0.iter().all(there) {
            return None;
        }
        let letters: usize = self.0.iter().map(|word| word.chars().count()).sum();
        Some(name.chars().count().saturating_sub(letters) + 100 * (self.0.len() - own))
    }

    /// The best first.
    pub(crate) fn hits<'a>(&self, known: &'a [Known<'a>], index: &Index<'a>) -> Vec<Hit<'a>> {
        let mut hits = Vec::new();
        for one in known {
            let server = one.kept.name();
            hits.extend(self.hit(false, server, None));
            for (tool, risk) in &one.judged {
                let hit = self.hit(false, server, Some(&tool.name));
                let (category, severity) = (risk.category.name(), Some(risk.severity));
                hits.extend(hit.map(|hit| Hit { category, severity, ..hit }));
            }
        }
        let is_scanned = |name: &str| known.iter().any(|one| one.kept.name() == name);
        for server in index.servers.iter().filter(|server| !is_scanned(server.name)) {
            hits.extend(self.hit(true, server.name, None));
            for tool in &server.tools {
                let hit = self.hit(true, server.name, Some(tool.name));
                let (category, severity) =
                    (tool.verdict.category.name(), Some(tool.verdict.severity));
                hits.extend(hit.map(|hit| Hit { category, severity, ..hit }));
            }
        }
        hits.sort();
        hits
    }

    fn hit<'a>(&self, is_indexed: bool, server: &'a str, tool: Option<&'a str>) -> Option<Hit<'a>> {
        let rest = self.rest(server, tool)?;
        Some(Hit { rest, is_indexed, server, tool, category: "", severity: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(typed: &str, server: &str, tool: Option<&str>) -> Option<usize> {
        Words::of(&[typed.to_owned()]).rest(server, tool)
    }

    #[test]
    fn every_word_must_be_there_and_one_of_them_in_the_name_itself() {
        assert_eq!(rest("file read", "shop", Some("read_file")), Some(1));
        assert_eq!(rest("READ", "shop", Some("read")), Some(0));
        assert_eq!(rest("shop read", "shop", Some("read_file")), Some(101));
        assert_eq!(rest("shop", "shop", Some("read_file")), None);
        assert_eq!(rest("shop", "my-shop", None), Some(3));
        assert_eq!(rest("read write", "shop", Some("read_file")), None);
    }
}
