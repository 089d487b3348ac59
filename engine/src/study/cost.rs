//! What the rows of a study cost, in words.

use super::table::{Table, TableRow};

/// Something that a row costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Steps of training, which are a choice of the study's rather than a cost.
    Steps,
    /// Parameters, in millions.
    Parameters,
    /// Multiply-adds of a forward pass, in thousands of millions.
    MultiplyAdds,
    /// Seconds of training.
    Secs,
    /// The most memory that the training process held, in GiB.
    PeakMemory,
}

impl Cost {
    const ALL: [Self; 5] = [Self::Steps, Self::Parameters, Self::MultiplyAdds, Self::Secs, Self::PeakMemory];

    /// What some row of the table says; steps where rows differ in them.
    pub fn all_of(table: &Table) -> Vec<Self> {
        Self::ALL.into_iter().filter(|cost| cost.is_told_by(table)).collect()
    }

    fn is_told_by(self, table: &Table) -> bool {
        let mut values = table.rows.iter().filter_map(|row| self.value(row));
        let Some(first) = values.next() else { return false };
        self != Self::Steps || values.any(|other| other.round() != first.round())
    }

    /// The head of its column.
    pub fn head(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Parameters => "parameters, M",
            Self::MultiplyAdds => "multiply-adds, G",
            Self::Secs => "training, s",
            Self::PeakMemory => "peak memory, GiB",
        }
    }

    /// What a row has below it, in its unit.
    fn value(self, row: &TableRow) -> Option<f64> {
        match self {
            Self::Steps => Some(row.steps?.mean),
            Self::Parameters => Some(row.cost?.parameters as f64 / 1e6),
            Self::MultiplyAdds => Some(row.cost?.multiply_adds as f64 / 1e9),
            Self::Secs => Some(row.secs?.mean),
            Self::PeakMemory => Some(row.peak_bytes?.mean / f64::from(1 << 30)),
        }
    }

    /// The same in words.
    pub fn words(self, row: &TableRow) -> String {
        let digits: usize = match self {
            Self::Steps | Self::Secs => 0,
            Self::Parameters | Self::MultiplyAdds | Self::PeakMemory => 2,
        };
        self.value(row).map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
    }

    /// What must be known of the column, if anything.
    pub fn note(self, table: &Table) -> Option<String> {
        match self {
            Self::MultiplyAdds => {
                let mut sizes = table.rows.iter().filter_map(|row| Some(row.cost?.size));
                let size = sizes.next()?;
                let [height, width] = size;
                let is_one = sizes.all(|other| other == size);
                let of = if is_one { format!("{height} × {width} pixels") } else { "its row's size".to_owned() };
                Some(format!("Multiply-adds are of one scene's forward pass with all sensors, of {of}"))
            }
            Self::PeakMemory => {
                Some("Peak memory is the training process's own, not a graphics processor's".to_owned())
            }
            Self::Steps | Self::Parameters | Self::Secs => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::NetworkCost;
    use crate::study::sample_table::table;
    use crate::study::statistics::summary;

    #[test]
    fn what_rows_cost_is_told_as_far_as_any_of_them_says_it() {
        let mut table = table();
        for row in &mut table.rows[1..] {
            (row.cost, row.steps, row.secs, row.peak_bytes) = (None, None, None, None);
        }
        let all = [Cost::Parameters, Cost::MultiplyAdds, Cost::Secs, Cost::PeakMemory];
        assert_eq!(Cost::all_of(&table), all);
        assert_eq!(all.map(|cost| cost.words(&table.rows[0])), ["1.23", "5.60", "71", "1.50"]);
        assert_eq!(all.map(|cost| cost.words(&table.rows[1])), ["–"; 4]);
        table.rows[1].steps = summary(&[1200.0]);
        assert_eq!(Cost::all_of(&table), all, "of as many steps each nothing is said");
        table.rows[1].steps = summary(&[900.0]);
        assert_eq!(Cost::all_of(&table)[0], Cost::Steps);
    }

    #[test]
    fn multiply_adds_name_the_size_that_they_are_of() {
        let mut table = table();
        assert!(Cost::MultiplyAdds.note(&table).unwrap().ends_with("240 × 320 pixels"));
        table.rows[1].cost = Some(NetworkCost { size: [240, 640], ..NetworkCost::default() });
        assert!(Cost::MultiplyAdds.note(&table).unwrap().ends_with("its row's size"));
        table.rows.iter_mut().for_each(|row| row.cost = None);
        assert_eq!(Cost::MultiplyAdds.note(&table), None);
    }
}
