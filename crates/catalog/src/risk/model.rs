//! The second opinion: a linear model over hashed features, its weights in a file of integers.
//!
//! Five heads. The first says whether a tool only reads; the other four say, of one that does not,
//! which of the four categories it is. Trained by `cargo xtask train-risk`; `docs/risk.md` has the
//! arithmetic.

use super::Category;
use super::features::{Feature, each};
use super::kin::Kin;
use super::reading::Reading;
use super::votes::{self, Votes};
use crate::Tool;

const BITS: u32 = 14;
/// Features fall into so many buckets (feature hashing: Weinberger et al., 2009).
pub const BUCKETS: usize = 1 << BITS;
/// The order of the heads; the first one is for `Read`, against all others.
pub const HEADS: [Category; 5] = [
    Category::Read,
    Category::Destructive,
    Category::Execute,
    Category::Financial,
    Category::Write,
];
/// Bias and step of each head.
const HEADER_BYTES: usize = HEADS.len() * 8;
/// The length of every vector, so that long definitions weigh no more than short ones.
const LENGTH: f32 = 4.0;
/// Bias and step are in millionths.
const UNIT: f32 = 1e-6;

/// The buckets of one definition's features, each with its scale; the first feature of a bucket
/// gives it.
#[derive(Debug, Clone, Default)]
pub struct Vector {
    entries: Vec<(u16, u8)>,
}

impl Vector {
    /// What the model sees of a tool, for training.
    pub fn of(tool: &Tool<'_>, kin: &Kin) -> Self {
        let reading = Reading::of(tool, kin);
        Self::told(&reading, &votes::count(&reading)).0
    }

    /// The same, and of each entry the feature that made it.
    pub(super) fn told<'r>(
        reading: &'r Reading<'_, '_>,
        votes: &Votes,
    ) -> (Self, Vec<Feature<'r>>) {
        let mut seen = [0_u64; BUCKETS / 64];
        let mut entries = Vec::with_capacity(256);
        let mut features = Vec::with_capacity(256);
        each(reading, votes, &mut |feature| {
            let bucket = bucket(&feature);
            let (word, bit) = (usize::from(bucket) / 64, 1 << (bucket % 64));
            if seen[word] & bit == 0 {
                seen[word] |= bit;
                entries.push((bucket, feature.kind.scale()));
                features.push(feature);
            }
        });
        (Self { entries }, features)
    }

    /// Every bucket with its value; the squares of the values sum up to the same for every tool.
    pub fn values(&self) -> impl Iterator<Item = (usize, f32)> {
        let factor = self.factor();
        self.entries
            .iter()
            .map(move |(bucket, scale)| (usize::from(*bucket), f32::from(*scale) * factor))
    }

    fn factor(&self) -> f32 {
        let squares: u32 = self.entries.iter().map(|(_, s)| u32::from(*s) * u32::from(*s)).sum();
        #[expect(clippy::cast_precision_loss, reason = "some thousand at most")]
        let norm = (squares.max(1) as f32).sqrt();
        LENGTH / norm
    }
}

/// FNV-1a over the kind and the words.
fn bucket(feature: &Feature<'_>) -> u16 {
    const PRIME: u32 = 0x0100_0193;
    let mut hash = (0x811c_9dc5 ^ feature.kind as u32).wrapping_mul(PRIME);
    let parts = [feature.one.as_bytes(), &[0xff], feature.two.as_bytes()];
    for byte in parts.into_iter().flatten() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(PRIME);
    }
    #[expect(clippy::cast_possible_truncation, reason = "fourteen bits are left")]
    let bucket = ((hash ^ (hash >> BITS)) & (BUCKETS as u32 - 1)) as u16;
    bucket
}

/// How likely each category is; the five sum up to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// In the order of [`HEADS`].
    pub likely: [f32; 5],
}

impl Opinion {
    /// `Read` if that is likelier than not; else the likeliest of the others.
    pub fn category(&self) -> Category {
        if self.likely[0] > 0.5 { Category::Read } else { self.other() }
    }

    /// The likeliest category of the four that change something.
    pub fn other(&self) -> Category {
        let most = (1..HEADS.len()).max_by(|a, b| self.likely[*a].total_cmp(&self.likely[*b]));
        HEADS[most.unwrap_or(1)]
    }

    pub fn of(&self, category: Category) -> f32 {
        HEADS.iter().position(|head| *head == category).map_or(0.0, |at| self.likely[at])
    }
}

/// The trained weights.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    bias: [f32; HEADS.len()],
    step: [f32; HEADS.len()],
    /// For each bucket one byte a head, in two's complement.
    weights: &'a [u8],
}

/// The length of a model's file.
pub const MODEL_BYTES: usize = HEADER_BYTES + BUCKETS * HEADS.len();
const EMBEDDED: &[u8; MODEL_BYTES] = include_bytes!("../../model/risk.bin");

impl Model<'static> {
    /// The one that is part of the program.
    pub fn embedded() -> Self {
        Self::of(EMBEDDED)
    }
}

impl<'a> Model<'a> {
    /// Reads a model's file: for each head bias and step, in millionths, little-endian; then the
    /// weights. Nothing if it has another length.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::of)
    }

    fn of(bytes: &'a [u8; MODEL_BYTES]) -> Self {
        let mut model = Self { bias: [0.0; 5], step: [0.0; 5], weights: &bytes[HEADER_BYTES..] };
        for head in 0..HEADS.len() {
            model.bias[head] = millionths(&bytes[head * 8..]);
            model.step[head] = millionths(&bytes[head * 8 + 4..]);
        }
        model
    }

    /// Judges one definition.
    pub fn opinion(&self, vector: &Vector) -> Opinion {
        let mut sums = [0_i32; HEADS.len()];
        for &(bucket, scale) in &vector.entries {
            for (sum, weight) in sums.iter_mut().zip(self.row(bucket)) {
                *sum += i32::from(scale) * i32::from(i8::from_ne_bytes([*weight]));
            }
        }
        let factor = vector.factor();
        let mut likely = [0.0; HEADS.len()];
        for (head, sum) in sums.into_iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "far below 2^24")]
            let margin = self.bias[head] + self.step[head] * sum as f32 * factor;
            likely[head] = 1.0 / (1.0 + (-margin).exp());
        }
        let others: f32 = likely[1..].iter().sum();
        for head in 1..HEADS.len() {
            likely[head] *= (1.0 - likely[0]) / others.max(f32::MIN_POSITIVE);
        }
        Opinion { likely }
    }

    /// What speaks most for `category`: where it stands, its words, and how much it adds.
    pub(super) fn reasons<'r>(
        &self,
        vector: &Vector,
        features: &[Feature<'r>],
        category: Category,
    ) -> Vec<(&'static str, Feature<'r>, f32)> {
        let head = HEADS.iter().position(|head| *head == category).unwrap_or(0);
        // For another category speaks too what speaks against `Read`.
        let weigh = |row: &[u8]| {
            let weight = |head: usize| self.step[head] * f32::from(i8::from_ne_bytes([row[head]]));
            if head == 0 { weight(0) } else { weight(head) - weight(0) }
        };
        let factor = vector.factor();
        let says = |feature: &Feature<'_>| !is_filler(feature.one) || !is_filler(feature.two);
        let entries = vector.entries.iter().zip(features).filter(|(_, feature)| says(feature));
        let weighed = entries.filter_map(|(&(bucket, scale), feature)| {
            let weight = weigh(self.row(bucket)) * f32::from(scale) * factor;
            Some((feature.kind.place().filter(|_| weight > REASON_MIN)?, *feature, weight))
        });
        let mut reasons: Vec<_> = weighed.collect();
        reasons.sort_by(|a, b| b.2.total_cmp(&a.2));
        // One word is many features: it is told once.
        let mut told: Vec<&str> = Vec::new();
        reasons.retain(|(_, feature, _)| {
            let is_new = told.len() < REASONS_MAX && !told.contains(&feature.one);
            told.extend(is_new.then_some(feature.one));
            is_new
        });
        reasons
    }

    fn row(&self, bucket: u16) -> &'a [u8] {
        let start = usize::from(bucket) * HEADS.len();
        &self.weights[start..start + HEADS.len()]
    }
}

/// Words that say nothing to a person, and nothing at all.
fn is_filler(word: &str) -> bool {
    const FILLERS: [&str; 27] = [
        "", "a", "all", "an", "and", "any", "are", "as", "at", "be", "by", "for", "from", "in",
        "is", "it", "of", "on", "or", "that", "the", "thi", "this", "to", "tool", "with", "your",
    ];
    word.len() < 2 || FILLERS.contains(&word)
}

/// More would not be read.
const REASONS_MAX: usize = 3;
/// Less is no reason.
const REASON_MIN: f32 = 0.1;

fn millionths(bytes: &[u8]) -> f32 {
    let bytes = bytes.first_chunk().copied().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a weight has no more than seven digits")]
    let value = i32::from_le_bytes(bytes) as f32;
    value * UNIT
}
