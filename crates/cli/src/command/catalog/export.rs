//! `catalog export`: the catalogue as files.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use toolgate_catalog::Index;
use toolgate_catalog::site::{Scanned, Site, SiteError, State};

use crate::args::CatalogExportArgs;
use crate::catalog::Known;
use crate::exit::{Exit, Failure};
use crate::json::Object;
use crate::{output, time};

pub(super) fn execute(
    args: &CatalogExportArgs,
    known: &[Known<'_>],
    index: &Index<'_>,
    json: bool,
) -> Result<(), Failure> {
    let folder = &args.html;
    is_free(folder, args.force)?;
    let now = time::local(u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0));
    let site = Site {
        written: now.get(..10).unwrap_or(&now),
        version: env!("CARGO_PKG_VERSION"),
        servers: known.iter().map(scanned).collect(),
        index: (!args.scanned).then_some(index),
    };
    let mut files = 0_usize;
    site.write(&mut |path: &str, text: &str| {
        files += 1;
        write(folder, path, text)
    })
    .map_err(|error| match error {
        SiteError::Page(error) => {
            Failure::new(Exit::Unexpected, format!("a page cannot be made: {error}"))
        }
        SiteError::Taker(failure) => failure,
    })?;
    let start = folder.join("index.html");
    if json {
        let object = Object::new().plain("version", 1).plain("files", files);
        return output::print(&(object.path("start", Some(&start)).finish() + "\n"));
    }
    output::print(&format!("{files} files written; open {}\n", start.display()))
}

fn is_free(folder: &Path, force: bool) -> Result<(), Failure> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::new(Exit::Usage, format!("`{shown}` cannot be used: {error}"))),
        Ok(_) if force => Ok(()),
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(());
            }
            let mend = "name another one, or write into it with `--force`";
            Err(Failure::new(Exit::Usage, format!("`{shown}` has files in it; {mend}")))
        }
    }
}

fn write(folder: &Path, path: &str, text: &str) -> Result<(), Failure> {
    let path = folder.join(path);
    let written =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
    written.map_err(|error| {
        Failure::new(Exit::Usage, format!("`{}` cannot be written: {error}", path.display()))
    })
}

fn scanned<'a>(known: &'a Known<'_>) -> Scanned<'a> {
    let states = known.kept.states.iter().zip(known.kept.drifts());
    let history = states.map(|((past, _), drift)| {
        let lines = drift.iter().flat_map(|drift| &drift.changed);
        let lines = lines.filter_map(|changed| changed.lines.clone()).flatten().collect();
        let what = drift.map_or_else(
            || format!("{} tools, seen for the first time", past.tools),
            |drift| drift.text(),
        );
        let times =
            if past.times > 1 { format!("; found {} times", past.times) } else { String::new() };
        State { when: minute(past.first_ms), text: what + &times, lines }
    });
    Scanned {
        survey: &known.survey,
        judged: &known.judged,
        reached: known.kept.newest().reached.clone(),
        history: history.collect(),
    }
}

fn minute(time_ms: u64) -> String {
    let local = time::local(time_ms);
    local.get(..16).unwrap_or(&local).to_owned()
}
