//! The names of EfficientNets elsewhere, which number blocks by themselves: not a matter of a table.

use std::collections::BTreeMap;

use super::style::Style;
use crate::network::encoders::{BlockPlan, Plan};

/// The leaves of a batch norm, ours and PyTorch's.
const NORM_LEAVES: [(&str, &str); 4] =
    [("gamma", "weight"), ("beta", "bias"), ("running_mean", "running_mean"), ("running_variance", "running_var")];

/// The styles of efficientnet-pytorch and timm; none for plans of full convolutions, which are no EfficientNets.
pub fn styles(plan: &Plan) -> Vec<Style> {
    let blocks: Vec<(usize, usize, &BlockPlan)> = (2..)
        .zip(&plan.stages)
        .flat_map(|(stage, blocks)| blocks.iter().enumerate().map(move |(index, block)| (stage, index, block)))
        .collect();
    if blocks.iter().any(|(_, _, block)| !block.depthwise) {
        return Vec::new();
    }
    let sources = sources(&blocks);
    let style = |title, at: usize| {
        let names = sources.iter().map(|(ours, theirs)| (format!("encoder.{ours}"), theirs[at].clone()));
        Style { title, names: names.collect() }
    };
    vec![style("efficientnet-pytorch", 0), style("timm", 1)]
}

/// For each of our names (without `encoder.`), the names under which others store it.
fn sources(blocks: &[(usize, usize, &BlockPlan)]) -> BTreeMap<String, [String; 2]> {
    let mut map = BTreeMap::new();
    let mut conv = |ours: String, others: [String; 2], bias: bool| {
        for leaf in ["weight", "bias"].iter().take(1 + usize::from(bias)) {
            map.insert(format!("{ours}.{leaf}"), others.each_ref().map(|other| format!("{other}.{leaf}")));
        }
    };
    let words = |first: &str, second: &str| [first.to_owned(), second.to_owned()];
    conv("stem".to_owned(), words("_conv_stem", "conv_stem"), false);
    let mut norms = vec![("stem_norm".to_owned(), words("_bn0", "bn1"))];
    let runs = runs_of(blocks.iter().map(|(_, _, block)| *block));
    for (flat, (&(stage, index, block), (run, repeat))) in blocks.iter().zip(runs).enumerate() {
        let ours = |part: &str| format!("stage{stage}.block{index}.{part}");
        let both =
            |first: &str, second: &str| [format!("_blocks.{flat}.{first}"), format!("blocks.{run}.{repeat}.{second}")];
        let expands = block.inner != block.input;
        // timm numbers the layers of a block without expansion differently.
        let (project, depthwise_norm, project_norm) =
            if expands { ("conv_pwl", "bn2", "bn3") } else { ("conv_pw", "bn1", "bn2") };
        if expands {
            conv(ours("expand"), both("_expand_conv", "conv_pw"), false);
            norms.push((ours("expand_norm"), both("_bn0", "bn1")));
        }
        conv(ours("depthwise"), both("_depthwise_conv", "conv_dw"), false);
        norms.push((ours("depthwise_norm"), both("_bn1", depthwise_norm)));
        if block.squeeze > 0 {
            conv(ours("excite.reduce"), both("_se_reduce", "se.conv_reduce"), true);
            conv(ours("excite.expand"), both("_se_expand", "se.conv_expand"), true);
        }
        conv(ours("project"), both("_project_conv", project), false);
        norms.push((ours("project_norm"), both("_bn2", project_norm)));
    }
    for (ours, others) in norms {
        for (leaf, other_leaf) in NORM_LEAVES {
            let names = others.each_ref().map(|other| format!("{other}.{other_leaf}"));
            map.insert(format!("{ours}.{leaf}"), names);
        }
    }
    map
}

/// timm groups blocks of equal output and kernel: the group and the place in it of each block.
fn runs_of<'a>(blocks: impl Iterator<Item = &'a BlockPlan>) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut last = None;
    for block in blocks {
        let next = match (runs.last(), last == Some(block.output)) {
            (Some(&(run, repeat)), true) => (run, repeat + 1),
            (Some(&(run, _)), false) => (run + 1, 0),
            (None, _) => (0, 0),
        };
        runs.push(next);
        last = Some(block.output);
    }
    runs
}
