//! Whether it is worth trying the trusting statement: where others write the same, it fails again and again.

/// The most batches that are written carefully before trust is given once more.
const LONGEST: u32 = 64;

/// How a writer fared with trusting.
#[derive(Debug, Default)]
pub(in crate::postgres::writer) struct Trust {
    /// How many batches are yet to be written carefully.
    careful: u32,
    /// How many were, the last time that trust was betrayed.
    penance: u32,
}

impl Trust {
    /// Whether the next batch may be written trusting.
    pub(super) fn is_given(&mut self) -> bool {
        let given = self.careful == 0;
        self.careful = self.careful.saturating_sub(1);
        given
    }

    /// Everything was as it was taken for.
    pub(super) const fn kept(&mut self) {
        self.penance = 0;
    }

    /// Something was not: the more often one after the other, the longer it is not tried again.
    pub(super) fn betrayed(&mut self) {
        self.penance = (2 * self.penance + 1).min(LONGEST);
        self.careful = self.penance;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many batches are written carefully before one is trusted.
    fn careful(trust: &mut Trust) -> usize {
        std::iter::from_fn(|| (!trust.is_given()).then_some(())).count()
    }

    #[test]
    fn who_is_betrayed_again_and_again_trusts_more_seldom() {
        let mut trust = Trust::default();
        let mut betray = || {
            trust.betrayed();
            careful(&mut trust)
        };
        let seldom: Vec<usize> = std::iter::repeat_with(&mut betray).take(8).collect();
        assert_eq!(seldom, [1, 3, 7, 15, 31, 63, 64, 64]);
    }

    #[test]
    fn trust_that_is_kept_is_given_again_at_once() {
        let mut trust = Trust::default();
        trust.betrayed();
        trust.betrayed();
        assert_eq!(careful(&mut trust), 3);
        trust.kept();
        trust.betrayed();
        assert_eq!(careful(&mut trust), 1);
    }
}
