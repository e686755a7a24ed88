//! The lexicon's opinion: verbs vote by their place in the name and the description.

use super::lexicon::{Strength, Verb};
use super::reading::Reading;
use super::{Category, Signal};

/// Votes by category, and the verbs that gave the most.
#[derive(Debug, Clone, Default)]
pub(super) struct Votes {
    pub(super) by_category: [f32; 5],
    pub(super) signals: Vec<Signal>,
}

const MONEY: [&str; 13] = [
    "payment",
    "payments",
    "refund",
    "invoice",
    "payout",
    "charge",
    "swap",
    "trade",
    "checkout",
    "order",
    "subscription",
    "transfer",
    "funds",
];
const CODE: [&str; 10] = [
    "bash",
    "cli",
    "code",
    "command",
    "javascript",
    "powershell",
    "python",
    "script",
    "shell",
    "sql",
];
const RUN: [&str; 7] = ["eval", "evaluate", "exec", "execute", "invoke", "run", "send"];

pub(super) fn count(reading: &Reading<'_, '_>) -> Votes {
    let mut votes = Votes::default();
    let first = in_name(reading, &mut votes);
    in_description(reading, &mut votes);
    let own = |word: &&&str| reading.own.clone().any(|at| reading.name.word(at) == **word);
    let top = votes.top().map_or(Category::Read, |(top, _)| top);
    if first != Some(Category::Read)
        && matches!(top, Category::Execute | Category::Write)
        && let Some(noun) = MONEY.iter().find(&own)
    {
        let weight = votes.by_category[index(top)];
        votes.add(Category::Financial, weight, "money-noun", &format!("`{noun}` in the name"));
    }
    if let (Some(code), Some(_)) = (CODE.iter().find(&own), RUN.iter().find(&own)) {
        votes.add(Category::Execute, 4.0, "code-noun", &format!("runs `{code}` by its name"));
    }
    if let Some(noun) = generated(reading) {
        let text = format!("generates `{noun}`");
        votes.add(Category::Execute, 3.0, "media-noun", &text);
    }
    let names = |all: &[&str]| reading.own_words().any(|(word, _)| all.contains(&word));
    if names(&["api", "http", "rest"])
        && names(&["call", "request"])
        && first != Some(Category::Read)
    {
        votes.add(Category::Execute, 3.0, "api-call", "sends any request to an API");
    }
    if top != Category::Read {
        const ARBITRARY: [&str; 6] = [
            "arbitrary",
            "javascript",
            "python code",
            "shell command",
            "sql quer",
            "sql statement",
        ];
        let sentence = reading.first.lower();
        if let Some(words) = ARBITRARY.iter().find(|words| sentence.contains(**words)) {
            votes.add(Category::Execute, 2.0, "runs-code", &format!("speaks of `{words}`"));
        }
    }
    votes
}

/// What a model makes when it is run: it costs, and no two are the same.
const MEDIA: [&str; 16] = [
    "3d", "asset", "audio", "avatar", "face", "image", "images", "mesh", "music", "photo",
    "picture", "song", "speech", "texture", "video", "voice",
];

/// `generate_image`, `text_to_speech`, and a description that begins so.
fn generated<'r>(reading: &'r Reading<'_, '_>) -> Option<&'r str> {
    let media = |word: &&str| MEDIA.contains(word);
    let own: Vec<&str> = reading.own_words().map(|(word, _)| word).collect();
    let by_name = match own.first() {
        Some(&("generate" | "synthesize" | "synthesise")) => own.iter().copied().find(media),
        _ => own
            .windows(3)
            .find(|three| {
                three[1] == "to" && matches!(three[0], "image" | "text") && media(&three[2])
            })
            .map(|three| three[2]),
    };
    let opens = reading.first_verbs.iter().take(2).flatten().any(|verb| verb.stem == "generate");
    by_name.or_else(|| reading.first.iter().take(8).find(media).filter(|_| opens))
}

fn in_name(reading: &Reading<'_, '_>, votes: &mut Votes) -> Option<Category> {
    let last = reading.own.end.saturating_sub(1);
    let mut first = None;
    for at in reading.own.clone() {
        let Some(verb) = reading.name_verbs[at] else { continue };
        let (is_first, is_last) = (at == reading.own.start, at == last);
        if is_first {
            first = Some(verb.category);
        }
        if !verb.exact && (verb.strength == Strength::Weak || !(is_first || is_last)) {
            continue;
        }
        let weight = match (verb.strength, is_first, is_last) {
            (Strength::Strong, true, _) => 3.0,
            (Strength::Strong, _, true) => 2.6,
            (Strength::Strong, _, _) => 1.6,
            (Strength::Weak, true, _) => 1.5,
            (Strength::Weak, _, true) => 1.0,
            (Strength::Weak, _, _) => 0.3,
        };
        let weight = if verb.exact { weight } else { weight * 0.6 };
        let text = format!("`{}` in the name", verb.stem);
        votes.add(verb.category, weight, "name-verb", &text);
        votes.quote(&reading.tool.name[reading.name.place(at)]);
    }
    first
}

fn in_description(reading: &Reading<'_, '_>, votes: &mut Votes) {
    let mut is_first = true;
    for (at, verb) in reading.first_verbs.iter().enumerate().take(15) {
        let Some(Verb { category, strength, stem, .. }) = *verb else { continue };
        let opens = is_first && at <= 6;
        is_first = false;
        if opens {
            let weight = if strength == Strength::Strong { 2.2 } else { 0.8 };
            let text = format!("the description begins with `{stem}`");
            votes.add(category, weight, "description-verb", &text);
            votes.quote(&reading.sentence[reading.first.place(at)]);
        } else {
            let weight = if strength == Strength::Strong { 0.35 } else { 0.1 };
            votes.by_category[index(category)] += weight;
        }
    }
}

impl Votes {
    fn add(&mut self, category: Category, weight: f32, id: &'static str, text: &str) {
        self.by_category[index(category)] += weight;
        let text = format!("{category}: {text}");
        self.signals.push(Signal { id, text, param: None, weight, quote: None });
    }

    fn quote(&mut self, words: &str) {
        if let Some(signal) = self.signals.last_mut() {
            signal.quote = Some(words.to_owned());
        }
    }

    /// The category with the most votes, and its share of all; nothing if none was given.
    pub(super) fn top(&self) -> Option<(Category, f32)> {
        let total: f32 = self.by_category.iter().sum();
        let most = |a: &Category, b: &Category| {
            let (votes_a, votes_b) = (self.by_category[index(*a)], self.by_category[index(*b)]);
            votes_a.total_cmp(&votes_b).then(a.gravity().cmp(&b.gravity()))
        };
        let top = Category::ALL.into_iter().max_by(most)?;
        (total > 0.0).then(|| (top, self.by_category[index(top)] / total))
    }
}

/// The place of a category in an array of five, as in [`Category::ALL`].
pub(super) fn index(category: Category) -> usize {
    match category {
        Category::Destructive => 0,
        Category::Execute => 1,
        Category::Financial => 2,
        Category::Read => 3,
        Category::Write => 4,
    }
}
