//! A table of the methods' own modules and losses. Each has a case here, an arm below, and a twin in `methods.py`.

use burn::tensor::Tensor;
use fusionscope_engine::network::fusion::{Beside, FdamGlobal, Fuse as _, Pass, Place};
use fusionscope_engine::network::interaction::{FdamLocal, LevelCoefficients, Used};
use fusionscope_engine::network::layers::Init;
use fusionscope_engine::network::{Inputs, Mode, Probes};
use fusionscope_engine::objective::{Contrast, Pool, Quota, Sampling, across, contrast, within};
use fusionscope_engine::random::Streams;
use fusionscope_engine::recipe::Recipe;
use fusionscope_engine::recipe::catalogue::fusion::Start;

use crate::layer::Layer;
use crate::student::labels;

/// What the table calls a part, and how a side is asked for it.
///
/// `coefficients BATCH CHANNELS HEIGHT WIDTH` of each of two sensors, `contrast BATCH WIDTH ANCHORS HEIGHT WIDTH`
/// (OGP-Net's), `multimodal ENTRIES PIXELS WIDTH` (SMMCL's three terms), `fdam LEVEL BATCH CHANNELS HEIGHT WIDTH` (both
/// alignments of a level).
pub const CASES: [(&str, &str); 10] = [
    ("coefficients, 64, 30×40", "coefficients 4 64 30 40"),
    ("coefficients, 512, 15×20", "coefficients 1 512 15 20"),
    ("OGP-Net's contrast, 128 anchors", "contrast 4 32 128 8 10"),
    ("OGP-Net's contrast, 1024 anchors", "contrast 4 256 1024 30 40"),
    ("SMMCL's contrast, 16 × 8 px", "multimodal 16 8 32"),
    ("SMMCL's contrast, 128 × 16 px", "multimodal 128 16 256"),
    ("FDAM, 24, level 1, 30×40", "fdam 1 4 24 30 40"),
    ("FDAM, 64, level 1, 120×160", "fdam 1 1 64 120 160"),
    ("FDAM, 128, level 2, 60×80", "fdam 2 1 128 60 80"),
    ("FDAM, 320, level 3, 30×40", "fdam 3 1 320 30 40"),
];

/// The part that a case's words say; `None` where there is none of that kind.
pub fn prepare(kind: &str, sizes: &[usize], init: &Init<'_>, streams: Streams) -> Option<Layer> {
    let part = match (kind, sizes) {
        ("coefficients", &[batch, channels, height, width]) => {
            let module = LevelCoefficients::new(channels, init);
            let used = Used { spatial: true, channel: true, factor: 0.5 };
            let pair = init.at("x").normal([batch, 2 * channels, height, width], 1.0).require_grad();
            Layer::mapping(pair, init, move |x| {
                let pair = [0, channels].map(|start| x.clone().narrow(1, start, channels));
                Tensor::cat(module.forward(pair, used, 1, &mut Probes::off()).into(), 1)
            })
        }
        ("contrast", &[batch, width, anchors, height, columns]) => {
            let maps = init.at("x").normal([2 * batch, width, height, columns], 1.0).require_grad();
            let labels = labels([batch, height, columns], streams);
            let settings = Contrast {
                temperature: 0.1,
                sampling: Sampling::SemiHard,
                fraction: 0.1,
                anchors,
                pool: Pool::Stage,
                quota: Quota::Pixels,
            };
            Layer::losing(move || {
                let unit = maps.clone() / maps.clone().square().sum_dim(1).sqrt();
                let sensors = [0, batch].map(|start| unit.clone().narrow(0, start, batch));
                let random = &mut streams.stream("sampling", 0);
                contrast(&[sensors.into()], &labels, &[], settings, random).unwrap_or_else(|| unit.sum())
            })
        }
        ("multimodal", &[entries, pixels, width]) => {
            let rows = entries * pixels;
            let maps = init.at("x").normal([2, rows, width], 1.0).require_grad();
            let classes: Vec<u8> = (0..rows).map(|row| (row / pixels % 8) as u8).collect();
            Layer::losing(move || {
                let unit = maps.clone() / maps.clone().square().sum_dim(2).sqrt();
                let both = [0, 1].map(|sensor| unit.clone().narrow(0, sensor, 1).reshape([rows, width]));
                let terms = [
                    across(&both, &classes, 0.1),
                    within(&both[..1], &classes, 0.1),
                    within(&both[1..], &classes, 0.1),
                ];
                terms.into_iter().flatten().reduce(|sum, term| sum + term).unwrap_or_else(|| unit.sum())
            })
        }
        ("fdam", &[level, batch, channels, height, width]) => {
            let mut widths = [1; 4];
            *widths.get_mut(level.checked_sub(1)?)? = channels;
            let recipe = Recipe::defaults("bench");
            let local = FdamLocal::new(&widths, &recipe, &init.at("local"));
            let at = Some(level - 1);
            let global = FdamGlobal::new(
                Place { channels, sensors: 2, level: at, reduction: 8 >> (level - 1), start: Start::FanIn },
                &init.at("global"),
            );
            let (inputs, sensors) = (Inputs::new(Vec::new()), ["visible", "infrared"].map(str::to_owned));
            let pair = init.at("x").normal([batch, 2 * channels, height, width], 1.0).require_grad();
            Layer::mapping(pair, init, move |x| {
                let pair = [0, channels].map(|start| x.clone().narrow(1, start, channels));
                let aligned = local.forward(level - 1, pair, &mut Probes::off());
                let pass = Pass {
                    recipe: &recipe,
                    inputs: &inputs,
                    mode: Mode::Infer,
                    sensors: &sensors,
                    branches: &[0, 1],
                    level: at,
                };
                let fused = global.fuse(&aligned, pass, &mut Probes::off(), &mut Beside::default());
                fused.unwrap_or_else(|| x.clone())
            })
        }
        _ => return None,
    };
    Some(part)
}
