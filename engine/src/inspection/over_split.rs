//! One view of every scene of a split, summed up: whole, by class and by condition.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::error::InspectionError;
use super::left_out::LeftOut;
use super::memory::SceneMemory;
use super::picture::Sampled;
use super::scene_view::looked_at;
use crate::data::Dataset;
use crate::evaluation::MeanImage;
use crate::files::csv;
use crate::network::{Model, Shown};
use crate::protocol::{Content, Pixels, SceneView, ViewKind, ViewRequest};

/// What a view comes to over a split.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ViewTable {
    /// The view's name.
    pub view: String,
    /// The split's name.
    pub split: String,
    /// Scenes that were looked at.
    pub scenes: u64,
    /// What each row's values are: the words of a map of words, else `mean`.
    pub columns: Vec<String>,
    /// All pixels, then those of each true class, then those of scenes with each tag; rows without pixels are left out.
    pub rows: Vec<ViewRow>,
}

/// Some of a split's pixels.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ViewRow {
    /// `all`, `class` or `tag`.
    pub kind: &'static str,
    /// The class or tag.
    pub name: String,
    /// How many they are.
    pub pixels: u64,
    /// The share of each word, 0 to 1, or the mean of the values.
    pub values: Vec<f64>,
}

impl ViewTable {
    /// A line a row.
    pub fn csv(&self) -> String {
        let heading = ["rows", "name", "pixels"].map(str::to_owned).into_iter().chain(self.columns.iter().cloned());
        let line = |row: &ViewRow| {
            let cells = [row.kind.to_owned(), row.name.clone(), row.pixels.to_string()];
            csv::line(cells.into_iter().chain(row.values.iter().map(|value| format!("{value:.6}"))))
        };
        csv::line(heading) + &self.rows.iter().map(line).collect::<String>()
    }
}

/// Looks at every scene of the request's split, whichever it names, and sums up the first view that it watches; and a
/// sentence for what was left out.
///
/// `progress` is told how many scenes are done, of how many, and may stop it. Fails where there is no such view, where it is a
/// table of something else than pixels, and where no scene can be used.
pub fn over_split(
    model: &Model,
    dataset: &Dataset,
    request: &ViewRequest,
    means: &[MeanImage],
    progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>,
) -> Result<(ViewTable, Vec<String>), InspectionError> {
    let view = request.watched.first().cloned().unwrap_or_default();
    let refused = |reason: String| InspectionError::View { view: view.clone(), reason };
    if ViewKind::of(&view).is_some_and(|kind| kind.is_table) {
        return Err(refused("it is a table, and no map of a scene's pixels".to_owned()));
    }
    let scenes = &dataset.split(&request.split)?.samples;
    let mut sums = Sums::default();
    let (mut left_out, mut used, mut is_offered) = (LeftOut::default(), 0, false);
    for (index, scene) in scenes.iter().enumerate() {
        let mut tell = |_, _| progress(index as u64, scenes.len() as u64);
        if tell(0, 0).is_break() {
            return Err(InspectionError::Stopped);
        }
        let request = ViewRequest { index, ..request.clone() };
        let (seen, probes) =
            match looked_at(Some(model), dataset, &request, means, &mut SceneMemory::default(), &mut tell) {
                Ok(found) => found,
                Err(InspectionError::Stopped) => return Err(InspectionError::Stopped),
                Err(error) => {
                    left_out.add(scene.id(), &error.to_string());
                    continue;
                }
            };
        is_offered |= seen.offered.contains(&view);
        let size = seen.tiles.first().map(|tile| [tile.frame.height as usize, tile.frame.width as usize]);
        let map = probes.maps().get(&view).zip(size);
        let Some((recorded, sampled)) =
            map.and_then(|(recorded, [height, width])| Some((recorded, Sampled::of(recorded, height, width)?)))
        else {
            left_out.add(scene.id(), &why_not(&seen, &view));
            continue;
        };
        match &recorded.shown {
            Shown::Image => return Err(refused("it is a picture, and no map of values or words".to_owned())),
            Shown::Classes(legend) => sums.columns.clone_from(legend),
            Shown::Scalar(_) => sums.columns = vec!["mean".to_owned()],
        }
        sums.add(&seen, &sampled, matches!(recorded.shown, Shown::Classes(_)));
        used += 1;
    }
    if used == 0 {
        let first = left_out.first().unwrap_or("it has none").to_owned();
        if !is_offered && !scenes.is_empty() {
            return Err(refused(first));
        }
        return Err(InspectionError::NothingUsable { split: request.split.clone(), first });
    }
    let rows = sums.rows(&model.classes);
    let table = ViewTable { view, split: request.split.clone(), scenes: used, columns: sums.columns, rows };
    Ok((table, left_out.finish()))
}

fn why_not(seen: &SceneView, view: &str) -> String {
    let refused = seen.refused.iter().find(|(name, _)| name == view).map(|(_, reason)| reason.clone());
    let unfit = seen.unfit.clone().filter(|_| seen.answer.is_none());
    let needs = || ViewKind::of(view).map(ViewKind::reason);
    refused.or(unfit).or_else(needs).unwrap_or_else(|| format!("there is no view `{view}`"))
}

/// Sums a row.
#[derive(Clone, Debug, Default)]
struct Sum {
    pixels: u64,
    values: Vec<f64>,
}

impl Sum {
    fn add(&mut self, value: f32, is_word: bool, columns: usize) {
        self.values.resize(columns, 0.0);
        self.pixels += 1;
        if is_word {
            if let Some(count) = self.values.get_mut(value.round().max(0.0) as usize) {
                *count += 1.0;
            }
        } else {
            self.values[0] += f64::from(value);
        }
    }

    fn row(&self, kind: &'static str, name: &str) -> Option<ViewRow> {
        let pixels = self.pixels;
        let values = self.values.iter().map(|sum| sum / pixels as f64).collect();
        (pixels > 0).then(|| ViewRow { kind, name: name.to_owned(), pixels, values })
    }
}

#[derive(Debug, Default)]
struct Sums {
    columns: Vec<String>,
    all: Sum,
    classes: BTreeMap<u8, Sum>,
    tags: BTreeMap<String, Sum>,
}

impl Sums {
    fn add(&mut self, seen: &SceneView, Sampled { values, places, .. }: &Sampled, is_word: bool) {
        let label = seen.tiles.iter().find(|tile| tile.content == Content::Label && seen.unfit.is_none());
        let truth = label.and_then(|tile| match &tile.frame.pixels {
            Pixels::Labels { ids, .. } => Some(ids),
            _ => None,
        });
        let columns = self.columns.len();
        for (pixel, &place) in places.iter().enumerate() {
            let value = values[place];
            self.all.add(value, is_word, columns);
            if let Some(&class) = truth.and_then(|truth| truth.get(pixel)) {
                self.classes.entry(class).or_default().add(value, is_word, columns);
            }
            for tag in &seen.tags {
                // Few scenes have more than two.
                self.tags.entry(tag.clone()).or_default().add(value, is_word, columns);
            }
        }
    }

    /// Classes that the network does not know, such as ignored pixels, have none.
    fn rows(&self, classes: &[String]) -> Vec<ViewRow> {
        let of_classes = classes.iter().zip(0..).filter_map(|(name, id)| self.classes.get(&id)?.row("class", name));
        let of_tags = self.tags.iter().filter_map(|(tag, sum)| sum.row("tag", tag));
        self.all.row("all", "all").into_iter().chain(of_classes).chain(of_tags).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspection::bench::fitting_bench;
    use crate::inspection::scene_view;

    fn asked(view: &str) -> ViewRequest {
        ViewRequest { split: "test".to_owned(), watched: vec![view.to_owned()], ..ViewRequest::default() }
    }

    fn summed(view: &str) -> Result<ViewTable, InspectionError> {
        let (_folder, dataset, model) = fitting_bench();
        over_split(&model, &dataset, &asked(view), &[], &mut |_, _| ControlFlow::Continue(())).map(|(table, _)| table)
    }

    #[test]
    fn words_have_shares_of_each_class_s_pixels_and_values_a_mean() {
        let words = summed("exchange.spatial.mask").unwrap();
        assert_eq!((words.scenes, words.columns.as_slice()), (2, &["mean".to_owned()][..]));
        assert_eq!((words.rows[0].kind, words.rows[0].pixels), ("all", 2 * 32 * 32));
        let of = |kind: &str| words.rows.iter().filter(|row| row.kind == kind).map(|row| row.pixels).sum::<u64>();
        assert!(of("class") <= of("all") && of("class") > 0);
        assert!(
            words.rows.iter().any(|row| (row.kind, row.name.as_str()) == ("tag", "night") && row.pixels == 32 * 32)
        );
        assert!(words.csv().starts_with("rows,name,pixels,mean\nall,all,2048,"), "{}", words.csv());
    }

    #[test]
    fn the_sum_is_over_the_maps_themselves_of_every_scene() {
        let (_folder, dataset, model) = fitting_bench();
        let table = summed("uncertainty.margin.fused").unwrap();
        let mut sum = 0.0;
        for index in 0..2 {
            let view =
                scene_view(Some(&model), &dataset, &ViewRequest { index, ..asked("uncertainty.margin.fused") }, &[]);
            let view = view.unwrap();
            let Some(Pixels::Scalar { values, .. }) = view
                .tiles
                .iter()
                .find(|tile| matches!(tile.content, Content::Probe(_)))
                .map(|tile| tile.frame.pixels.clone())
            else {
                panic!("a scalar map")
            };
            sum += values.iter().map(|&value| f64::from(value) / 255.0).sum::<f64>();
        }
        // A picture has steps of 1/255.
        assert!((table.rows[0].values[0] - sum / 2048.0).abs() < 0.5 / 255.0);
    }

    #[test]
    fn what_cannot_be_summed_is_refused_with_the_reason() {
        let reason = |view: &str| summed(view).unwrap_err().to_string();
        assert!(reason("exchange.gamma.thermal").contains("a table"), "{}", reason("exchange.gamma.thermal"));
        assert!(reason("mff.selection").contains("fusion.kind=mff"), "{}", reason("mff.selection"));
        assert!(reason("made.up").contains("no view `made.up`"), "{}", reason("made.up"));
        let mut stopped = |_, _| ControlFlow::Break(());
        let (_folder, dataset, model) = fitting_bench();
        let ended = over_split(&model, &dataset, &asked("loss.fused"), &[], &mut stopped);
        assert!(matches!(ended, Err(InspectionError::Stopped)));
    }
}
