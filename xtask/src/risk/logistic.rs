//! Logistic regression with a quadratic penalty, by L-BFGS (Nocedal and Wright, 2006, §7.2).
//!
//! One thread, a fixed order, and no function of the platform's mathematics library: the same
//! rows give the same bits everywhere.

/// One example: the places of its values, which of two it is, and how much it counts.
pub struct Example {
    pub values: Vec<(usize, f64)>,
    pub is_true: bool,
    pub weight: f64,
}

const STEPS_MAX: usize = 120;
const MEMORY: usize = 8;
/// The gradient's length at the end, as a share of that at the beginning.
const SLOPE_MIN: f64 = 1e-4;

/// Weights, and the bias as the last one. A place where no example has a value weighs nothing.
pub fn fit(examples: &[Example], size: usize, freedom: f64) -> Vec<f64> {
    let mut used: Vec<usize> =
        examples.iter().flat_map(|example| &example.values).map(|(place, _)| *place).collect();
    used.sort_unstable();
    used.dedup();
    let dense = |(place, value): &(usize, f64)| (used.partition_point(|p| p < place), *value);
    let examples: Vec<Example> = examples
        .iter()
        .map(|example| Example { values: example.values.iter().map(dense).collect(), ..*example })
        .collect();
    let found = descend(&examples, used.len(), freedom);
    let mut weights = vec![0.0; size + 1];
    for (place, weight) in used.iter().zip(&found) {
        weights[*place] = *weight;
    }
    weights[size] = found[used.len()];
    weights
}

fn descend(examples: &[Example], size: usize, freedom: f64) -> Vec<f64> {
    let problem = Problem { examples, size, freedom };
    let mut at = vec![0.0; size + 1];
    let (mut loss, mut slope) = problem.loss(&at);
    let enough = dot(&slope, &slope) * SLOPE_MIN * SLOPE_MIN;
    let mut memory = Memory::default();
    for _ in 0..STEPS_MAX {
        if dot(&slope, &slope) <= enough {
            break;
        }
        let direction = memory.direction(&slope);
        let Some((next, next_loss, next_slope)) = problem.step((&at, loss, &slope), &direction)
        else {
            break;
        };
        memory.learn(difference(&next, &at), difference(&next_slope, &slope));
        (at, loss, slope) = (next, next_loss, next_slope);
    }
    at
}

struct Problem<'a> {
    examples: &'a [Example],
    size: usize,
    freedom: f64,
}

impl Problem<'_> {
    /// The penalized loss at `at`, and its gradient.
    fn loss(&self, at: &[f64]) -> (f64, Vec<f64>) {
        let mut slope = at.to_vec();
        let mut loss = dot(at, at) / 2.0;
        for example in self.examples {
            let sum: f64 = example.values.iter().map(|(place, value)| at[*place] * value).sum();
            let sign = if example.is_true { 1.0 } else { -1.0 };
            let margin = sign * (sum + at[self.size]);
            let scale = self.freedom * example.weight;
            let small = exp(-margin.abs());
            loss += scale * (ln_1p(small) + (-margin).max(0.0));
            let wrong = if margin > 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
            let push = -sign * scale * wrong;
            for (place, value) in &example.values {
                slope[*place] += push * value;
            }
            slope[self.size] += push;
        }
        (loss, slope)
    }

    /// As far along `direction` as the loss falls by enough; nothing if it does nowhere.
    fn step(
        &self,
        (at, loss, slope): (&[f64], f64, &[f64]),
        direction: &[f64],
    ) -> Option<(Vec<f64>, f64, Vec<f64>)> {
        let descent = dot(slope, direction);
        let mut far = 1.0;
        for _ in 0..30 {
            let next: Vec<f64> = at.iter().zip(direction).map(|(a, d)| a + far * d).collect();
            let (next_loss, next_slope) = self.loss(&next);
            if next_loss <= loss + 1e-4 * far * descent {
                return Some((next, next_loss, next_slope));
            }
            far /= 2.0;
        }
        None
    }
}

/// The last steps, and how the gradient changed with them.
#[derive(Default)]
struct Memory {
    pairs: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Memory {
    fn learn(&mut self, step: Vec<f64>, change: Vec<f64>) {
        if dot(&step, &change) > 1e-12 {
            if self.pairs.len() == MEMORY {
                self.pairs.remove(0);
            }
            self.pairs.push((step, change));
        }
    }

    /// The two loops of L-BFGS.
    fn direction(&self, slope: &[f64]) -> Vec<f64> {
        let mut direction: Vec<f64> = slope.iter().map(|s| -s).collect();
        let mut parts = Vec::new();
        for (step, change) in self.pairs.iter().rev() {
            let part = dot(step, &direction) / dot(step, change);
            add(&mut direction, -part, change);
            parts.push(part);
        }
        let scale = match self.pairs.last() {
            Some((step, change)) => dot(step, change) / dot(change, change),
            None => 1.0 / dot(slope, slope).sqrt().max(1.0),
        };
        for part in &mut direction {
            *part *= scale;
        }
        for ((step, change), part) in self.pairs.iter().zip(parts.iter().rev()) {
            let other = dot(change, &direction) / dot(step, change);
            add(&mut direction, part - other, step);
        }
        direction
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add(to: &mut [f64], factor: f64, other: &[f64]) {
    for (to, other) in to.iter_mut().zip(other) {
        *to += factor * other;
    }
}

/// `e` to a number that is not positive: halved until its series is short.
fn exp(x: f64) -> f64 {
    if x < -700.0 {
        return 0.0;
    }
    let mut halvings = 0;
    let mut small = x;
    while small < -0.5 {
        small /= 2.0;
        halvings += 1;
    }
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..16 {
        term *= small / f64::from(n);
        sum += term;
    }
    for _ in 0..halvings {
        sum *= sum;
    }
    sum
}

/// The logarithm of one plus a number between 0 and 1, by the series of the area tangent.
fn ln_1p(x: f64) -> f64 {
    let t = x / (2.0 + x);
    let square = t * t;
    let mut power = t;
    let mut sum = 0.0;
    for n in 0..16 {
        sum += power / f64::from(2 * n + 1);
        power *= square;
    }
    2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_functions_are_those_of_the_library() {
        for i in 0..2_000 {
            let x = -f64::from(i) / 50.0;
            assert!((exp(x) - x.exp()).abs() < 1e-13, "{x}");
            let x = f64::from(i) / 2_000.0;
            assert!((ln_1p(x) - x.ln_1p()).abs() < 1e-13, "{x}");
        }
        assert_eq!(exp(-1e9).to_bits(), 0);
    }

    #[test]
    fn what_decides_gets_the_weight() {
        let example =
            |place, is_true| Example { values: vec![(place, 1.0), (2, 1.0)], is_true, weight: 1.0 };
        let examples: Vec<Example> =
            (0..20).flat_map(|_| [example(0, true), example(1, false)]).collect();
        let weights = fit(&examples, 3, 1.0);
        assert!(weights[0] > 1.0 && weights[1] < -1.0, "{weights:?}");
        assert!(weights[2].abs() < 1e-6 && weights[3].abs() < 1e-6, "{weights:?}");
    }

    #[test]
    fn at_the_end_the_slope_is_flat() {
        let values = |i: usize| vec![(i % 7, 1.0), (i % 5, 0.5), (i % 3, 2.0)];
        let example =
            |i: usize| Example { values: values(i), is_true: i.is_multiple_of(4), weight: 1.0 };
        let examples: Vec<Example> = (0..200).map(example).collect();
        let problem = Problem { examples: &examples, size: 7, freedom: 1.0 };
        let (_, before) = problem.loss(&[0.0; 8]);
        let (_, after) = problem.loss(&fit(&examples, 7, 1.0));
        assert!(dot(&after, &after) <= dot(&before, &before) * 1e-7);
    }
}
