//! What comes out: a JSON object a line, and a table.

use serde_json::json;

/// The outcome of a bench.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) bench: &'static str,
    pub(crate) value: f64,
    /// None where the target is absolute.
    pub(crate) floor: Option<f64>,
    pub(crate) unit: &'static str,
    /// What it is judged by: the ratio, or the value where there is no floor.
    pub(crate) must: Target,
    pub(crate) aim: Target,
    /// What else is worth knowing.
    pub(crate) remark: String,
}

/// A target.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

impl Target {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(target) => value >= target,
            Self::AtMost(target) => value <= target,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(target) => format!(">= {target}"),
            Self::AtMost(target) => format!("<= {target}"),
        }
    }
}

impl Row {
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.floor.map(|floor| self.value / floor)
    }

    fn judged(&self) -> f64 {
        self.ratio().unwrap_or(self.value)
    }

    /// Prints it as a line of JSON.
    pub(crate) fn print(&self) {
        let line = json!({
            "bench": self.bench,
            "value": round(self.value),
            "floor": self.floor.map(round),
            "ratio": self.ratio().map(round),
            "unit": self.unit,
        });
        println!("{line}");
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Prints the table.
pub(crate) fn table(rows: &[Row]) {
    eprintln!("\n| bench | value | floor | ratio | unit | must | aim | |\n|---|---|---|---|---|---|---|---|");
    for row in rows {
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        let verdict = match (row.aim.is_met(row.judged()), row.must.is_met(row.judged())) {
            (true, _) => "aim met",
            (false, true) => "must met",
            (false, false) => "MISSED",
        };
        eprintln!(
            "| `{}` | {} | {} | {} | {} | {} | {} | {verdict}{}{} |",
            row.bench,
            number(Some(row.value)),
            number(row.floor),
            number(row.ratio()),
            row.unit,
            row.must.text(),
            row.aim.text(),
            if row.remark.is_empty() { "" } else { "; " },
            row.remark,
        );
    }
}
