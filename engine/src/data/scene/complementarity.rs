//! How much one pixel of one sensor tells: the measure of why the sample data set needs more than one sensor.

use std::path::{Path, PathBuf};

use image::DynamicImage;

use super::arithmetic::log2;
use super::class::NAMES;
use super::error::SceneError;
use crate::data::DataError;

/// Sensors in the order of the tables.
const SENSORS: [&str; 5] = ["colour", "thermal", "depth", "lidar", "event"];
const CLASSES: usize = NAMES.len();
/// Image rows are told apart in this many bands: where something is says much about what it is.
const BANDS: usize = 12;
/// Values a pixel of any sensor can take after quantisation.
const CODES: usize = 512;
/// Values a threshold is tried at.
const LEVELS: usize = 256;
/// Brightness and the three colours can each have a threshold.
const CHANNELS: usize = 4;

/// Counts of true and predicted pixels.
#[derive(Clone, Copy, Default)]
struct Tally {
    both: u64,
    truth: u64,
    predicted: u64,
}

impl Tally {
    /// Intersection over union, in percent; `None` when the class occurs nowhere.
    fn iou(self) -> Option<f64> {
        let union = self.truth + self.predicted - self.both;
        (union > 0).then(|| 100.0 * self.both as f64 / union as f64)
    }
}

/// One scene as the pixel classifiers see it.
struct Pixels {
    night: bool,
    height: usize,
    labels: Vec<u8>,
    /// One code a pixel and sensor.
    codes: Vec<Vec<u16>>,
    /// Up to [`CHANNELS`] levels a pixel and sensor.
    levels: Vec<Vec<Vec<u8>>>,
}

/// Measures how well single pixels predict the class, sensor by sensor, and prints it as Markdown tables.
///
/// `dir` is what [`super::write_dataset`] wrote; the classifiers learn on `train` and are measured on `test`.
pub fn describe(dir: &Path) -> Result<String, SceneError> {
    let mut bayes = Bayes::new();
    let mut thresholds = Thresholds::new();
    for_each_scene(dir, "train", &mut |pixels| {
        bayes.learn(pixels);
        thresholds.learn(pixels);
    })?;
    let table = bayes.finish();
    let chosen = thresholds.choose();
    // By day, by night; each sensor, then all together; class by class.
    let mut by_bayes = vec![vec![[Tally::default(); CLASSES]; SENSORS.len() + 1]; 2];
    let mut by_threshold = vec![vec![[Tally::default(); CLASSES]; SENSORS.len()]; 2];
    for_each_scene(dir, "test", &mut |pixels| {
        let hour = usize::from(pixels.night);
        for pixel in 0..pixels.labels.len() {
            let truth = usize::from(pixels.labels[pixel]);
            for (column, tallies) in by_bayes[hour].iter_mut().enumerate() {
                let predicted = table.predict(pixels, pixel, column);
                tallies[truth].truth += 1;
                tallies[predicted].predicted += 1;
                tallies[truth].both += u64::from(truth == predicted);
            }
            for (sensor, tallies) in by_threshold[hour].iter_mut().enumerate() {
                for (class, tally) in tallies.iter_mut().enumerate() {
                    let predicted = chosen[sensor][class].is_met(&pixels.levels[sensor], pixel);
                    tally.truth += u64::from(truth == class);
                    tally.predicted += u64::from(predicted);
                    tally.both += u64::from(predicted && truth == class);
                }
            }
        }
    })?;
    Ok(tables(&by_bayes, &by_threshold))
}

fn tables(by_bayes: &[Vec<[Tally; CLASSES]>], by_threshold: &[Vec<[Tally; CLASSES]>]) -> String {
    let mut text = String::from("Mean IoU over the ten classes, test split, percent:\n\n");
    text.push_str("| | colour | thermal | depth | lidar | event | all five |\n|---|---|---|---|---|---|---|\n");
    for (name, measured) in [("one threshold a class", by_threshold), ("pixel classifier", by_bayes)] {
        for (hour, tallies) in [("day", &measured[0]), ("night", &measured[1])] {
            let mut cells: Vec<String> = tallies.iter().map(|t| format!("{:.1}", mean_iou(t))).collect();
            cells.resize(SENSORS.len() + 1, String::from("–"));
            text.push_str(&format!("| {name}, {hour} | {} |\n", cells.join(" | ")));
        }
    }
    for (hour, tallies) in [("day", &by_bayes[0]), ("night", &by_bayes[1])] {
        text.push_str(&format!("\nIoU of the pixel classifier by class, {hour}, percent:\n\n"));
        text.push_str("| | colour | thermal | depth | lidar | event | all five |\n|---|---|---|---|---|---|---|\n");
        for (class, name) in NAMES.iter().enumerate() {
            let cell = |t: &[Tally; CLASSES]| t[class].iou().map_or("–".to_owned(), |iou| format!("{iou:.1}"));
            text.push_str(&format!("| {name} | {} |\n", tallies.iter().map(cell).collect::<Vec<_>>().join(" | ")));
        }
    }
    text
}

fn mean_iou(tallies: &[Tally; CLASSES]) -> f64 {
    let known: Vec<f64> = tallies.iter().filter_map(|tally| tally.iou()).collect();
    known.iter().sum::<f64>() / known.len().max(1) as f64
}

/// Pixel counts by sensor, band of rows, code and class.
struct Bayes {
    counts: Vec<u32>,
}

/// Log-likelihoods of codes by sensor, band and class, and log-priors of classes by band.
struct BayesTable {
    likelihood: Vec<f32>,
    prior: Vec<f32>,
}

fn cell(sensor: usize, band: usize, code: usize, class: usize) -> usize {
    ((sensor * BANDS + band) * CODES + code) * CLASSES + class
}

impl Bayes {
    fn new() -> Self {
        Self { counts: vec![0; SENSORS.len() * BANDS * CODES * CLASSES] }
    }

    fn learn(&mut self, pixels: &Pixels) {
        for (sensor, codes) in pixels.codes.iter().enumerate() {
            for (pixel, &code) in codes.iter().enumerate() {
                let class = usize::from(pixels.labels[pixel]);
                self.counts[cell(sensor, pixels.band(pixel), usize::from(code), class)] += 1;
            }
        }
    }

    fn finish(self) -> BayesTable {
        let mut likelihood = vec![0.0; self.counts.len()];
        let mut prior = vec![0.0; BANDS * CLASSES];
        for band in 0..BANDS {
            for class in 0..CLASSES {
                for sensor in 0..SENSORS.len() {
                    let count = |code| self.counts[cell(sensor, band, code, class)];
                    let total: u32 = (0..CODES).map(count).sum();
                    let scale = log2(total as f32 + 0.02 * CODES as f32);
                    for code in 0..CODES {
                        likelihood[cell(sensor, band, code, class)] = log2(count(code) as f32 + 0.02) - scale;
                    }
                    // The square root of the frequency: rare classes count more than their area, less than equally.
                    prior[band * CLASSES + class] = 0.5 * log2(total as f32 + 1.0);
                }
            }
        }
        BayesTable { likelihood, prior }
    }
}

impl BayesTable {
    /// The likeliest class of a pixel by one sensor, or by all for `column` = number of sensors.
    fn predict(&self, pixels: &Pixels, pixel: usize, column: usize) -> usize {
        let band = pixels.band(pixel);
        let sensors = if column < SENSORS.len() { column..column + 1 } else { 0..SENSORS.len() };
        let mut best = (0, f32::MIN);
        for class in 0..CLASSES {
            let mut score = self.prior[band * CLASSES + class];
            for sensor in sensors.clone() {
                score += self.likelihood[cell(sensor, band, usize::from(pixels.codes[sensor][pixel]), class)];
            }
            if score > best.1 {
                best = (class, score);
            }
        }
        best.0
    }
}

/// Pixel counts by sensor, channel, class and level.
struct Thresholds {
    counts: Vec<u64>,
}

/// "Class, if this channel is at least (or below) this level".
#[derive(Clone, Copy, Default)]
struct Threshold {
    channel: usize,
    level: usize,
    above: bool,
    iou: f64,
}

impl Threshold {
    fn is_met(&self, levels: &[Vec<u8>], pixel: usize) -> bool {
        (usize::from(levels[self.channel][pixel]) >= self.level) == self.above
    }
}

impl Thresholds {
    fn new() -> Self {
        Self { counts: vec![0; SENSORS.len() * CHANNELS * CLASSES * LEVELS] }
    }

    fn row(sensor: usize, channel: usize, class: usize) -> std::ops::Range<usize> {
        let start = ((sensor * CHANNELS + channel) * CLASSES + class) * LEVELS;
        start..start + LEVELS
    }

    fn learn(&mut self, pixels: &Pixels) {
        for (sensor, channels) in pixels.levels.iter().enumerate() {
            for (channel, levels) in channels.iter().enumerate() {
                for (pixel, &level) in levels.iter().enumerate() {
                    let start = Self::row(sensor, channel, usize::from(pixels.labels[pixel])).start;
                    self.counts[start + usize::from(level)] += 1;
                }
            }
        }
    }

    /// For each sensor and class the threshold with the best IoU on what was learned.
    fn choose(&self) -> Vec<[Threshold; CLASSES]> {
        let mut chosen = vec![[Threshold::default(); CLASSES]; SENSORS.len()];
        for (sensor, best) in chosen.iter_mut().enumerate() {
            for channel in 0..CHANNELS {
                let rows: Vec<&[u64]> = (0..CLASSES).map(|c| &self.counts[Self::row(sensor, channel, c)]).collect();
                for (class, best) in best.iter_mut().enumerate() {
                    let truth: u64 = rows[class].iter().sum();
                    let all: u64 = rows.iter().flat_map(|row| row.iter()).sum();
                    let (mut own_below, mut all_below) = (0, 0);
                    for level in 1..LEVELS {
                        own_below += rows[class][level - 1];
                        all_below += rows.iter().map(|row| row[level - 1]).sum::<u64>();
                        for above in [false, true] {
                            let (both, predicted) =
                                if above { (truth - own_below, all - all_below) } else { (own_below, all_below) };
                            let iou = Tally { both, truth, predicted }.iou().unwrap_or(0.0);
                            if iou > best.iou {
                                *best = Threshold { channel, level, above, iou };
                            }
                        }
                    }
                }
            }
        }
        chosen
    }
}

impl Pixels {
    fn band(&self, pixel: usize) -> usize {
        let width = self.labels.len() / self.height;
        pixel / width * BANDS / self.height
    }
}

/// Reads the scenes of a split in the order of their ids.
fn for_each_scene(dir: &Path, split: &str, use_scene: &mut dyn FnMut(&Pixels)) -> Result<(), SceneError> {
    let folder = dir.join(split).join("label");
    let unreadable = |error: std::io::Error| SceneError::File {
        action: "list a folder of the sample data set",
        reason: error.to_string(),
        path: folder.clone(),
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let name = name.to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension == "png") {
            names.push(name);
        }
    }
    names.sort();
    if names.is_empty() {
        let reason = format!("no label pictures in split {split}");
        return Err(SceneError::Data(DataError::NoSamples { reason, path: folder }));
    }
    for name in names {
        let open = |sensor: &str| read(dir.join(split).join(sensor).join(&name));
        let label = open("label")?.into_luma8();
        let height = label.height() as usize;
        let labels: Vec<u8> = label.into_raw().into_iter().map(|id| id.min(CLASSES as u8 - 1)).collect();
        let (mut codes, mut levels) = (Vec::new(), Vec::new());
        for sensor in SENSORS {
            let picture = open(sensor)?;
            let found = (picture.width() * picture.height()) as usize;
            if found != labels.len() {
                return Err(SceneError::File {
                    action: "match a picture with its label",
                    reason: format!("expected {} pixels as in the label, found {found}", labels.len()),
                    path: dir.join(split).join(sensor).join(&name),
                });
            }
            let (code, level) = quantise(picture);
            codes.push(code);
            levels.push(level);
        }
        use_scene(&Pixels { night: name.contains("night"), height, labels, codes, levels });
    }
    Ok(())
}

fn read(path: PathBuf) -> Result<DynamicImage, SceneError> {
    image::open(&path).map_err(|error| SceneError::File {
        action: "read a picture of the sample data set",
        reason: error.to_string(),
        path,
    })
}

/// A code and the threshold levels of each pixel.
fn quantise(picture: DynamicImage) -> (Vec<u16>, Vec<Vec<u8>>) {
    match picture {
        DynamicImage::ImageRgb8(rgb) => {
            let bytes = rgb.into_raw();
            let code = |p: &[u8]| p.iter().fold(0, |code, &value| code * 8 + u16::from(value / 32));
            let mean = |p: &[u8]| (p.iter().map(|&value| u16::from(value)).sum::<u16>() / 3) as u8;
            let mut levels: Vec<Vec<u8>> = (0..3).map(|c| bytes.iter().skip(c).step_by(3).copied().collect()).collect();
            levels.push(bytes.chunks_exact(3).map(mean).collect());
            (bytes.chunks_exact(3).map(code).collect(), levels)
        }
        DynamicImage::ImageLuma16(wide) => {
            // Distances: steps of 0.16 m up to 40 m, and 0 for none.
            let levels: Vec<u8> = wide.into_raw().into_iter().map(|v| v.div_ceil(41).min(255) as u8).collect();
            (levels.iter().map(|&v| u16::from(v) / 2).collect(), vec![levels])
        }
        other => {
            let levels = other.into_luma8().into_raw();
            (levels.iter().map(|&v| u16::from(v)).collect(), vec![levels])
        }
    }
}
