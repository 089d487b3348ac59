//! Occlusion: what a prediction loses without a part of one sensor's picture.

use std::ops::{ControlFlow, Range as Span};

use burn::tensor::{Tensor, TensorData};

use super::explaining::{Explaining, Found};
use super::target::Target;
use crate::inspection::error::InspectionError;
use crate::network::{Probes, Range, Shown};

/// Windows along the shorter side of a scene.
const WINDOWS: usize = 8;
/// What stands for all sensors in a name.
const ALL: &str = "all";

/// Records `explain.occlusion.SENSOR`, the mean loss of probability of the explained pixels without each of the windows
/// that a picture is divided into (Zeiler & Fergus 2014); and, where a region is given, `explain.region.SENSOR` and
/// `explain.region.all`, the loss of each pixel without it, with `explain.answer.…`, what is answered there then. What is taken
/// away gets the mean of the sensor's picture.
pub(super) fn record(
    of: &Explaining<'_>,
    probes: &mut Probes,
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(), InspectionError> {
    let sensors: Vec<(usize, String)> = of.sensors().map(|(place, name)| (place, name.to_owned())).collect();
    let mut names: Vec<(Vec<usize>, &str)> =
        sensors.iter().map(|(place, name)| (vec![*place], name.as_str())).collect();
    if sensors.len() > 1 {
        names.push((sensors.iter().map(|(place, _)| *place).collect(), ALL));
    }
    let kinds = ["occlusion", "region", "answer"];
    let watched =
        names.iter().any(|(_, name)| kinds.iter().any(|kind| probes.wants(&format!("explain.{kind}.{name}"))));
    let before = if watched { Before::of(of) } else { Err(String::new()) };
    let before = before.as_ref().map_err(Clone::clone);
    let change = || Shown::Scalar(Some(Range::plain(-1.0, 1.0)));
    let mut stopped = false;
    for (places, name) in names {
        if name != ALL {
            probes.try_record(&format!("explain.occlusion.{name}"), change(), || {
                let map = before.clone()?.slide(of, places[0], progress)?;
                map.ok_or_else(|| {
                    stopped = true;
                    String::new()
                })
            });
        }
        let answered = format!("explain.answer.{name}");
        let is_asked = probes.wants(&format!("explain.region.{name}")) || probes.wants(&answered);
        let after = match &before {
            Ok(_) if is_asked => without_region(of, &places),
            Ok(_) => Err(String::new()),
            Err(reason) => Err(reason.clone()),
        };
        let lost = before.clone().and_then(|before| Ok(before.lost(after.as_ref().map_err(Clone::clone)?)));
        if let (Ok(before), Ok(lost)) = (&before, &lost) {
            probes.fact(&format!("explain.region.{name}.mean"), || before.target.mean(lost.clone()));
        }
        probes.try_record(&format!("explain.region.{name}"), change(), || lost);
        let legend = Shown::Classes(of.model.classes.clone());
        probes.try_record(&answered, legend, || after.map(|after| after.argmax(1).float()));
    }
    if stopped { Err(InspectionError::Stopped) } else { Ok(()) }
}

/// The whole answer.
struct Before {
    target: Target,
    /// The explained probabilities, `[1, 1, h, w]`.
    probabilities: Tensor<4>,
}

impl Before {
    fn of(of: &Explaining<'_>) -> Found<Self> {
        let answer = of.answer(of.inputs)?;
        let target = of.target(&answer)?;
        let probabilities = target.scores(&answer);
        Ok(Self { target, probabilities })
    }

    /// How much of each pixel's explained probability is lost in another answer `[1, classes, h, w]`.
    fn lost(&self, after: &Tensor<4>) -> Tensor<4> {
        self.probabilities.clone() - self.target.scores(after)
    }

    /// The mean loss without each window of a sensor's picture, written where the window is; `None` where it was ended.
    fn slide(
        &self,
        of: &Explaining<'_>,
        sensor: usize,
        progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
    ) -> Found<Option<Tensor<4>>> {
        let image = of.inputs[sensor].as_ref().ok_or("the sensor is dropped")?;
        let [_, _, height, width] = image.dims();
        let windows = windows(height, width);
        let mut losses = vec![0.0_f32; height * width];
        for (done, window) in windows.iter().enumerate() {
            if progress(done as u64, windows.len() as u64).is_break() {
                return Ok(None);
            }
            let mut inputs = of.inputs.to_vec();
            inputs[sensor] = Some(without(image, window));
            let loss = self.target.mean(self.lost(&of.answer(&inputs)?));
            let [rows, columns] = window;
            for row in rows.clone() {
                losses[row * width..][columns.clone()].fill(loss);
            }
        }
        Ok(Some(Tensor::from_data(TensorData::new(losses, [1, 1, height, width]), &image.device())))
    }
}

/// The answer without the region that is asked about, in these sensors.
fn without_region(of: &Explaining<'_>, sensors: &[usize]) -> Found<Tensor<4>> {
    let region = of.explained.region.ok_or("no region is given; draw one, or name its corners")?;
    let mut inputs = of.inputs.to_vec();
    for &sensor in sensors {
        if let Some(image) = &mut inputs[sensor] {
            let [_, _, height, width] = image.dims();
            *image = without(image, &region.pixels(height, width));
        }
    }
    of.answer(&inputs)
}

/// The square windows that a picture is divided into, row by row; those at its right and lower end may be cut.
fn windows(height: usize, width: usize) -> Vec<[Span<usize>; 2]> {
    let side = height.min(width).div_ceil(WINDOWS).max(1);
    let spans = |count: usize| (0..count).step_by(side).map(move |begin| begin..(begin + side).min(count));
    spans(height).flat_map(|rows| spans(width).map(move |columns| [rows.clone(), columns])).collect()
}

/// A picture `[1, 3, h, w]` with its own mean in these rows and columns.
fn without(image: &Tensor<4>, [rows, columns]: &[Span<usize>; 2]) -> Tensor<4> {
    let mean = image.clone().mean_dim(3).mean_dim(2).expand([1, 3, rows.len(), columns.len()]);
    image.clone().slice_assign([0..1, 0..3, rows.clone(), columns.clone()], mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_pixel_once() {
        for (height, width) in [(32, 32), (120, 160), (30, 41), (5, 3), (1, 1)] {
            let mut times = vec![0; height * width];
            for [rows, columns] in windows(height, width) {
                for row in rows {
                    times[row * width..][columns.clone()].iter_mut().for_each(|times| *times += 1);
                }
            }
            assert!(times.iter().all(|&times| times == 1), "{height}×{width}");
        }
        assert_eq!(windows(120, 160).len(), 8 * 11);
    }
}
