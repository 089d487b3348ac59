//! What one training step reports: figures, each with what it measures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::phase::Phase;

/// What a figure measures: its unit, its range, and which other figures it may share an axis with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// The objective or a part of it.
    Loss,
    /// A part of a whole.
    Share,
    /// A cosine, or another measure of likeness.
    Correlation,
    /// How many.
    Count,
    /// The length of a vector.
    Norm,
    /// A learning rate.
    Rate,
    /// Seconds.
    Time,
}

impl Quantity {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Loss, Self::Share, Self::Correlation, Self::Count, Self::Norm, Self::Rate, Self::Time];

    /// The values that such a figure can take.
    pub fn range(self) -> (f32, f32) {
        match self {
            Self::Loss => (f32::NEG_INFINITY, f32::INFINITY),
            Self::Share => (0.0, 1.0),
            Self::Correlation => (-1.0, 1.0),
            Self::Count | Self::Norm | Self::Rate | Self::Time => (0.0, f32::INFINITY),
        }
    }
}

/// One number of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Dotted, the component first: `segmentation.fused`, `exchange.channel.share`.
    pub name: String,
    /// What it measures.
    pub quantity: Quantity,
    /// The number, in the quantity's range.
    pub value: f32,
}

impl Figure {
    /// A figure of that name.
    pub fn new(name: impl Into<String>, quantity: Quantity, value: f32) -> Self {
        Self { name: name.into(), quantity, value }
    }
}

/// The figures of one training step.
///
/// Written as JSON, `terms` are pairs of name and value, and `kinds` says beside them which are no losses:
///
/// ```json
/// {"step": 1, "terms": [["total", 2.5], ["gradient_norm", 0.8]], "kinds": {"norm": ["gradient_norm"]}}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Line", into = "Line")]
pub struct StepReport {
    /// The phase.
    pub phase: Phase,
    /// Steps done since the run began, both phases counted; the first step reports 1.
    pub step: u64,
    /// Steps done in this phase.
    pub phase_step: u64,
    /// Steps this phase will have.
    pub phase_steps: u64,
    /// Steps all phases will have.
    pub total_steps: u64,
    /// Wall time of the step in seconds, loading included.
    pub secs: f64,
    /// The learning rate used.
    pub learning_rate: f64,
    /// The most memory of its own that the process had held by then, in bytes; `None` where the system does not tell, and in
    /// what older programs wrote.
    pub peak_bytes: Option<u64>,
    /// Losses (`total`, `segmentation.fused`, `contrast`, …), unweighted but for `total`; then other figures such as
    /// `exchange.channel.share`.
    pub terms: Vec<Figure>,
}

impl StepReport {
    /// The step, counted since the run began, at which this step's phase ends.
    pub fn phase_end(&self) -> u64 {
        self.step + self.phase_steps.saturating_sub(self.phase_step)
    }

    /// The value of the term of that name.
    pub fn term(&self, name: &str) -> Option<f32> {
        self.terms.iter().find(|term| term.name == name).map(|term| term.value)
    }

    /// The names of all terms that are no losses, by what they measure.
    pub fn kinds(&self) -> BTreeMap<Quantity, Vec<String>> {
        let mut kinds: BTreeMap<Quantity, Vec<String>> = BTreeMap::new();
        for term in self.terms.iter().filter(|term| term.quantity != Quantity::Loss) {
            kinds.entry(term.quantity).or_default().push(term.name.clone());
        }
        kinds
    }
}

/// A report as it is written. Every line says its kinds anew: it can be read alone, and those before it may be cut off.
#[derive(Serialize, Deserialize)]
struct Line {
    phase: Phase,
    step: u64,
    phase_step: u64,
    phase_steps: u64,
    total_steps: u64,
    secs: f64,
    learning_rate: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    peak_bytes: Option<u64>,
    terms: Vec<(String, f32)>,
    /// `None` in what was written before there were kinds.
    #[serde(default)]
    kinds: Option<BTreeMap<Quantity, Vec<String>>>,
}

impl From<StepReport> for Line {
    fn from(report: StepReport) -> Self {
        let kinds = Some(report.kinds());
        let StepReport { phase, step, phase_step, phase_steps, total_steps, secs, learning_rate, peak_bytes, terms } =
            report;
        let terms = terms.into_iter().map(|term| (term.name, term.value)).collect();
        Self { phase, step, phase_step, phase_steps, total_steps, secs, learning_rate, peak_bytes, terms, kinds }
    }
}

impl From<Line> for StepReport {
    fn from(line: Line) -> Self {
        let Line { phase, step, phase_step, phase_steps, total_steps, secs, learning_rate, peak_bytes, terms, kinds } =
            line;
        let quantity = |name: &String| match &kinds {
            Some(kinds) => {
                kinds.iter().find(|(_, names)| names.contains(name)).map_or(Quantity::Loss, |(quantity, _)| *quantity)
            }
            None => guessed(name),
        };
        let terms = terms.into_iter().map(|(name, value)| Figure { quantity: quantity(&name), name, value }).collect();
        Self { phase, step, phase_step, phase_steps, total_steps, secs, learning_rate, peak_bytes, terms }
    }
}

/// What a figure measures that was written before figures said so: a guess by the names that the program gave then. The
/// one place that goes by names.
fn guessed(name: &str) -> Quantity {
    let (parent, last) = name.rsplit_once('.').unwrap_or(("", name));
    match (parent, last) {
        (_, "share") => Quantity::Share,
        ("inter_modal.student" | "inter_modal.teacher", _) => Quantity::Correlation,
        ("multimodal_contrast", "entries" | "pixels") | (_, "count") => Quantity::Count,
        (_, "norm" | "gradient_norm") => Quantity::Norm,
        _ => Quantity::Loss,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> StepReport {
        let terms = [
            ("total", Quantity::Loss, 2.5),
            ("gradient_norm", Quantity::Norm, 0.75),
            // Named as if it were something else.
            ("made.up.share", Quantity::Loss, 0.1),
            ("a.count.of.things", Quantity::Count, 37.0),
            ("another", Quantity::Count, 4.0),
        ];
        let terms = terms.map(|(name, quantity, value)| Figure::new(name, quantity, value)).into();
        StepReport { step: 3, secs: 0.5, peak_bytes: Some(1 << 31), terms, ..StepReport::default() }
    }

    #[test]
    fn a_written_report_reads_back_with_what_each_figure_measures() {
        let text = serde_json::to_string(&report()).unwrap();
        assert_eq!(serde_json::from_str::<StepReport>(&text).unwrap(), report());
        let losses = StepReport { terms: report().terms.into_iter().step_by(2).take(2).collect(), ..report() };
        let text = serde_json::to_string(&losses).unwrap();
        assert!(text.ends_with(r#""kinds":{}}"#), "{text}");
        assert_eq!(serde_json::from_str::<StepReport>(&text).unwrap(), losses);
    }

    #[test]
    fn terms_stay_pairs_of_name_and_value_for_tools_that_know_no_kinds() {
        /// A report as earlier programs read it.
        #[derive(Deserialize)]
        struct Earlier {
            phase: Phase,
            step: u64,
            terms: Vec<(String, f32)>,
        }
        let text = serde_json::to_string(&report()).unwrap();
        let Earlier { phase, step, terms } = serde_json::from_str(&text).unwrap();
        assert_eq!((phase, step), (Phase::Student, 3));
        let pairs: Vec<(String, f32)> = report().terms.into_iter().map(|term| (term.name, term.value)).collect();
        assert_eq!(terms, pairs);
        assert!(
            text.contains(r#""kinds":{"count":["a.count.of.things","another"],"norm":["gradient_norm"]}"#),
            "{text}"
        );
    }

    #[test]
    fn a_line_that_says_no_kinds_is_read_by_its_names() {
        use Quantity::{Correlation, Count, Loss, Norm, Share};

        let line = r#"{"phase":"student","step":9,"phase_step":9,"phase_steps":10,"total_steps":10,"secs":0.1,
            "learning_rate":0.002,"terms":[["total",1.5],["segmentation.fused",1.0],["multimodal_contrast.cross",0.5],
            ["gradient_norm",2.0],["exchange.channel.share",0.25],["exchange.channel.stage4.share",0.5],
            ["multimodal_contrast.entries",6.0],["multimodal_contrast.pixels",40.0],["inter_modal",0.1],
            ["inter_modal.student.thermal",-0.5]]}"#;
        let report: StepReport = serde_json::from_str(line).unwrap();
        let found: Vec<Quantity> = report.terms.iter().map(|term| term.quantity).collect();
        assert_eq!(found, [Loss, Loss, Loss, Norm, Share, Share, Count, Count, Loss, Correlation]);
        assert_eq!(report.term("exchange.channel.share"), Some(0.25));
    }
}
