//! One forward pass through the whole network.

use burn::tensor::Tensor;

use super::masked::{self, FirstPass};
use super::{FUSED, Kept, Network, fused_levels};
use crate::network::contract::{Inputs, Mode, Output};
use crate::network::decoders::{PROJECTION, SIMILARITY};
use crate::network::encoders::Encoder;
use crate::network::feeding::Feeding;
use crate::network::fusion::{Beside, Pass, correlations};
use crate::network::interaction::{Between, Exchange, show_scales, sparsity};
use crate::network::layers::resize_bilinear;
use crate::network::probes::Probes;
use crate::recipe::Recipe;
use crate::recipe::catalogue::{exchange, objective};
use crate::tally;

impl Network {
    /// One forward pass; live settings are read from the recipe.
    ///
    /// Any size from one pixel up will do. Where every sensor is dropped the output is empty.
    pub fn forward(&self, inputs: &Inputs, recipe: &Recipe, mode: Mode, probes: &mut Probes) -> Output {
        self.pass(inputs, recipe, mode, probes, None)
    }

    /// [`Self::forward`] in [`Mode::Infer`], bit for bit, of a subset of a scene's sensors. What each branch makes of its
    /// image is looked up in `kept`, which must be of the same images, and added to it.
    pub fn forward_keeping(&self, inputs: &Inputs, recipe: &Recipe, kept: &mut Kept) -> Output {
        self.pass(inputs, recipe, Mode::Infer, &mut Probes::off(), Some(kept))
    }

    fn pass(
        &self,
        inputs: &Inputs,
        recipe: &Recipe,
        mode: Mode,
        probes: &mut Probes,
        kept: Option<&mut Kept>,
    ) -> Output {
        let mut output = Output::default();
        let Some(feeding) = Feeding::of(inputs, recipe, self.sensors.len(), self.needs_two()) else {
            return output;
        };
        let Feeding { branches, images, present, meets, fuses } = feeding;
        let [_, _, height, width] = images[0].dims();
        let exchange =
            if meets { Exchange::plan(&self.encoder, recipe, &images[0].device()) } else { Exchange::none() };
        output.training.figures = exchange.shares();
        output.training.late.extend(exchange.late_shares());
        let interactions = self.interactions.as_ref().filter(|_| meets);
        let apart = exchange.is_none() && interactions.is_none_or(|interactions| !interactions.exist());
        let mut kept = kept.filter(|_| apart && present.len() == branches.len());
        let mut between = Between::new(exchange, interactions, recipe, inputs.noise);
        let mut walk = |images, branches: &[usize]| {
            let stages = tally::part("encoder", || self.encoder.forward(images, branches, mode, &mut between, probes));
            (stages, between.take_met())
        };
        let (stages, met) = if let Some(kept) = &mut kept {
            let missing = kept.missing(&branches);
            if !missing.is_empty() {
                let of: Vec<usize> = missing.iter().map(|&at| branches[at]).collect();
                let (stages, met) = walk(missing.iter().map(|&at| images[at].clone()).collect(), &of);
                kept.keep(&of, stages, met);
            }
            kept.walked(&branches)
        } else {
            walk(images, &branches)
        };
        if mode == Mode::Train {
            output.training.late.extend(met.shares());
        }
        if meets {
            show_scales(&self.encoder, recipe, &self.sensors, probes);
        }
        output.features.raw = present.iter().map(|&position| met.raw[position].clone()).collect();
        output.features.own = present.iter().filter_map(|&position| met.own.get(position).cloned()).collect();
        output.features.stages = present.iter().map(|&position| stages[position].clone()).collect();
        let pass = Pass { recipe, inputs, mode, sensors: &self.sensors, branches: &branches, level: None };
        let levels: Vec<&[Tensor<4>]> = stages.iter().map(|stages| Encoder::levels(stages)).collect();
        let mut beside = Beside::default();
        let (fused, own) = if let Some(fusion) = self.level_fusion() {
            let fuse = || fused_levels(fusion, &levels, pass, probes, &mut beside);
            output.features.levels = tally::part("levels", fuse);
            let (decoded, scores) = tally::part("decoder", || self.read(&output.features.levels, pass, probes));
            output.features.decoded.push(decoded);
            (Some(scores), Vec::new())
        } else {
            let (decoded, scores) = tally::part("decoder", || self.decode(&levels, pass, probes, kept));
            let fusion = self.fusion.as_ref().filter(|_| fuses);
            let fuse = |fusion| self.fused_scores(fusion, &decoded, &scores, pass, probes, &mut beside);
            let fused = tally::part("fusion", || fusion.and_then(fuse));
            let of_present = |maps: &[Tensor<4>]| present.iter().map(|&at| maps[at].clone()).collect::<Vec<_>>();
            output.features.decoded = of_present(&decoded);
            (fused, of_present(&scores))
        };
        output.training.carried = beside.carried;
        output.training.correlations = beside.correlations;
        output.features.agnostic = beside.agnostic.or_else(|| fused.as_ref().or(own.first()).cloned());
        if let Some(agnostic) = output.features.agnostic.as_ref().filter(|_| mode == Mode::Train && own.len() > 1)
            && output.training.correlations.is_none()
            && recipe.get(objective::inter_modal::ENABLED)
        {
            // Some decoders' scores are larger than the maps that a unit fuses.
            let [_, _, rows, columns] = agnostic.dims();
            let own: Vec<_> = own.iter().map(|map| resize_bilinear(map.clone(), [rows, columns])).collect();
            output.training.correlations = Some(correlations(&own, agnostic));
        }
        let names = present.iter().map(|&position| self.sensors[branches[position]].clone());
        let heads = fused.map(|scores| (FUSED.to_owned(), scores)).into_iter().chain(names.zip(own));
        output.heads = heads.map(|(name, scores)| (name, resize_bilinear(scores, [height, width]))).collect();
        // The picture is of all sensors or it is not made.
        let head = self.fusion_image.as_ref().filter(|_| present.len() == self.sensors.len());
        let units = head.map_or_else(Vec::new, |_| inputs.unit_images());
        output.image = head.map(|head| tally::part("fusion image", || head.forward(&levels, &units, mode)));
        if let Some(image) = &output.image {
            probes.record_image("fusion.image", || image.clone());
        }
        masked::show(recipe, &output, probes);
        if mode == Mode::Train {
            let first = FirstPass { levels: &levels, unaligned: &met.unaligned, units: &units, meets, pass };
            self.second_pass(&first, &mut output);
            self.train_heads(meets, recipe, &mut output);
        }
        if let Some(head) = self.projection.as_ref().filter(|_| mode == Mode::Train || probes.wants(PROJECTION)) {
            output.training.embeddings = head.forward(&output.features.stages, mode);
        }
        if !self.projectors.is_empty() && (mode == Mode::Train || probes.wants(SIMILARITY)) {
            let project = |(&position, levels): (&usize, &Vec<Tensor<4>>)| {
                let deepest = levels.last()?.clone();
                Some(self.projectors[branches[position]].forward(deepest, mode))
            };
            output.training.projected = present.iter().zip(&output.features.raw).filter_map(project).collect();
        }
        output
    }

    /// What losses need beside predictions.
    fn train_heads(&self, meets: bool, recipe: &Recipe, output: &mut Output) {
        let Output { features, training, .. } = output;
        if let Some(head) = &self.auxiliary {
            training.auxiliary =
                features.stages.iter().map(|stages| head.forward(Encoder::levels(stages)[2].clone())).collect();
        }
        if meets && recipe.get(exchange::channel::SPARSITY) > 0.0 {
            let penalty = sparsity(&self.encoder, recipe);
            training.penalties.extend(penalty.map(|penalty| (exchange::channel::SPARSITY, penalty)));
        }
    }
}
