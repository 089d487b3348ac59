//! What the parameters of each encoder family are called in other people's files: a table a family and style.

use super::efficientnet;
use super::style::{Style, Table};
use crate::network::encoders::Encoder;

/// The names of torchvision's ResNets, which timm's share.
const RESNET: Table = Table {
    title: "torchvision and timm",
    rows: &[
        ("stem", "conv1"),
        ("stem_norm", "bn1"),
        ("stage*.block*.expand", "layer{-1}.{}.conv1"),
        ("stage*.block*.expand_norm", "layer{-1}.{}.bn1"),
        ("stage*.block*.depthwise", "layer{-1}.{}.conv2"),
        ("stage*.block*.depthwise_norm", "layer{-1}.{}.bn2"),
        ("stage*.block*.project", "layer{-1}.{}.conv3"),
        ("stage*.block*.project_norm", "layer{-1}.{}.bn3"),
        ("stage*.block*.shortcut", "layer{-1}.{}.downsample.0"),
        ("stage*.block*.shortcut_norm", "layer{-1}.{}.downsample.1"),
    ],
};

/// The names of SegFormer's release: `mit_b0.pth` to `mit_b5.pth`.
const MIT: Table = Table {
    title: "the SegFormer release",
    rows: &[
        ("level*.embedding", "patch_embed{}.proj"),
        ("level*.embedding_norm", "patch_embed{}.norm"),
        ("level*.block*.norm1", "block{}.{}.norm1"),
        ("level*.block*.attention.query", "block{}.{}.attn.q"),
        ("level*.block*.attention.key_value", "block{}.{}.attn.kv"),
        ("level*.block*.attention.output", "block{}.{}.attn.proj"),
        ("level*.block*.attention.reduce", "block{}.{}.attn.sr"),
        ("level*.block*.attention.reduce_norm", "block{}.{}.attn.norm"),
        ("level*.block*.norm2", "block{}.{}.norm2"),
        ("level*.block*.feed_forward.expand", "block{}.{}.mlp.fc1"),
        ("level*.block*.feed_forward.depthwise", "block{}.{}.mlp.dwconv.dwconv"),
        ("level*.block*.feed_forward.project", "block{}.{}.mlp.fc2"),
        ("level*.norm", "norm{}"),
    ],
};

/// The names of SegNeXt's release: `mscan_t.pth` to `mscan_l.pth`.
const MSCAN: Table = Table {
    title: "the SegNeXt release",
    rows: &[
        // The first two of the stem's four modules; the others begin level 1.
        ("stem", "patch_embed1.proj.0"),
        ("stem_norm", "patch_embed1.proj.1"),
        ("level1.embedding", "patch_embed1.proj.3"),
        ("level1.embedding_norm", "patch_embed1.proj.4"),
        ("level*.embedding", "patch_embed{}.proj"),
        ("level*.embedding_norm", "patch_embed{}.norm"),
        ("level*.block*.norm1", "block{}.{}.norm1"),
        ("level*.block*.attention.enter", "block{}.{}.attn.proj_1"),
        ("level*.block*.attention.local", "block{}.{}.attn.spatial_gating_unit.conv0"),
        ("level*.block*.attention.row7", "block{}.{}.attn.spatial_gating_unit.conv0_1"),
        ("level*.block*.attention.column7", "block{}.{}.attn.spatial_gating_unit.conv0_2"),
        ("level*.block*.attention.row11", "block{}.{}.attn.spatial_gating_unit.conv1_1"),
        ("level*.block*.attention.column11", "block{}.{}.attn.spatial_gating_unit.conv1_2"),
        ("level*.block*.attention.row21", "block{}.{}.attn.spatial_gating_unit.conv2_1"),
        ("level*.block*.attention.column21", "block{}.{}.attn.spatial_gating_unit.conv2_2"),
        ("level*.block*.attention.mix", "block{}.{}.attn.spatial_gating_unit.conv3"),
        ("level*.block*.attention.leave", "block{}.{}.attn.proj_2"),
        ("level*.block*.scale1.gamma", "block{}.{}.layer_scale_1"),
        ("level*.block*.norm2", "block{}.{}.norm2"),
        ("level*.block*.feed_forward.expand", "block{}.{}.mlp.fc1"),
        ("level*.block*.feed_forward.depthwise", "block{}.{}.mlp.dwconv.dwconv"),
        ("level*.block*.feed_forward.project", "block{}.{}.mlp.fc2"),
        ("level*.block*.scale2.gamma", "block{}.{}.layer_scale_2"),
        ("level*.norm", "norm{}"),
    ],
};

/// The ways in which others name an encoder's parameters; `parameters` are ours, without a sensor's copy.
pub fn styles(encoder: &Encoder, parameters: &[String]) -> Vec<Style> {
    let of = |table| vec![Style::of_table(table, parameters.iter().map(String::as_str))];
    match encoder {
        Encoder::Blocks(encoder) if encoder.plan().pools => of(&RESNET),
        Encoder::Blocks(encoder) => efficientnet::styles(encoder.plan()),
        Encoder::Mit(_) => of(&MIT),
        Encoder::Mscan(_) => of(&MSCAN),
    }
}
