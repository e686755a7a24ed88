//! All ways in which a text can match some patterns or not, by walking their automata together.
//!
//! Each state of all automata at once is visited once, so that no way is left out: regular
//! languages are closed under intersection and complement (Rabin and Scott, 1959).

use hashbrown::HashMap;
use regex_automata::Input;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, Config, DFA};

/// One text for every way that there is.
#[derive(Debug, Default)]
pub(super) struct Explored {
    pub(super) texts: Vec<String>,
    /// Why there may be more ways.
    pub(super) gap: Option<&'static str>,
}

const STATES_MAX: usize = 20_000;
const CACHE_BYTES: usize = 4 << 20;
const TOO_LARGE: &str = "the patterns are too large to be compared in full";
const NOT_REGULAR: &str = "word boundaries are not compared in full";

/// Every valid UTF-8 text.
const ANY: &str = r"\A(?s:.)*\z";

pub(super) fn explore(
    named: &[String],
    patterns: &[String],
    lengths: &[(u64, Option<u64>)],
) -> Explored {
    if patterns.is_empty() {
        return Explored { texts: of_lengths(named, lengths), gap: None };
    }
    let sources = std::iter::once(ANY).chain(patterns.iter().map(String::as_str));
    let Some(machines) = sources.map(Machine::new).collect::<Option<Vec<_>>>() else {
        return Explored { texts: Vec::new(), gap: Some(TOO_LARGE) };
    };
    // An empty match inside a character is none, but an automaton of bytes sees it.
    let is_odd = |pattern: &String| pattern.contains(r"\B") || pattern.contains("-u");
    let odd = patterns.iter().any(is_odd).then_some(NOT_REGULAR);
    let tree = Tree::of(named);
    let count_max = lengths.iter().map(|(min, max)| (*min).max(max.unwrap_or(0))).max();
    let count_max =
        count_max.map_or(0, |max| u32::try_from(max.saturating_add(1)).unwrap_or(u32::MAX));
    let walk =
        Walk { machines, tree, count_max, lengths, states: HashMap::new(), came: Vec::new() };
    let mut explored = walk.run();
    explored.gap = explored.gap.or(odd);
    explored
}

/// Texts of every length that matters, none of them named.
fn of_lengths(named: &[String], lengths: &[(u64, Option<u64>)]) -> Vec<String> {
    const CHARS_MAX: u64 = 1 << 16;
    let ends = lengths.iter().flat_map(|(min, max)| [Some(*min), *max]).flatten();
    let mut counts: Vec<u64> =
        ends.flat_map(|end| [end.saturating_sub(1), end, end.saturating_add(1)]).collect();
    counts.extend([0, 1, 8]);
    counts.sort_unstable();
    counts.dedup();
    let text = |count: u64| {
        let count = usize::try_from(count.min(CHARS_MAX)).unwrap_or(0);
        let mut letters = ('a'..='z').chain('\u{4e00}'..='\u{9fff}');
        letters.find_map(|c| {
            let text: String = std::iter::repeat_n(c, count).collect();
            (!named.contains(&text)).then_some(text)
        })
    };
    counts.into_iter().filter_map(text).collect()
}

/// One pattern, read byte by byte.
struct Machine {
    dfa: DFA,
    cache: Cache,
}

/// Nothing: it has matched, whatever follows.
type State = Option<LazyStateID>;

/// Where all automata are after the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Joint {
    states: Vec<State>,
    /// Which beginning of a named text this is.
    node: Option<usize>,
    /// Characters so far, up to the greatest that matters.
    count: u32,
}

/// Why the walk ends early.
struct Stop(&'static str);

impl Machine {
    fn new(pattern: &str) -> Option<Self> {
        let config = Config::new()
            .unicode_word_boundary(true)
            .cache_capacity(CACHE_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        let dfa = DFA::builder().configure(config).build(pattern).ok()?;
        let cache = dfa.create_cache();
        Some(Self { dfa, cache })
    }

    fn start(&mut self) -> Result<State, Stop> {
        let start = self.dfa.start_state_forward(&mut self.cache, &Input::new(""));
        start.map(Some).map_err(|_| Stop(TOO_LARGE))
    }

    fn step(&mut self, state: State, byte: u8) -> Result<State, Stop> {
        let Some(state) = state else { return Ok(None) };
        let next = self.dfa.next_state(&mut self.cache, state, byte);
        Self::judged(next.map_err(|_| Stop(TOO_LARGE))?)
    }

    /// Whether a text that ends here matches.
    fn matches(&mut self, state: State) -> Result<bool, Stop> {
        let Some(state) = state else { return Ok(true) };
        let next = self.dfa.next_eoi_state(&mut self.cache, state);
        Ok(Self::judged(next.map_err(|_| Stop(TOO_LARGE))?)?.is_none())
    }

    fn judged(state: LazyStateID) -> Result<State, Stop> {
        if state.is_quit() {
            return Err(Stop(NOT_REGULAR));
        }
        Ok((!state.is_match()).then_some(state))
    }
}

struct Walk<'a> {
    /// The first says what is UTF-8.
    machines: Vec<Machine>,
    tree: Tree,
    count_max: u32,
    lengths: &'a [(u64, Option<u64>)],
    states: HashMap<Joint, usize>,
    /// How each state was come to: from which, by which byte.
    came: Vec<(Joint, Option<(usize, u8)>)>,
}

impl Walk<'_> {
    fn run(mut self) -> Explored {
        let bytes = self.bytes();
        let mut seen: HashMap<Vec<bool>, usize> = HashMap::new();
        let mut gap = None;
        let mut start = Joint { states: Vec::new(), node: self.tree.root(), count: 0 };
        for machine in &mut self.machines {
            match machine.start() {
                Ok(state) => start.states.push(state),
                Err(Stop(why)) => return Explored { texts: Vec::new(), gap: Some(why) },
            }
        }
        self.visit(start, None);
        let mut at = 0;
        while let Some((joint, _)) = self.came.get(at).cloned() {
            if let Err(Stop(why)) = self.look(at, &joint, &mut seen) {
                gap = Some(why);
            }
            for byte in &bytes {
                gap = self.go((at, *byte), &joint).err().map(|Stop(why)| why).or(gap);
            }
            at += 1;
            if self.came.len() > STATES_MAX {
                gap = Some(TOO_LARGE);
                break;
            }
        }
        let mut found: Vec<usize> = seen.into_values().collect();
        found.sort_unstable();
        let texts = found.into_iter().filter_map(|at| self.text(at)).collect();
        Explored { texts, gap }
    }

    /// Notes in which ways a text matches that ends here.
    fn look(
        &mut self,
        at: usize,
        joint: &Joint,
        seen: &mut HashMap<Vec<bool>, usize>,
    ) -> Result<(), Stop> {
        if let Some(ways) = self.ways(joint)? {
            seen.entry(ways).or_insert(at);
        }
        Ok(())
    }

    fn go(&mut self, from: (usize, u8), joint: &Joint) -> Result<(), Stop> {
        if let Some(next) = self.next(joint, from.1)? {
            self.visit(next, Some(from));
        }
        Ok(())
    }

    fn visit(&mut self, joint: Joint, from: Option<(usize, u8)>) {
        if !self.states.contains_key(&joint) {
            self.states.insert(joint.clone(), self.came.len());
            self.came.push((joint, from));
        }
    }

    /// Nothing where no text goes on so.
    fn next(&mut self, joint: &Joint, byte: u8) -> Result<Option<Joint>, Stop> {
        let mut states = Vec::with_capacity(self.machines.len());
        for (machine, state) in self.machines.iter_mut().zip(&joint.states) {
            states.push(machine.step(*state, byte)?);
            if states.len() == 1 && states[0].is_some_and(|state| state.is_dead()) {
                return Ok(None);
            }
        }
        let is_first = byte & 0xc0 != 0x80;
        let count = (joint.count + u32::from(is_first)).min(self.count_max);
        let node = joint.node.and_then(|node| self.tree.step(node, byte));
        Ok(Some(Joint { states, node, count }))
    }

    /// What each pattern and bound says of the text that ends here; nothing if it is named, or
    /// none at all.
    fn ways(&mut self, joint: &Joint) -> Result<Option<Vec<bool>>, Stop> {
        let mut ways = Vec::new();
        for (machine, state) in self.machines.iter_mut().zip(&joint.states) {
            ways.push(machine.matches(*state)?);
        }
        if ways.first() != Some(&true) || joint.node.is_some_and(|node| self.tree.ends(node)) {
            return Ok(None);
        }
        let count = u64::from(joint.count);
        let fits =
            |(min, max): &(u64, Option<u64>)| count >= *min && max.is_none_or(|max| count <= max);
        ways.extend(self.lengths.iter().map(fits));
        Ok(Some(ways))
    }

    fn text(&self, mut at: usize) -> Option<String> {
        let mut bytes = Vec::new();
        while let (_, Some((from, byte))) = self.came.get(at)? {
            bytes.push(*byte);
            at = *from;
        }
        bytes.reverse();
        String::from_utf8(bytes).ok()
    }

    /// One byte of each class that no automaton tells apart, plain ones first.
    fn bytes(&self) -> Vec<u8> {
        let plain = (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z').chain(b' '..=b'~');
        let mut seen = hashbrown::HashSet::new();
        let mut bytes = Vec::new();
        for byte in plain.chain(0..=255) {
            let classes: Vec<u8> =
                self.machines.iter().map(|machine| machine.dfa.byte_classes().get(byte)).collect();
            let named = self.tree.bytes.contains(&byte).then_some(byte);
            if seen.insert((classes, named, byte & 0xc0 == 0x80)) {
                bytes.push(byte);
            }
        }
        bytes
    }
}

/// The named texts, by their beginnings.
struct Tree {
    nodes: Vec<(Vec<(u8, usize)>, bool)>,
    bytes: hashbrown::HashSet<u8>,
}

impl Tree {
    fn of(named: &[String]) -> Self {
        let mut tree = Self { nodes: vec![(Vec::new(), false)], bytes: hashbrown::HashSet::new() };
        for text in named {
            let mut at = 0;
            for byte in text.bytes() {
                tree.bytes.insert(byte);
                at = tree.step(at, byte).unwrap_or_else(|| tree.grow(at, byte));
            }
            tree.nodes[at].1 = true;
        }
        tree
    }

    fn grow(&mut self, at: usize, byte: u8) -> usize {
        let new = self.nodes.len();
        self.nodes.push((Vec::new(), false));
        self.nodes[at].0.push((byte, new));
        new
    }

    fn root(&self) -> Option<usize> {
        (!self.nodes.is_empty()).then_some(0)
    }

    fn step(&self, at: usize, byte: u8) -> Option<usize> {
        let (children, _) = self.nodes.get(at)?;
        children.iter().find(|(own, _)| *own == byte).map(|(_, next)| *next)
    }

    fn ends(&self, at: usize) -> bool {
        self.nodes.get(at).is_some_and(|(_, ends)| *ends)
    }
}
