//! A table of single layers.

use crate::peer::{Peer, Side};
use crate::{figure, median};

/// What the table calls a layer, and how a side is asked for it.
///
/// `conv BATCH INPUT OUTPUT ROWS COLUMNS STRIDE DILATION GROUPS HEIGHT WIDTH`, `norm BATCH CHANNELS HEIGHT WIDTH`,
/// `layer-norm` and `gelu BATCH CHANNELS HEIGHT WIDTH`, `attention BATCH HEADS DEPTH PLACES SOURCES`,
/// `linear BATCH INPUT OUTPUT HEIGHT WIDTH`, `resize BATCH CHANNELS HEIGHT WIDTH HEIGHT' WIDTH'`,
/// `head BATCH CLASSES HEIGHT WIDTH`, `mff SENSORS BATCH CHANNELS HEIGHT WIDTH`, `relation BATCH CLASSES HEIGHT WIDTH`,
/// `adamw BATCH HEIGHT WIDTH`.
pub const CASES: [(&str, &str); 23] = [
    ("3→32, 3×3 stride 2, 120×160", "conv 4 3 32 3 3 2 1 1 120 160"),
    ("32→32, 3×3, 60×80", "conv 4 32 32 3 3 1 1 1 60 80"),
    ("64→64, 3×3, 30×40", "conv 4 64 64 3 3 1 1 1 30 40"),
    ("128→128, 3×3, 15×20", "conv 4 128 128 3 3 1 1 1 15 20"),
    ("256→256, 3×3, 8×10", "conv 4 256 256 3 3 1 1 1 8 10"),
    ("64→64, 3×3 dilated 2, 8×10", "conv 4 64 64 3 3 1 2 1 8 10"),
    ("96 depth-wise 3×3, 60×80", "conv 4 96 96 3 3 1 1 96 60 80"),
    ("240 depth-wise 5×5, 15×20", "conv 4 240 240 5 5 1 1 240 15 20"),
    ("128 depth-wise 1×11, 15×20", "conv 4 128 128 1 11 1 1 128 15 20"),
    ("128 depth-wise 21×1, 15×20", "conv 4 128 128 21 1 1 1 128 15 20"),
    ("96→24, 1×1, 60×80", "conv 4 96 24 1 1 1 1 1 60 80"),
    ("192→1152, 1×1, 8×10", "conv 4 192 1152 1 1 1 1 1 8 10"),
    ("batch norm + ReLU6, 96, 60×80", "norm 4 96 60 80"),
    ("layer norm, 64, 30×40", "layer-norm 4 64 30 40"),
    ("attention, 2 heads, 1,200 to 300", "attention 4 2 32 1200 300"),
    ("GELU, 256, 30×40", "gelu 4 256 30 40"),
    ("linear 64→256, 30×40", "linear 4 64 256 30 40"),
    ("bilinear 10, 30×40 → 120×160", "resize 4 10 30 40 120 160"),
    ("CE + Dice, 10 classes, 120×160", "head 4 10 120 160"),
    ("DIST, 10 classes, 120×160", "relation 4 10 120 160"),
    ("MFF, 4 sensors, 10 classes, 30×40", "mff 4 4 10 30 40"),
    ("MFF, 4 sensors, 25 classes, 256×256", "mff 4 1 25 256 256"),
    ("clip + AdamW, OGP-Net Lite0", "adamw 1 64 64"),
];

const SIDES: [Side; 3] = [Side::Ours, Side::Stock, Side::Torch];

/// Measures every layer on every side in turn. `title` says of what the cases are.
pub fn print(title: &str, cases: &[(&str, &str)], rounds: usize) {
    println!(
        "\n{title}, milliseconds, {rounds} rounds; ratio is ours to PyTorch; no gradient for an image of 3 channels"
    );
    println!("{:32} {:^34}   {:^34}", "", "forward", "forward + backward");
    let heads = format!("{:>8} {:>9} {:>8} {:>6}", "ours", "stock", "PyTorch", "ratio");
    println!("{:32} {heads}   {heads}", "part");
    let mut peers = Peer::start_all(&SIDES);
    for (name, words) in cases {
        let mut found: [[Vec<f64>; 2]; 3] = Default::default();
        for _ in 0..rounds {
            for (peer, found) in peers.iter_mut().zip(&mut found) {
                let answer = peer.as_mut().map(|peer| peer.ask(&format!("layer {words}"))).unwrap_or_default();
                for (millis, found) in answer.into_iter().zip(found) {
                    found.push(millis);
                }
            }
        }
        let [ahead, both] = [0, 1].map(|part| {
            let [ours, stock, torch] = found.each_mut().map(|side| median(std::mem::take(&mut side[part])));
            let [own, plain, other] = [ours, stock, torch].map(|millis| figure(millis, 2));
            format!("{own:>8} {plain:>9} {other:>8} {:>6}", figure(ours / torch, 2))
        });
        println!("{name:32} {ahead}   {both}");
    }
}
