//! A network in one file: its weights, and in their metadata the recipe, sensors and classes.

use std::path::Path;

use burn::tensor::{DType, Device, Tensor};

use super::error::RunError;
use super::model_card::ModelCard;
use super::run_folder::RunFolder;
use super::summed::{is_unchanged, with_sum};
use super::tensor_file::{Tensors, bytes_from_tensors, sum_of_tensors, tensors_from_bytes};
use crate::files::output::write_out;
use crate::network::{Carried, Model, Network, from_tensors};
use crate::progress::{Progress, disk, unwatched};
use crate::recipe::catalogue::encoder;

/// Packs the newest checkpoint of a run into one file; `half` halves it by keeping 16 bits a number.
///
/// Returns warnings about checkpoints that had to be passed over.
pub fn export_model(run: &Path, file: &Path, half: bool) -> Result<Vec<String>, RunError> {
    export(run, file, half, |card, tensors| {
        packed(&tensors, &card.to_json()).map_err(|reason| RunError::damaged("checkpoint", reason, run))
    })
}

/// Writes the encoder of a run's newest checkpoint alone, for `encoder.pretrained` of other recipes; `half` keeps 16 bits
/// a number. Of networks with several sensors every copy is written.
///
/// Returns warnings about checkpoints that had to be passed over.
pub fn export_encoder(run: &Path, file: &Path, half: bool) -> Result<Vec<String>, RunError> {
    export(run, file, half, |card, tensors| {
        let is_encoder = |name: &str| name.starts_with("encoder.");
        let tensors: Tensors = tensors.into_iter().filter(|(name, _)| is_encoder(name)).collect();
        let family = card.recipe(run)?.get(encoder::FAMILY).word();
        bytes_from_tensors(&tensors, &format!("encoder {family} after {} steps", card.step))
            .map_err(|reason| RunError::damaged("checkpoint", reason, run))
    })
}

/// Writes what `pack` makes of a run's newest checkpoint.
fn export(
    run: &Path,
    file: &Path,
    half: bool,
    pack: impl FnOnce(&ModelCard, Tensors) -> Result<Vec<u8>, RunError>,
) -> Result<Vec<String>, RunError> {
    let folder = RunFolder::open(run)?;
    let (found, warnings) = folder.newest_checkpoint()?;
    let Some(checkpoint) = found else {
        return Err(RunError::NoCheckpoint { warnings, path: run.to_owned() });
    };
    let mut tensors = checkpoint.network;
    if half {
        tensors = tensors.into_iter().map(|(name, data)| (name, data.convert_dtype(DType::F16))).collect();
    }
    let bytes = pack(&checkpoint.card, tensors)?;
    write_out(file, &bytes).map_err(|error| RunError::unwritable("the weights", &error, file))?;
    Ok(warnings)
}

/// Opens a run folder (its newest whole checkpoint) or a packed model file, on a plain device.
///
/// The second part of the answer holds warnings, one sentence each.
///
/// ```no_run
/// use std::path::Path;
///
/// use fusionscope_engine::data::Dataset;
/// use fusionscope_engine::device::{DeviceChoice, choose};
/// use fusionscope_engine::evaluation::{fitting_sensors, predict_scene, scene_images};
/// use fusionscope_engine::progress::unwatched;
/// use fusionscope_engine::training::open_model;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (device, _words) = choose(DeviceChoice::Cpu)?;
/// let (model, _warnings) = open_model(Path::new("assets/demo.safetensors"), &device)?;
/// let data = Path::new("datasets-sample");
/// let dataset = Dataset::open_for(data, &model.recipe, &mut unwatched)?;
/// let (sample, images) = scene_images(&model, &dataset, "test", 0, &fitting_sensors(&model, &dataset)?)?;
/// let mut images: Vec<_> = images.into_iter().map(Some).collect();
/// images[1] = None; // without its second sensor
/// let found = predict_scene(&model, &images, sample.height, sample.width)?;
/// println!("{}: `{}` sees {}", sample.id, found[0].head, model.classes[usize::from(found[0].ids[0])]);
/// # Ok(())
/// # }
/// ```
pub fn open_model(run_or_file: &Path, device: &Device) -> Result<(Model, Vec<String>), RunError> {
    open_model_watched(run_or_file, device, &mut unwatched)
}

/// [`open_model`] that `progress` may end.
pub fn open_model_watched(
    run_or_file: &Path,
    device: &Device,
    progress: &mut Progress<'_>,
) -> Result<(Model, Vec<String>), RunError> {
    if run_or_file.is_dir() {
        let folder = RunFolder::open(run_or_file)?;
        let (found, mut warnings) = folder.newest_checkpoint_watched(progress)?;
        let Some(checkpoint) = found else {
            return Err(RunError::NoCheckpoint { warnings, path: run_or_file.to_owned() });
        };
        let model = model_from(&checkpoint.card, &checkpoint.network, device, run_or_file)?;
        let teacher = checkpoint.teacher.map(|(card, tensors)| model_from(&card, &tensors, device, run_or_file));
        // It is only looked at: a network is used without it.
        let teacher = match teacher.transpose() {
            Ok(teacher) => teacher.map(Box::new),
            Err(error) => {
                warnings.push(format!("the run's teacher cannot be looked at: {error}"));
                None
            }
        };
        let device = &model.device;
        let carried =
            checkpoint.carried.into_iter().map(|(name, data)| (name, Tensor::from_data(data, device))).collect();
        return Ok((Model { carried, teacher, ..model }, warnings));
    }
    let bytes = disk::read_large(run_or_file, "Reading the model", progress)?;
    let bytes = bytes.map_err(|error| RunError::unreadable("the model", &error, run_or_file))?;
    let (tensors, text) =
        tensors_from_bytes(&bytes).map_err(|reason| RunError::damaged("model", reason, run_or_file))?;
    if !is_unchanged(text.as_bytes(), sum_of_tensors(&tensors)) {
        return Err(RunError::damaged("model", "it was changed after it was written", run_or_file));
    }
    let card = ModelCard::from_json(&text, run_or_file)?;
    let tensors = tensors.into_iter().map(|(name, data)| (name, data.convert_dtype(DType::F32))).collect();
    Ok((model_from(&card, &tensors, device, run_or_file)?, Vec::new()))
}

/// The frozen teacher of a run's newest checkpoint; `None` where it has none.
pub fn open_teacher(run: &Path, device: &Device, progress: &mut Progress<'_>) -> Result<Option<Model>, RunError> {
    let (found, _told) = RunFolder::open(run)?.newest_checkpoint_watched(progress)?;
    let Some((card, tensors)) = found.and_then(|checkpoint| checkpoint.teacher) else { return Ok(None) };
    model_from(&card, &tensors, device, run).map(Some)
}

/// A model's bytes, with a sum that tells whether they have changed since.
fn packed(tensors: &Tensors, card: &str) -> Result<Vec<u8>, String> {
    bytes_from_tensors(tensors, &with_sum(card, sum_of_tensors(tensors)))
}

/// Builds the network that a card describes and fills it.
pub(super) fn model_from(card: &ModelCard, tensors: &Tensors, device: &Device, path: &Path) -> Result<Model, RunError> {
    let recipe = card.recipe(path)?;
    let names: Vec<String> = card.sensors.iter().map(|sensor| sensor.name.clone()).collect();
    let device = device.clone().without_autodiff();
    let network = Network::blank(&recipe, &names, card.classes.len(), &device)
        .and_then(|network| from_tensors(network, tensors))
        .map_err(|error| RunError::Unfit { reason: error.to_string(), path: path.to_owned() })?;
    Ok(Model {
        recipe,
        sensors: card.sensors.clone(),
        normalisations: card.normalisations.clone(),
        classes: card.classes.clone(),
        colours: card.colours.clone(),
        network,
        carried: Carried::new(),
        phase: card.phase,
        step: card.step,
        teacher: None,
        changed: card.changed.clone(),
        device,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The demo model that the program ships.
    const WHOLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/demo.safetensors");

    fn message(path: &Path, bytes: &[u8]) -> String {
        std::fs::write(path, bytes).unwrap();
        match open_model(path, &Device::flex()) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_small_file_that_promises_a_large_network_takes_no_memory() {
        let mut recipe = crate::fixtures::tiny_recipe().unwrap();
        for (key, value) in
            [("encoder.family", "resnet-101"), ("encoder.sharing", "separate"), ("decoder.channels", "1024")]
        {
            recipe.set_text(key, value).unwrap();
        }
        let sensor =
            |name| crate::data::ModalityFiles::new(name, crate::data::ModalityKind::Other, "{id}.png").modality();
        let sensors = [sensor("a"), sensor("b")];
        let card =
            ModelCard::new(&recipe, &sensors, &[crate::data::Normalisation::Unit, crate::data::Normalisation::Unit]);
        let card = ModelCard { classes: vec!["road".to_owned(); 200], colours: vec![[0; 3]; 200], ..card };
        let bytes = bytes_from_tensors(&Tensors::new(), &card.to_json()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("small.safetensors");
        let (message, most) = crate::kernels::most_bytes(|| message(&path, &bytes));
        assert!(message.contains("the weights lack") && message.contains("small.safetensors"), "{message}");
        assert!(bytes.len() < 100_000 && most < 64 << 20, "{most} bytes for a file of {}", bytes.len());
    }

    #[test]
    fn a_model_cut_short_or_stretched_is_refused_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.safetensors");
        let whole = std::fs::read(WHOLE).unwrap();
        assert_eq!(message(&path, &whole), "");
        for length in [0, 7, 8, 100, 4000, whole.len() / 2, whole.len() - 1] {
            assert!(message(&path, &whole[..length]).contains("demo.safetensors"), "{length} bytes were taken");
        }
        assert!(message(&path, &[&whole[..], b"x"].concat()).contains("demo.safetensors"));
    }

    #[test]
    fn one_bad_byte_in_a_packed_model_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.safetensors");
        let (tensors, card) = tensors_from_bytes(&std::fs::read(WHOLE).unwrap()).unwrap();
        let whole = packed(&tensors, &card).unwrap();
        assert_eq!(message(&path, &whole), "");
        // Where the sum's own name is hit, everything else is whole.
        let name = whole.windows(5).position(|bytes| bytes == b"\"sum\\").unwrap();
        let near = whole.len().min(20_000);
        for place in (0..near).step_by(61).chain((near..whole.len()).step_by(4001)) {
            if place.abs_diff(name) > 16 {
                let mut bytes = whole.clone();
                bytes[place] ^= 1;
                assert!(message(&path, &bytes).contains("demo.safetensors"), "byte {place} is not missed");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn random_bytes_are_refused_with_the_files_name(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("demo.safetensors");
            prop_assert!(message(&path, &bytes).contains("demo.safetensors"));
        }

        #[test]
        fn a_model_whose_head_is_damaged_opens_or_is_refused_with_its_file(
            damage in proptest::collection::vec((0..6000_usize, any::<u8>()), 1..4),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("demo.safetensors");
            let mut bytes = std::fs::read(WHOLE).unwrap();
            for (at, byte) in damage {
                bytes[at] = byte;
            }
            let message = message(&path, &bytes);
            prop_assert!(message.is_empty() || message.contains("demo.safetensors"), "{}", message);
        }
    }
}
