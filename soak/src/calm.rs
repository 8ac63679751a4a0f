//! Whether the servers work while nothing is wrong. A history without a contradiction may be one in which little happened:
//! servers that do not recover from a fault break no promise to those whom they do not answer.

use crate::history::{Moment, Outcome, Record};

/// This long after a fault was mended nothing is expected yet.
const GRACE: Moment = 1_000_000_000;
/// A calm that is shorter than this says nothing.
const SHORTEST: Moment = 2_000_000_000;
/// Below this share of what is usual nothing is done.
const SHARE: f64 = 0.02;
/// How many calms it takes to know what is usual.
const ENOUGH: usize = 5;
/// So many idle calms in a row are no accident of the machine.
pub(crate) const TOO_MANY: usize = 3;

/// How many calms in a row, at the most, were idle.
pub(crate) fn idle_in_a_row(records: &[Record]) -> usize {
    let mut faults: Vec<(Moment, Moment)> = Vec::new();
    let mut answered: Vec<Moment> = Vec::new();
    for record in records {
        match record {
            Record::Fault(fault) => faults.push((fault.start, fault.end)),
            Record::Operation(operation) if operation.outcome != Outcome::Unknown => answered.push(operation.end),
            _ => {}
        }
    }
    faults.sort_unstable();
    answered.sort_unstable();
    let count_before = |moment: Moment| answered.partition_point(|end| *end < moment);
    let (mut rates, mut mended) = (Vec::new(), 0);
    for (start, end) in faults {
        let begin = mended + GRACE;
        if start >= begin + SHORTEST {
            rates.push((count_before(start) - count_before(begin)) as f64 / (start - begin) as f64);
        }
        mended = mended.max(end);
    }
    if rates.len() < ENOUGH {
        return 0;
    }
    let mut sorted = rates.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted[sorted.len() / 2];
    rates.split(|rate| *rate >= usual * SHARE).map(<[f64]>::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::history::{Action, Fault, Operation};

    const SECOND: Moment = 1_000_000_000;

    /// Ten seconds of calm, then a second of a fault, ten times; so many operations are answered in each calm.
    fn history(counts: [u64; 10]) -> Vec<Record> {
        let mut records = Vec::new();
        for (number, count) in (0..).zip(counts) {
            let begin = number * 11 * SECOND;
            let operation = |end| Operation {
                process: 1,
                actor: Uuid::nil(),
                action: Action::Look,
                conversation: None,
                client_id: None,
                text: None,
                race: None,
                start: begin,
                end,
                attempts: 1,
                uncertain: false,
                outcome: Outcome::Done { seq: None, summary: None },
            };
            records.extend((0..count).map(|it| Record::Operation(Box::new(operation(begin + 2 * SECOND + it)))));
            records.push(Record::Fault(Fault { kind: "cut".to_owned(), start: begin + 10 * SECOND, end: begin + 11 * SECOND }));
        }
        records
    }

    #[test]
    fn servers_that_do_not_recover_are_found() {
        assert_eq!(idle_in_a_row(&history([900; 10])), 0);
        assert_eq!(idle_in_a_row(&history([900, 900, 0, 900, 900, 1, 2, 3, 900, 900])), 3);
        assert_eq!(idle_in_a_row(&history([900, 900, 900, 900, 900, 900, 900, 0, 0, 0])), 3);
    }
}
