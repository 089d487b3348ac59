//! `fusionscope dataset degrade`: a scene as its sensors see it when they become worse.

use std::path::Path;

use fusionscope_engine::data::{DEGRADATION_SEED, Dataset, Degrader};
use fusionscope_engine::files::path_json;
use fusionscope_engine::files::picture::write_png;
use fusionscope_engine::inspection::sensor_frame;
use fusionscope_engine::protocol::{Content, DatasetSummary, Degradation, Degraded, counted};
use image::RgbaImage;
use serde_json::json;

use crate::arguments::DegradeArguments;
use crate::exit::{Exit, Failure, OrFail as _, Outcome};
use crate::interrupt::Interrupt;
use crate::opened::split_name;
use crate::output;
use crate::train::check_writable;
use crate::window::Window;

/// From left to right.
const SEVERITIES: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// Pixels between two pictures.
const GAP_PX: u32 = 2;

/// One PNG file a sensor and kind: the scene at severities 0, 0.25, 0.5, 0.75 and 1.
pub fn run(arguments: &DegradeArguments, interrupt: Interrupt, window: &dyn Window) -> Outcome {
    let DegradeArguments { dir, trust, sensors, kinds, split, sample, scale, out, voice } = arguments;
    check_writable(out)?;
    let dataset = Dataset::open_reaching(dir, trust.reach(), &mut |_, _, _| interrupt.goes_on()).or_fail()?;
    let split = split_name(split.as_deref(), &dataset)?;
    let scenes = &dataset.split(&split).or_fail()?.samples;
    let index = match sample {
        None => 0,
        Some(id) => scenes.iter().position(|scene| scene.id() == id).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("--sample: `{split}` has no sample `{id}` among its {}", scenes.len()))
        })?,
    };
    let places: Vec<usize> = if sensors.is_empty() {
        (0..dataset.modalities.len()).collect()
    } else {
        sensors.iter().map(|name| dataset.modality_index(name)).collect::<Result<_, _>>().or_fail()?
    };
    let summary = dataset.summary();
    let mut written = 0;
    for &place in &places {
        let sensor = &dataset.modalities[place];
        // What was asked for and does not fit is refused, unless it was asked of all sensors.
        let fits = |kind: &Degradation| kind.fits(sensor.kind) || (!sensors.is_empty() && kinds.contains(kind));
        let all = Degradation::ALL.into_iter().filter(|kind| kinds.is_empty() || kinds.contains(kind));
        for kind in all.filter(fits) {
            if interrupt.was_pressed() {
                let message = format!("interrupted after {}", counted(written, "picture"));
                return Err(Failure::new(Exit::Interrupted, message));
            }
            let pictures = SEVERITIES.map(|severity| {
                let what = Degraded { sensor: sensor.name.clone(), kind, severity };
                picture(&dataset, &summary, &split, index, place, &what, window)
            });
            let pictures: Vec<RgbaImage> = pictures.into_iter().collect::<Result<_, _>>()?;
            let file = out.join(format!("{}-{}.png", sensor.name.replace(['/', '\\'], "-"), kind.word()));
            write(&file, &strip(&pictures, *scale))?;
            written += 1;
            if voice.json {
                let path = path_json::value(&file);
                let line = json!({"event": "degraded", "sensor": sensor.name, "kind": kind.word(), "severities": SEVERITIES, "path": path});
                output::json(&line)?;
            } else if !voice.quiet {
                output::line(&format!("{}, {}: {}", sensor.name, kind.facts().title, file.display()));
            }
        }
    }
    if written == 0 {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.word()).collect();
        return Err(Failure::new(Exit::Usage, format!("--kind: no sensor here can have {}", words.join(", "))));
    }
    if !voice.json && !voice.quiet {
        let (scene, severities) = (scenes[index].id(), SEVERITIES.map(|severity| severity.to_string()).join(", "));
        output::line(&format!(
            "{} of `{scene}`, severities {severities} from left to right",
            counted(written, "picture")
        ));
    }
    Ok(Exit::Done)
}

fn picture(
    dataset: &Dataset,
    summary: &DatasetSummary,
    split: &str,
    index: usize,
    place: usize,
    what: &Degraded,
    window: &dyn Window,
) -> Result<RgbaImage, Failure> {
    let degrader = Degrader::new(dataset, &[place], std::slice::from_ref(what), DEGRADATION_SEED).or_fail()?;
    let (sample, _lack) = dataset.sample_or_unlabelled(split, index, &[place]).or_fail()?;
    let sample = degrader.degrade(dataset, split, index, sample).or_fail()?;
    let sensor = &dataset.modalities[place];
    let frame = sensor_frame(sensor, &sample.planes[0], dataset.hole(place), sample.height, sample.width);
    Ok(window.paint(&Content::Sensor(sensor.name.clone()), &frame, summary))
}

/// Pictures of one size beside each other, each pixel `scale` wide and high.
fn strip(pictures: &[RgbaImage], scale: u32) -> RgbaImage {
    let (width, height) = pictures.first().map_or((1, 1), RgbaImage::dimensions);
    let step = width * scale + GAP_PX;
    let mut strip = RgbaImage::new((step * pictures.len() as u32).saturating_sub(GAP_PX), height * scale);
    for (at, picture) in pictures.iter().enumerate() {
        let nearest = image::imageops::FilterType::Nearest;
        let scaled = image::imageops::resize(picture, width * scale, height * scale, nearest);
        image::imageops::replace(&mut strip, &scaled, i64::from(step) * at as i64, 0);
    }
    strip
}

fn write(file: &Path, picture: &RgbaImage) -> Result<(), Failure> {
    write_png(file, picture).map_err(|error| Failure::unwritten("the picture", error, file))
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    #[test]
    fn pictures_stand_beside_each_other_with_a_gap_between_them() {
        let pictures = [1, 2, 3].map(|grey| RgbaImage::from_pixel(4, 3, Rgba([grey, grey, grey, 255])));
        let strip = strip(&pictures, 2);
        assert_eq!(strip.dimensions(), (3 * 8 + 2 * GAP_PX, 6));
        let row: Vec<u8> = (0..strip.width()).map(|x| strip.get_pixel(x, 5).0[0]).collect();
        let expected = [[1; 8].as_slice(), &[0; 2], &[2; 8], &[0; 2], &[3; 8]].concat();
        assert_eq!(row, expected);
    }
}
