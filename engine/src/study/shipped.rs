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

/// All of them.
pub fn shipped_studies() -> &'static [ShippedStudy] {
    const STUDIES: &[ShippedStudy] = &[
        study_file!("ogp-net-few-labels"),
        study_file!("any2seg-subsets"),
        study_file!("smmcl-contrast"),
        study_file!("amdanet-parts"),
        study_file!("cross-spectral-uda"),
    ];
    STUDIES
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::study::Study;

    #[test]
    fn every_shipped_study_can_be_carried_out() {
        for shipped in shipped_studies() {
            let study = Study::named_or_file(Path::new(shipped.name)).unwrap();
            assert!(study.seeds.len() >= 5 && !study.note.is_empty(), "{}", shipped.name);
            assert_eq!(study.name, shipped.name);
        }
    }
}
