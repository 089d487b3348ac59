//! Self-attention whose keys and values are thinned out by a strided convolution (SegFormer §3.1, after PVT).

use burn::module::Module;
use burn::tensor::Tensor;

use super::shape::{Shape, TORCH_EPSILON};
use crate::kernels;
use crate::network::encoders::copies::Copies;
use crate::network::layers::{Bank, Conv, ConvShape, Init, LayerNorm, Linear, Padding};

/// Multi-head attention of every place to the places of a smaller map.
#[derive(Module, Debug)]
pub(super) struct Attention {
    query: Bank<Linear>,
    /// Keys are the first half of the channels, values the second.
    key_value: Bank<Linear>,
    output: Bank<Linear>,
    reduce: Option<Bank<Conv>>,
    reduce_norm: Option<Bank<LayerNorm>>,
    heads: usize,
}

impl Attention {
    pub(super) fn new(shape: Shape, copies: Copies, init: &Init<'_>) -> Self {
        let Shape { width, heads, reduction } = shape;
        let linear = |name: &str, output| {
            Bank::new(copies.convolutions, &init.at(name), |init| Linear::new(width, output, init))
        };
        let thinning = ConvShape::square(width, width, reduction).stride(reduction).padding(Padding::Patches).biased();
        Self {
            query: linear("query", width),
            key_value: linear("key_value", 2 * width),
            output: linear("output", width),
            reduce: (reduction > 1)
                .then(|| Bank::new(copies.convolutions, &init.at("reduce"), |init| Conv::new(thinning, init))),
            reduce_norm: (reduction > 1).then(|| {
                Bank::new(copies.norms, &init.at("reduce_norm"), |init| LayerNorm::new(width, TORCH_EPSILON, init))
            }),
            heads,
        }
    }

    /// `[batch, width, h, w]` to the same shape.
    pub(super) fn forward(&self, x: Tensor<4>, sensor: usize) -> Tensor<4> {
        let ([batch, width, height, across], heads) = (x.dims(), self.heads);
        let source = match (&self.reduce, &self.reduce_norm) {
            (Some(reduce), Some(norm)) => norm.of(sensor).forward(reduce.of(sensor).forward(x.clone())),
            _ => x.clone(),
        };
        let [_, _, source_height, source_width] = source.dims();
        let (places, sources, depth) = (height * across, source_height * source_width, width / heads);
        let query = self.query.of(sensor).forward(x).reshape([batch, heads, depth, places]);
        let key_value = self.key_value.of(sensor).forward(source);
        let part = |start: usize| key_value.clone().narrow(1, start, width).reshape([batch, heads, depth, sources]);
        let met = kernels::attention(query, part(0), part(width));
        self.output.of(sensor).forward(met.reshape([batch, width, height, across]))
    }
}
