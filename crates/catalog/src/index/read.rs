//! The table, read back.

use std::rc::Rc;

use super::write::FIRST_LINE;
use super::{Index, IndexError, IndexedServer, IndexedTool, Source, Verdict};
use crate::{Category, Severity};

pub(super) fn read(text: &str) -> Result<Index<'_>, IndexError> {
    let mut reader = Reader::default();
    let mut lines = text.lines();
    if lines.next() != Some(FIRST_LINE) {
        return Err(IndexError { line: 1 });
    }
    for (line, number) in lines.zip(2..) {
        reader.line(line).ok_or(IndexError { line: number })?;
    }
    let Reader { as_of, sources, servers, .. } = reader;
    Ok(Index { as_of, sources, servers })
}

#[derive(Default)]
struct Reader<'a> {
    as_of: &'a str,
    sources: Vec<Source<'a>>,
    signals: Vec<(&'a str, &'a str)>,
    verdicts: Vec<Rc<Verdict<'a>>>,
    servers: Vec<IndexedServer<'a>>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) -> Option<()> {
        let (first, rest) = line.split_once('\t')?;
        if first.starts_with(|c: char| c.is_ascii_digit()) {
            return self.tool(first, rest);
        }
        let mut fields = rest.split('\t');
        match first {
            "day" => self.as_of = fields.next()?,
            "server" => {
                let server = self.server(&mut fields)?;
                self.servers.push(server);
            }
            "signal" => self.signals.push((fields.next()?, fields.next()?)),
            "source" => {
                let (name, collected) = (fields.next()?, fields.next()?);
                self.sources.push(Source { name, collected });
            }
            "verdict" => {
                let verdict = self.verdict(&mut fields)?;
                self.verdicts.push(Rc::new(verdict));
            }
            _ => return None,
        }
        fields.next().is_none().then_some(())
    }

    fn tool(&mut self, verdict: &str, name: &'a str) -> Option<()> {
        let verdict = Rc::clone(self.verdicts.get(verdict.parse::<usize>().ok()?)?);
        let tools = &mut self.servers.last_mut()?.tools;
        // Searched by halves.
        let sorted = tools.last().is_none_or(|last| last.name < name);
        tools.push(IndexedTool { name, verdict });
        sorted.then_some(())
    }

    fn server(&self, fields: &mut impl Iterator<Item = &'a str>) -> Option<IndexedServer<'a>> {
        let (name, registries) = (fields.next()?, fields.next()?);
        let sources = numbers(fields.next()?, self.sources.len())?;
        let (annotated, described) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let tokens = match fields.next()? {
            "" => None,
            tokens => Some(tokens.parse().ok()?),
        };
        let sorted = self.servers.last().is_none_or(|last| last.name < name);
        let registries = registries.split(',').filter(|name| !name.is_empty()).collect();
        let tools = Vec::new();
        let server =
            IndexedServer { name, registries, sources, annotated, described, tokens, tools };
        sorted.then_some(server)
    }

    fn verdict(&self, fields: &mut impl Iterator<Item = &'a str>) -> Option<Verdict<'a>> {
        let category = |name: &str| Category::ALL.into_iter().find(|one| one.name() == name);
        let severity = |name: &str| Severity::ALL.into_iter().find(|one| one.name() == name);
        Some(Verdict {
            category: category(fields.next()?)?,
            strict: category(fields.next()?)?,
            severity: severity(fields.next()?)?,
            score: fields.next()?.parse().ok()?,
            confidence: fields.next()?.parse().ok()?,
            signals: numbers(fields.next()?, self.signals.len())?
                .into_iter()
                .map(|place| self.signals[place])
                .collect(),
        })
    }
}

/// Places below `end`, between commas.
fn numbers(text: &str, end: usize) -> Option<Vec<usize>> {
    let numbers = text.split(',').filter(|number| !number.is_empty());
    numbers.map(|number| number.parse().ok().filter(|place| *place < end)).collect()
}
