//! Curves as a table.

use fusionscope_engine::files::csv;
use fusionscope_engine::protocol::changes_words;

use super::super::series::Series;
use super::Curves;

impl Curves {
    /// Terms and evaluations as a table: one line a step, raw values at full length, empty cells for gaps. `is_shown`
    /// is asked with the names of terms and the keys of scores. Where settings were changed since the run began, the
    /// last column says in each line which no longer were what its recipe says.
    pub fn csv(&self, is_shown: impl Fn(&str) -> bool) -> String {
        let terms = self.terms.iter().map(|term| (term.name.clone(), term.name.clone(), &term.series));
        let scores = self.scores.iter().map(|score| (score.key(), score.column(&self.scores), &score.series));
        let shown: Vec<(String, &Series)> =
            terms.chain(scores).filter(|(key, ..)| is_shown(key)).map(|(_, column, series)| (column, series)).collect();
        let changed = (!self.changes.is_empty()).then_some("changed");
        let head = std::iter::once("step").chain(shown.iter().map(|(column, _)| column.as_str())).chain(changed);
        let mut text = csv::line(head);
        let mut places = vec![0_usize; shown.len()];
        loop {
            let next = shown.iter().zip(&places).filter_map(|((_, series), &place)| series.steps().get(place)).min();
            let Some(&step) = next else { break };
            let cells = shown.iter().zip(&mut places).map(|((_, series), place)| {
                if series.steps().get(*place) != Some(&step) {
                    return String::new();
                }
                let value = series.values()[*place];
                *place += 1;
                if value.is_finite() { value.to_string() } else { String::new() }
            });
            // Changes come in the order of their steps.
            let in_force = self.changes.partition_point(|change| change.step < step);
            let changed = changed.map(|_| changes_words(&self.changes[..in_force]));
            text.push_str(&csv::line(std::iter::once(step.to_string()).chain(cells).chain(changed)));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use fusionscope_engine::protocol::{EvaluationReport, LiveChange, Phase, StepReport, SubsetScores};
    use fusionscope_engine::recipe::Value;

    use super::super::tests::report;
    use super::*;

    #[test]
    fn the_table_keeps_raw_values_and_leaves_gaps_empty() {
        let mut curves = Curves::default();
        curves.set_smoothing(0.9);
        curves.push_steps(&[
            report(1, Phase::Student, &[("total", 3.0), ("a,b", 1.5)]),
            report(2, Phase::Student, &[("total", 2.0)]),
        ]);
        assert_eq!(
            curves.csv(|name| !["learning_rate", "step_secs"].contains(&name)),
            "step,total,\"a,b\"\n1,3,1.5\n2,2,\n"
        );
    }

    #[test]
    fn the_table_says_in_each_line_which_settings_were_changed_before() {
        let mut curves = Curves::default();
        let reports: Vec<StepReport> = (1..=3).map(|step| report(step, Phase::Student, &[("total", 1.0)])).collect();
        curves.push_steps(&reports);
        let (old, new) = (Value::Switch(true), Value::Switch(false));
        curves.set_changes(vec![LiveChange { key: "exchange.channel.enabled".to_owned(), old, new, step: 1 }]);
        let words = "exchange.channel.enabled on → off after step 1";
        assert_eq!(curves.csv(|name| name == "total"), format!("step,total,changed\n1,1,\n2,1,{words}\n3,1,{words}\n"));
    }

    #[test]
    fn evaluations_stand_in_the_table_at_their_steps() {
        let mut curves = Curves::default();
        curves
            .push_steps(&[report(1, Phase::Student, &[("total", 3.0)]), report(2, Phase::Student, &[("total", 2.0)])]);
        let subset = |sensors: &[&str], tag: &str, miou| SubsetScores {
            sensors: sensors.iter().map(|&name| name.to_owned()).collect(),
            head: "fused".to_owned(),
            tag: tag.to_owned(),
            miou,
            ..SubsetScores::default()
        };
        curves.push_evaluation(&EvaluationReport {
            step: 2,
            split: "val".to_owned(),
            subsets: vec![
                subset(&["colour", "thermal"], "", Some(0.5)),
                subset(&["colour"], "", None),
                subset(&["colour"], "night", Some(0.25)),
            ],
            ..EvaluationReport::default()
        });
        let hidden = ["learning_rate", "step_secs", "miou/val/night/fused/colour//"];
        assert_eq!(
            curves.csv(|name| !hidden.contains(&name)),
            "step,total,miou_percent.val.all.fused.colour+thermal,miou_percent.val.all.fused.colour\n1,3,,\n2,2,50,\n"
        );
    }
}
