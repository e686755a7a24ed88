//! How often two columns agree: accuracy, F1 by class, confusion.

/// Counts of (said, true) over some classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    pub classes: Vec<&'static str>,
    /// `counts[is][said]`.
    pub counts: Vec<Vec<usize>>,
}

impl Score {
    pub fn new(classes: &[&'static str]) -> Self {
        let counts = vec![vec![0; classes.len()]; classes.len()];
        Self { classes: classes.to_vec(), counts }
    }

    /// Counts one pair of places in the list of classes.
    pub fn add(&mut self, is: usize, said: usize) {
        self.counts[is][said] += 1;
    }

    pub fn total(&self) -> usize {
        self.counts.iter().flatten().sum()
    }

    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.classes.len()).map(|at| self.counts[at][at]).sum();
        ratio(right, self.total())
    }

    /// The harmonic mean of precision and recall of one class.
    pub fn f1(&self, class: usize) -> f64 {
        let right = self.counts[class][class];
        let is: usize = self.counts[class].iter().sum();
        let said: usize = self.counts.iter().map(|row| row[class]).sum();
        ratio(2 * right, is + said)
    }

    /// The mean over all classes, rare ones too.
    pub fn macro_f1(&self) -> f64 {
        let sum: f64 = (0..self.classes.len()).map(|class| self.f1(class)).sum();
        #[expect(clippy::cast_precision_loss, reason = "a handful of classes")]
        let count = self.classes.len() as f64;
        sum / count
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows")]
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::Score;

    #[test]
    fn agreement_is_counted_by_class() {
        let mut score = Score::new(&["a", "b"]);
        for (is, said) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
            score.add(is, said);
        }
        assert!((score.accuracy() - 0.75).abs() < 1e-9);
        assert!((score.f1(0) - 0.8).abs() < 1e-9);
        assert!((score.f1(1) - 2.0 / 3.0).abs() < 1e-9);
        assert!((score.macro_f1() - f64::midpoint(0.8, 2.0 / 3.0)).abs() < 1e-9);
    }
}
