//! Studies that come with the program.

/// A study of `assets/studies`.
#[derive(Clone, Copy, Debug)]
pub struct ShippedStudy {
    /// The name to ask for.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

macro_rules! study_file {
    ($name:literal) => {
        ShippedStudy { name: $name, text: include_str!(concat!("../../../assets/studies/", $name, ".toml")) }
    };
}

/// All of them: those of no table first, then the tables at demo scale and at their papers'.
pub fn shipped_studies() -> &'static [ShippedStudy] {
    const STUDIES: &[ShippedStudy] = &[
        study_file!("ogp-net-few-labels"),
        study_file!("any2seg-subsets"),
        study_file!("cross-spectral-uda"),
        study_file!("sensor-failures"),
        study_file!("from-scratch"),
        study_file!("learning-rates"),
        study_file!("preferred-rates"),
        study_file!("precision"),
        study_file!("nyudv2-small"),
        study_file!("ogp-net-table-1-demo"),
        study_file!("ogp-net-table-3-demo"),
        study_file!("ogp-net-table-4-demo"),
        study_file!("ogp-net-table-5-demo"),
        study_file!("any2seg-table-1-demo"),
        study_file!("any2seg-table-3-demo"),
        study_file!("any2seg-table-4-demo"),
        study_file!("any2seg-table-5-demo"),
        study_file!("any2seg-table-6-demo"),
        study_file!("any2seg-table-7-demo"),
        study_file!("smmcl-table-2-demo"),
        study_file!("smmcl-table-5-demo"),
        study_file!("amdanet-table-5-demo"),
        study_file!("amdanet-table-6-demo"),
        study_file!("cross-spectral-uda-table-1-demo"),
        study_file!("cross-spectral-uda-table-3-demo"),
        study_file!("cross-spectral-uda-table-4-demo"),
        study_file!("cross-spectral-uda-table-5-demo"),
        study_file!("ogp-net-table-1"),
        study_file!("ogp-net-table-1-mvss"),
        study_file!("ogp-net-table-2"),
        study_file!("ogp-net-table-3"),
        study_file!("ogp-net-table-4"),
        study_file!("ogp-net-table-5"),
        study_file!("any2seg-table-1"),
        study_file!("any2seg-table-2"),
        study_file!("any2seg-table-3"),
        study_file!("any2seg-table-4"),
        study_file!("any2seg-table-5"),
        study_file!("any2seg-table-6"),
        study_file!("any2seg-table-6-mcubes"),
        study_file!("any2seg-table-7"),
        study_file!("any2seg-table-8"),
        study_file!("any2seg-supplement-table-1"),
        study_file!("any2seg-supplement-table-2"),
        study_file!("smmcl-table-2"),
        study_file!("smmcl-table-3"),
        study_file!("smmcl-table-4"),
        study_file!("smmcl-table-5"),
        study_file!("amdanet-table-1"),
        study_file!("amdanet-table-2"),
        study_file!("amdanet-table-3"),
        study_file!("amdanet-table-5"),
        study_file!("amdanet-table-6"),
        study_file!("cross-spectral-uda-table-1"),
        study_file!("cross-spectral-uda-table-2"),
        study_file!("cross-spectral-uda-table-3"),
        study_file!("cross-spectral-uda-table-4"),
        study_file!("cross-spectral-uda-table-5"),
    ];
    STUDIES
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::data::Dataset;
    use crate::progress::unwatched;
    use crate::recipe::catalogue::{sensors, training};
    use crate::recipe::{preset, presets};
    use crate::study::Study;

    #[test]
    fn every_shipped_study_can_be_carried_out() {
        for shipped in shipped_studies() {
            let study = Study::named_or_file(Path::new(shipped.name)).unwrap_or_else(|error| panic!("{error}"));
            let at_paper_scale = study.data.is_some();
            // What is chosen on val is shown from more seeds elsewhere.
            let chooses = study.split == "val" && !at_paper_scale;
            assert!(
                study.seeds.len()
                    >= if chooses {
                        2
                    } else if at_paper_scale {
                        3
                    } else {
                        5
                    },
                "{}",
                shipped.name
            );
            assert!(!study.note.is_empty() && study.name == shipped.name, "{}", shipped.name);
            assert_eq!(
                at_paper_scale,
                shipped.name.contains("table") && !shipped.name.ends_with("-demo") || shipped.name == "nyudv2-small",
                "{}",
                study.name
            );
        }
    }

    #[test]
    fn every_study_on_the_sample_data_fits_it() {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets-sample");
        let dataset = Dataset::open(&sample, &mut unwatched).unwrap();
        let studies = shipped_studies().iter().map(|shipped| Study::named_or_file(Path::new(shipped.name)).unwrap());
        let mut checked = 0;
        for study in studies.filter(|study| study.data.is_none()) {
            study.check(&dataset).unwrap_or_else(|error| panic!("{}: {error}", study.name));
            checked += 1;
        }
        assert!(checked > 20, "only {checked} studies are on the sample data");
    }

    #[test]
    fn sensors_fail_in_every_demo_and_every_baseline_by_the_protocols_of_the_benchmark() {
        let study = Study::named_or_file(Path::new("sensor-failures")).unwrap();
        for shipped in presets().iter().filter(|shipped| shipped.name.ends_with("-demo")) {
            let recipe = preset(shipped.name).unwrap();
            // One sensor that fails leaves nothing to be asked.
            let is_alone = recipe.get(sensors::USE).len() == 1;
            let has_row = study.rows.iter().any(|row| {
                let differences = row.recipe.differences(&recipe);
                differences.iter().all(|other| other.key == training::EVALUATE_EVERY.id())
            });
            assert_eq!(has_row, !is_alone, "{}", shipped.name);
        }
        let titles: Vec<&str> = study.figures.iter().map(|figure| figure.title.as_str()).collect();
        for protocol in ["EMM", "RMM 0.5 E(0.2)", "NM high", "severity"] {
            assert!(titles.iter().any(|title| title.contains(protocol)), "{protocol}: {titles:?}");
        }
        assert_eq!(study.seeds.len(), 5);
    }

    #[test]
    fn rows_of_a_shipped_study_are_different_trainings() {
        for shipped in shipped_studies() {
            let study = Study::named_or_file(Path::new(shipped.name)).unwrap();
            for (at, row) in study.rows.iter().enumerate() {
                let same = study.rows[..at].iter().find(|other| other.recipe.differences(&row.recipe).is_empty());
                assert!(same.is_none(), "{}: `{}` is another row again", shipped.name, row.name);
            }
        }
    }

    #[test]
    fn a_study_of_a_printed_table_has_printed_figures_and_says_whose() {
        for shipped in shipped_studies().iter().filter(|shipped| shipped.name.contains("table")) {
            let study = Study::named_or_file(Path::new(shipped.name)).unwrap();
            let printed = study.rows.iter().filter(|row| row.printed.iter().any(Option::is_some)).count();
            assert!(printed > 0 && study.source.contains("page "), "{}", shipped.name);
        }
    }

    #[test]
    fn every_study_of_the_folder_is_shipped() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/studies");
        let mut found: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".toml")?.to_owned()))
            .collect();
        let mut shipped: Vec<&str> = shipped_studies().iter().map(|shipped| shipped.name).collect();
        found.sort_unstable();
        shipped.sort_unstable();
        assert_eq!(found, shipped);
    }
}
