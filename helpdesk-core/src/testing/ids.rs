//! Ids that are the same in every run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::id::IdGen;

/// Draws `00000000-0000-7000-8000-000000000001`, then `…002`, and so on: of the shape of version 7, rising.
///
/// # Clone
///
/// Clones draw from the same sequence.
#[derive(Clone, Debug, Default)]
pub struct SequentialIds {
    series: u32,
    drawn: Arc<AtomicU64>,
}

impl SequentialIds {
    /// The first series.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another series, which shares no id with one of another number. The number is the first group of its ids.
    #[must_use]
    pub fn series(number: u32) -> Self {
        Self { series: number, drawn: Arc::default() }
    }
}

impl IdGen for SequentialIds {
    fn next(&self) -> Uuid {
        let number = self.drawn.fetch_add(1, Ordering::SeqCst) + 1;
        Uuid::from_u128((u128::from(self.series) << 96) | (0x7000_8000 << 48) | u128::from(number & 0xffff_ffff_ffff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_have_the_shape_of_version_7() {
        let ids = SequentialIds::series(0xa1);
        let (first, second) = (ids.next(), ids.clone().next());
        assert_eq!(first.to_string(), "000000a1-0000-7000-8000-000000000001");
        assert_eq!(second.to_string(), "000000a1-0000-7000-8000-000000000002");
        assert_eq!(second.get_version_num(), 7);
        assert!(first < second);
    }
}
