//! What a definition shows of a graver effect than its first words tell: no policy is milder.
//!
//! The model weighs words, and `get_` or `list_` outweigh much. Here one plain sign is enough, but
//! it moves only the category a policy is written for, and how sure the other one is.

mod description;
mod inputs;
mod tongues;
mod words;

use super::reading::Reading;
use super::{Category, Signal};

/// Signs of graver effects, each with the category it shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Vetoes {
    found: Vec<Veto>,
}

#[derive(Debug, Clone)]
struct Veto {
    category: Category,
    place: Place,
    signal: Signal,
}

/// Where a sign stands: a description speaks of other things too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Description,
    Input,
    Name,
}

/// More would not be read.
const TOLD_MAX: usize = 4;

impl Vetoes {
    /// Every sign of something graver than `known`; `judged` is what the words say, without what
    /// the server declares.
    pub(super) fn of(reading: &Reading<'_, '_>, judged: Category, known: Category) -> Self {
        let mut vetoes = Self::default();
        inputs::look(reading, &mut vetoes);
        words::look(reading, &mut vetoes);
        vetoes
            .found
            .retain(|veto| veto.category.gravity() > known.gravity() && veto.counts(judged));
        vetoes.found.sort_by_key(|veto| std::cmp::Reverse(veto.category.gravity()));
        vetoes.found.truncate(TOLD_MAX);
        vetoes
    }

    /// The gravest category that is shown.
    pub(super) fn gravest(&self) -> Option<Category> {
        self.found.first().map(|veto| veto.category)
    }

    pub(super) fn into_signals(self) -> impl Iterator<Item = Signal> {
        self.found.into_iter().map(|veto| veto.signal)
    }

    /// `text` says what was seen, without the category.
    fn add(&mut self, place: Place, category: Category, text: &str, quote: &str) {
        self.found.push(Veto { category, place, signal: signal(category, text, None, quote) });
    }

    fn add_input(&mut self, category: Category, text: &str, path: &str) {
        let text = format!("{text} ({})", crate::visible(path));
        let signal = signal(category, &text, Some(path), path);
        self.found.push(Veto { category, place: Place::Input, signal });
    }
}

impl Veto {
    /// A tool that is known to change something needs more than a word of its description.
    fn counts(&self, judged: Category) -> bool {
        judged == Category::Read || self.place != Place::Description
    }
}

fn signal(category: Category, text: &str, param: Option<&str>, quote: &str) -> Signal {
    Signal {
        id: "graver-sign",
        text: format!("{category}, perhaps: {text}"),
        param: param.map(str::to_owned),
        weight: 0.0,
        quote: Some(crate::visible(quote)),
    }
}
