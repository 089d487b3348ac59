//! SGD and AdamW over named parameters, as PyTorch defines them.
//!
//! Parameters are updated a group at a time on flat tensors: a network of three hundred small tensors costs a dozen operations
//! a group on a graphics card, and one pass over memory on the CPU.

use std::collections::{BTreeMap, HashMap};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};
use rayon::prelude::*;

use crate::recipe::Recipe;

/// As in PyTorch: keeps AdamW's quotient finite.
const EPSILON: f64 = 1e-8;
/// AdamW's β₂.
const SECOND_DECAY: f64 = 0.999;
/// As in PyTorch's `clip_grad_norm_`.
const CLIP_EPSILON: f64 = 1e-6;
/// Numbers that one thread works on at a time; fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 1 << 15;

/// Why a step was not taken. The network and the optimiser are as they were before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptimiserError {
    /// A gradient holds NaN or infinity.
    #[error("the gradient of {name} is not finite; a smaller learning rate or gradient clipping may help")]
    NotFinite {
        /// The parameter.
        name: String,
    },
    /// A saved state does not belong to this optimiser or this network.
    #[error("the optimiser's saved state does not fit: {name}: expected {expected}, found {found}")]
    BadState {
        /// The entry of the state.
        name: String,
        /// What would fit.
        expected: String,
        /// What the state holds.
        found: String,
    },
}

/// How gradients become changes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    Sgd { momentum: f64, nesterov: bool },
    AdamW { first_decay: f64 },
}

impl Rule {
    /// What the moments are called in a saved state.
    fn moments(self) -> &'static [&'static str] {
        match self {
            Self::Sgd { momentum: 0.0, .. } => &[],
            Self::Sgd { .. } => &["momentum"],
            Self::AdamW { .. } => &["first", "second"],
        }
    }
}

/// Updates parameters and remembers moments by parameter name.
///
/// Two groups: tensors of rank 1, which are the scales and shifts of norms and the biases of convolutions, are not
/// decayed; all others are. A parameter that got no gradient in a step is left alone, moments and step count included.
#[derive(Clone, Debug)]
pub struct Optimiser {
    rule: Rule,
    groups: Vec<Group>,
    /// Moments of parameters that took no part in the last step, such as those of a restored state.
    resting: BTreeMap<String, Moments>,
}

/// Parameters that are updated together. Their values lie one behind the other in flat tensors.
#[derive(Clone, Debug)]
struct Group {
    decays: bool,
    /// Updates that these parameters have had.
    steps: u64,
    slots: Vec<Slot>,
    /// One flat tensor for each of [`Rule::moments`]; zeros before the first update.
    moments: Vec<Tensor<1>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    name: String,
    shape: Vec<usize>,
}

impl Slot {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A parameter and its flat moments, on the way into a group.
type Member = (Slot, Vec<Tensor<1>>);

/// One parameter's share of its group's state.
#[derive(Clone, Debug)]
struct Moments {
    shape: Vec<usize>,
    steps: u64,
    /// Flat, one for each of [`Rule::moments`].
    values: Vec<Tensor<1>>,
}

/// A parameter that has a gradient in this step; tensors flat and without graph.
struct Entry {
    slot: Slot,
    value: Tensor<1>,
    gradient: Tensor<1>,
}

impl Optimiser {
    /// The optimiser that the recipe asks for (`training.optimiser`, `training.momentum`, `training.nesterov`), at its start.
    pub fn new(recipe: &Recipe) -> Self {
        let momentum = recipe.number("training.momentum");
        let rule = match recipe.text("training.optimiser") {
            "adamw" => Rule::AdamW { first_decay: momentum },
            _ => Rule::Sgd { momentum, nesterov: recipe.switch("training.nesterov") },
        };
        Self { rule, groups: Vec::new(), resting: BTreeMap::new() }
    }

    /// One update. Returns the network with new parameters and the norm of the whole gradient before clipping.
    ///
    /// The gradient is scaled down to `clip_norm` where its norm is larger; 0 does not clip. On an error nothing has changed.
    pub fn step<M: Module>(
        &mut self,
        network: &M,
        gradients: &Gradients,
        learning_rate: f64,
        weight_decay: f64,
        clip_norm: f64,
    ) -> Result<(M, f32), OptimiserError> {
        let mut collector = Collector { gradients, path: Vec::new(), entries: Vec::new() };
        network.visit(&mut collector);
        let by_group = self.grouped(collector.entries)?;
        let (squares, flat): (Vec<f64>, Vec<Tensor<1>>) = by_group
            .iter()
            .map(|entries| Tensor::cat(entries.iter().map(|entry| entry.gradient.clone()).collect(), 0))
            .map(sum_of_squares)
            .unzip();
        let norm = norm_of(squares.iter().sum(), &by_group)?;
        let scale = if clip_norm > 0.0 { (clip_norm / (norm + CLIP_EPSILON)).min(1.0) } else { 1.0 };

        let mut values = HashMap::new();
        for ((group, entries), gradient) in self.groups.iter_mut().zip(by_group).zip(flat) {
            let value = Tensor::cat(entries.into_iter().map(|entry| entry.value).collect(), 0);
            let decay = if group.decays { weight_decay } else { 0.0 };
            let change = Change { rule: self.rule, scale, rate: learning_rate, decay, steps: group.steps + 1 };
            let moments = std::mem::take(&mut group.moments);
            let (value, moments) = if on_host(&value) {
                change.on_host(value, gradient, moments)
            } else {
                change.on_device(value, gradient, moments)
            };
            group.moments = moments;
            group.steps += 1;
            values.extend(group.slots.iter().map(|slot| slot.name.clone()).zip(split(value, &group.slots)));
        }
        let network = network.clone().map(&mut Replacer { values, path: Vec::new() });
        Ok((network, norm as f32))
    }

    /// Everything a resumed run needs to continue bit for bit: for each parameter that was ever updated, its moments in its
    /// shape as `momentum/NAME` (SGD) or `first/NAME` and `second/NAME` (AdamW), and `steps/NAME`.
    pub fn state(&self) -> BTreeMap<String, TensorData> {
        let mut state = BTreeMap::new();
        let active = self.groups.iter().filter(|group| group.steps > 0).flat_map(Group::split);
        for (name, moments) in active.chain(self.resting.clone()) {
            for (kind, value) in self.rule.moments().iter().zip(moments.values) {
                let data = value.into_data_as::<f32>().into_bytes();
                let data = TensorData::from_bytes(data, moments.shape.clone(), DType::F32);
                state.insert(format!("{kind}/{name}"), data);
            }
            state.insert(format!("steps/{name}"), TensorData::new(vec![moments.steps as i64], [1]));
        }
        state
    }

    /// Takes up a state that [`Optimiser::state`] gave, in place of the present one. On an error nothing has changed.
    pub fn restore(&mut self, state: &BTreeMap<String, TensorData>, device: &Device) -> Result<(), OptimiserError> {
        let device = device.clone().inner();
        let kinds = self.rule.moments();
        let mut resting = BTreeMap::new();
        for (key, data) in state {
            let bad = |expected: &str, found: String| OptimiserError::BadState {
                name: key.clone(),
                expected: expected.to_owned(),
                found,
            };
            let Some((kind, name)) = key.split_once('/') else {
                return Err(bad("a key like steps/NAME", "no kind before a slash".to_owned()));
            };
            if kind != "steps" {
                if !kinds.contains(&kind) {
                    return Err(bad(&format!("one of {}", kinds.join(", ")), kind.to_owned()));
                }
                continue;
            }
            let steps = match data.as_slice::<i64>() {
                Ok(&[steps]) if steps > 0 => steps as u64,
                _ => return Err(bad("one positive whole number", format!("{data}"))),
            };
            let mut moments = Moments { shape: Vec::new(), steps, values: Vec::new() };
            for kind in kinds {
                let key = format!("{kind}/{name}");
                let data = state.get(&key).ok_or_else(|| bad(&format!("{key} beside it"), "none".to_owned()))?;
                let values = data.as_slice::<f32>().map_err(|error| bad("32-bit numbers", format!("{error:?}")))?;
                moments.shape = data.shape().to_vec();
                let flat = TensorData::new(values.to_vec(), [values.len()]);
                moments.values.push(Tensor::from_data(flat, &device));
            }
            resting.insert(name.to_owned(), moments);
        }
        let orphan = state.keys().find(|key| key.split_once('/').is_some_and(|(_, name)| !resting.contains_key(name)));
        if let Some(orphan) = orphan {
            return Err(OptimiserError::BadState {
                name: orphan.clone(),
                expected: "a count of steps beside it".to_owned(),
                found: "none".to_owned(),
            });
        }
        self.groups.clear();
        self.resting = resting;
        Ok(())
    }

    /// Sorts this step's parameters into groups, and makes new groups where others than last time have a gradient.
    fn grouped(&mut self, entries: Vec<Entry>) -> Result<Vec<Vec<Entry>>, OptimiserError> {
        let same = self.groups.iter().map(|group| group.slots.len()).sum::<usize>() == entries.len() && {
            let mut next = vec![0; self.groups.len()];
            entries.iter().all(|entry| {
                let place = self
                    .groups
                    .iter()
                    .zip(&next)
                    .position(|(group, &next)| group.slots.get(next).is_some_and(|slot| *slot == entry.slot));
                place.inspect(|&place| next[place] += 1).is_some()
            })
        };
        if !same {
            self.regroup(&entries)?;
        }
        let mut by_group: Vec<Vec<Entry>> = self.groups.iter().map(|_| Vec::new()).collect();
        for entry in entries {
            let place = self.groups.iter().zip(&by_group).position(|(group, taken)| {
                group.slots.get(taken.len()).is_some_and(|slot| slot.name == entry.slot.name)
            });
            if let Some(place) = place {
                by_group[place].push(entry);
            }
        }
        Ok(by_group)
    }

    fn regroup(&mut self, entries: &[Entry]) -> Result<(), OptimiserError> {
        let mut known = self.resting.clone();
        known.extend(self.groups.iter().flat_map(Group::split));
        for Slot { name, shape } in entries.iter().map(|entry| &entry.slot) {
            if let Some(moments) = known.get(name)
                && !moments.values.is_empty()
                && moments.shape != *shape
            {
                return Err(OptimiserError::BadState {
                    name: name.clone(),
                    expected: format!("the parameter's shape {shape:?}"),
                    found: format!("{:?}", moments.shape),
                });
            }
        }
        let mut members: BTreeMap<(bool, u64), Vec<Member>> = BTreeMap::new();
        for Entry { slot, value, .. } in entries {
            let zeros = || self.rule.moments().iter().map(|_| value.zeros_like()).collect();
            let moments = known.remove(&slot.name);
            let (steps, values) = moments.map_or_else(|| (0, zeros()), |moments| (moments.steps, moments.values));
            members.entry((slot.shape.len() > 1, steps)).or_default().push((slot.clone(), values));
        }
        known.retain(|_, moments| moments.steps > 0);
        self.resting = known;
        self.groups = members
            .into_iter()
            .map(|((decays, steps), members)| {
                let (slots, values): (Vec<Slot>, Vec<Vec<Tensor<1>>>) = members.into_iter().unzip();
                let joined = |kind: usize| Tensor::cat(values.iter().map(|values| values[kind].clone()).collect(), 0);
                Group { decays, steps, slots, moments: (0..self.rule.moments().len()).map(joined).collect() }
            })
            .collect();
        Ok(())
    }
}

/// One group's update, the same on host and device.
#[derive(Clone, Copy, Debug)]
struct Change {
    rule: Rule,
    /// What clipping leaves of the gradient.
    scale: f64,
    rate: f64,
    decay: f64,
    /// Updates including this one.
    steps: u64,
}

impl Change {
    /// AdamW's corrections of moments that began at zero: the rate by the first, the root of the second.
    fn corrections(self, first_decay: f64) -> (f64, f64) {
        let steps = self.steps as f64;
        (self.rate / (1.0 - first_decay.powf(steps)), (1.0 - SECOND_DECAY.powf(steps)).sqrt())
    }

    /// By tensor operations. SGD's first buffer is the gradient itself, which is what a buffer of zeros gives.
    fn on_device(self, value: Tensor<1>, gradient: Tensor<1>, moments: Vec<Tensor<1>>) -> (Tensor<1>, Vec<Tensor<1>>) {
        let Self { rule, scale, rate, decay, .. } = self;
        let gradient = if scale < 1.0 { gradient * scale } else { gradient };
        let mut moments = moments.into_iter();
        match (rule, moments.next(), moments.next()) {
            (Rule::AdamW { first_decay }, Some(first), Some(second)) => {
                let (rate, root) = self.corrections(first_decay);
                let value = if decay == 0.0 { value } else { value * (1.0 - self.rate * decay) };
                let first = first * first_decay + gradient.clone() * (1.0 - first_decay);
                let second = second * SECOND_DECAY + gradient.square() * (1.0 - SECOND_DECAY);
                let value = value - first.clone() / (second.clone().sqrt() / root + EPSILON) * rate;
                (value, vec![first, second])
            }
            (rule, buffer, _) => {
                let gradient = if decay == 0.0 { gradient } else { gradient + value.clone() * decay };
                let (Rule::Sgd { momentum, nesterov }, Some(buffer)) = (rule, buffer) else {
                    return (value - gradient * rate, Vec::new());
                };
                let buffer = buffer * momentum + gradient.clone();
                let direction = if nesterov { gradient + buffer.clone() * momentum } else { buffer.clone() };
                (value - direction * rate, vec![buffer])
            }
        }
    }

    /// In place and in one pass, in parallel over [`CHUNK`]s.
    fn on_host(self, value: Tensor<1>, gradient: Tensor<1>, moments: Vec<Tensor<1>>) -> (Tensor<1>, Vec<Tensor<1>>) {
        let device = value.device();
        let (mut values, gradients) = (value.into_data(), gradient.into_data());
        let mut moments: Vec<TensorData> = moments.into_iter().map(Tensor::into_data).collect();
        {
            let mut slices = moments.iter_mut().map(|data| data.as_mut_slice::<f32>().unwrap_or_default());
            let (first, second) = (slices.next(), slices.next());
            let values = values.as_mut_slice::<f32>().unwrap_or_default().par_chunks_mut(CHUNK);
            let pairs = values.zip(gradients.as_slice::<f32>().unwrap_or_default().par_chunks(CHUNK));
            match (first, second) {
                (Some(first), Some(second)) => pairs
                    .zip(first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK)))
                    .for_each(|((values, gradients), (first, second))| self.adamw(values, gradients, first, second)),
                (Some(buffer), None) => pairs
                    .zip(buffer.par_chunks_mut(CHUNK))
                    .for_each(|((values, gradients), buffer)| self.sgd(values, gradients, buffer)),
                _ => pairs.for_each(|(values, gradients)| self.plain_sgd(values, gradients)),
            }
        }
        let moments = moments.into_iter().map(|data| Tensor::from_data(data, &device)).collect();
        (Tensor::from_data(values, &device), moments)
    }

    fn adamw(self, values: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]) {
        let Rule::AdamW { first_decay } = self.rule else { return };
        let (rate, root) = self.corrections(first_decay);
        let (scale, kept) = (self.scale as f32, (1.0 - self.rate * self.decay) as f32);
        let (rate, inverse_root, epsilon) = (rate as f32, root.recip() as f32, EPSILON as f32);
        let (old_first, new_first) = (first_decay as f32, (1.0 - first_decay) as f32);
        let (old_second, new_second) = (SECOND_DECAY as f32, (1.0 - SECOND_DECAY) as f32);
        for ((value, gradient), (first, second)) in values.iter_mut().zip(gradients).zip(first.iter_mut().zip(second)) {
            let gradient = gradient * scale;
            *first = *first * old_first + gradient * new_first;
            *second = *second * old_second + gradient * gradient * new_second;
            *value = *value * kept - rate * *first / (second.sqrt() * inverse_root + epsilon);
        }
    }

    fn sgd(self, values: &mut [f32], gradients: &[f32], buffer: &mut [f32]) {
        let Rule::Sgd { momentum, nesterov } = self.rule else { return };
        let (scale, decay, rate, momentum) = (self.scale as f32, self.decay as f32, self.rate as f32, momentum as f32);
        // Nesterov's direction is gradient + momentum · buffer, the plain one the buffer.
        let (of_gradient, of_buffer) = if nesterov { (1.0, momentum) } else { (0.0, 1.0) };
        for ((value, gradient), buffer) in values.iter_mut().zip(gradients).zip(buffer) {
            let gradient = gradient * scale + *value * decay;
            *buffer = *buffer * momentum + gradient;
            *value -= rate * (gradient * of_gradient + *buffer * of_buffer);
        }
    }

    fn plain_sgd(self, values: &mut [f32], gradients: &[f32]) {
        let (scale, decay, rate) = (self.scale as f32, self.decay as f32, self.rate as f32);
        for (value, gradient) in values.iter_mut().zip(gradients) {
            *value -= rate * (gradient * scale + *value * decay);
        }
    }
}

impl Group {
    /// Every parameter's own share of the moments.
    fn split(&self) -> Vec<(String, Moments)> {
        let mut shares: Vec<_> = self.moments.iter().map(|flat| split(flat.clone(), &self.slots).into_iter()).collect();
        let share = |slot: &Slot| {
            let values = shares.iter_mut().filter_map(Iterator::next).collect();
            (slot.name.clone(), Moments { shape: slot.shape.clone(), steps: self.steps, values })
        };
        self.slots.iter().map(share).collect()
    }
}

/// Cuts a flat tensor into the slots' parts.
///
/// On the CPU each part gets memory of its own: a view would keep the whole alive and cost a copy at every use.
fn split(flat: Tensor<1>, slots: &[Slot]) -> Vec<Tensor<1>> {
    let device = flat.device();
    let mut start = 0;
    let mut part = |slot: &Slot| {
        let part = flat.clone().narrow(0, start, slot.len());
        start += slot.len();
        if device == Device::flex() { Tensor::from_data(part.into_data(), &device) } else { part }
    };
    slots.iter().map(&mut part).collect()
}

/// Whether a tensor's numbers can be worked on where they lie.
fn on_host(flat: &Tensor<1>) -> bool {
    flat.device() == Device::flex() && flat.dtype() == DType::F32
}

/// The sum of a flat tensor's squares, and the tensor again. On the CPU in double precision, by chunks in their order.
fn sum_of_squares(flat: Tensor<1>) -> (f64, Tensor<1>) {
    let device = flat.device();
    if !on_host(&flat) {
        return (f64::from(flat.clone().square().sum().into_scalar::<f32>()), flat);
    }
    let data = flat.into_data();
    let sums: Vec<f64> = data
        .as_slice::<f32>()
        .unwrap_or_default()
        .par_chunks(CHUNK)
        .map(|chunk| chunk.iter().map(|&value| f64::from(value) * f64::from(value)).sum())
        .collect();
    (sums.iter().sum(), Tensor::from_data(data, &device))
}

/// The root of the gradient's sum of squares.
fn norm_of(square: f64, by_group: &[Vec<Entry>]) -> Result<f64, OptimiserError> {
    if square.is_finite() {
        return Ok(square.sqrt());
    }
    // Either a gradient is not finite, or squares of finite ones are too large for single precision.
    let mut square = 0.0;
    for Entry { slot, gradient, .. } in by_group.iter().flatten() {
        let values = gradient.clone().into_data_as::<f32>();
        for &value in values.as_slice::<f32>().unwrap_or_default() {
            if !value.is_finite() {
                return Err(OptimiserError::NotFinite { name: slot.name.clone() });
            }
            square += f64::from(value) * f64::from(value);
        }
    }
    Ok(square.sqrt())
}

struct Collector<'a> {
    gradients: &'a Gradients,
    path: Vec<String>,
    entries: Vec<Entry>,
}

impl ModuleVisitor for Collector<'_> {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        if let Some(gradient) = value.grad(self.gradients) {
            let slot = Slot { name: self.path.join("."), shape: value.dims().to_vec() };
            let flat = [slot.len()];
            self.entries.push(Entry { slot, value: value.inner().reshape(flat), gradient: gradient.reshape(flat) });
        }
    }
}

struct Replacer {
    values: HashMap<String, Tensor<1>>,
    path: Vec<String>,
}

impl ModuleMapper for Replacer {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(value) = self.values.remove(&self.path.join(".")) else {
            return param;
        };
        param.map(|old| {
            let new = value.reshape(old.dims()).autodiff();
            let new = match old.gradient_checkpointing_strategy() {
                Some(strategy) => new.with_gradient_checkpointing_strategy(strategy),
                None => new,
            };
            new.set_require_grad(old.is_require_grad())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Module, Debug)]
    struct Line {
        weight: Param<Tensor<2>>,
        bias: Param<Tensor<1>>,
        spare: Param<Tensor<2>>,
    }

    fn wave<const D: usize>(shape: [usize; D], phase: f64) -> Tensor<D> {
        let count = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..count).map(|index| (1.7 * index as f64 + phase).sin() as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), &Device::flex().autodiff())
    }

    fn line() -> Line {
        Line {
            weight: Param::from_tensor(wave([2, 3], 0.3)),
            bias: Param::from_tensor(wave([2], 2.1)),
            spare: Param::from_tensor(wave([2, 2], 5.0)),
        }
    }

    fn loss(line: &Line) -> Tensor<1> {
        let found = wave([4, 3], 1.0).matmul(line.weight.val().transpose()) + line.bias.val().unsqueeze();
        (found - wave([4, 2], 4.0)).square().sum()
    }

    fn optimiser(optimiser: &str, momentum: &str, nesterov: &str) -> Optimiser {
        let mut recipe = Recipe::defaults("r");
        recipe.set_text("training.optimiser", optimiser).unwrap();
        recipe.set_text("training.momentum", momentum).unwrap();
        recipe.set_text("training.nesterov", nesterov).unwrap();
        Optimiser::new(&recipe)
    }

    fn values(line: &Line) -> Vec<f32> {
        let weight = line.weight.val().into_data().as_slice::<f32>().unwrap().to_vec();
        [weight, line.bias.val().into_data().as_slice::<f32>().unwrap().to_vec()].concat()
    }

    /// Steps `from..to` of five at falling rates, as in `reference/optimisers.py`; also the gradient norms.
    fn run(optimiser: &mut Optimiser, mut line: Line, steps: std::ops::Range<u8>, clip: f64) -> (Line, Vec<f32>) {
        let mut norms = Vec::new();
        for step in steps {
            let gradients = loss(&line).backward();
            let rate = 0.1 / f64::from(step + 1);
            let (next, norm) = optimiser.step(&line, &gradients, rate, 0.1, clip).unwrap();
            line = next;
            norms.push(norm);
        }
        (line, norms)
    }

    #[track_caller]
    fn near(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() <= 2e-6 * expected.abs().max(1.0), "{found}, expected {expected}");
        }
    }

    /// `reference/optimisers.py` prints these.
    const REFERENCE: [(&str, &str, &str, f64, [f32; 8]); 5] = [
        (
            "sgd",
            "0.9",
            "off",
            0.0,
            [
                -0.270_101,
                -0.559_906_7,
                0.414_382_8,
                -0.132_435_4,
                0.531_170_8,
                -0.004_441_632,
                -0.370_514_6,
                -0.287_702_4,
            ],
        ),
        (
            "sgd",
            "0.9",
            "on",
            0.0,
            [
                -0.082_300_28,
                -0.322_123_4,
                0.165_308_1,
                -0.222_951,
                0.369_750_5,
                0.127_670_3,
                0.009_282_405,
                -0.230_987_3,
            ],
        ),
        (
            "sgd",
            "0",
            "off",
            0.0,
            [
                -0.076_255_17,
                -0.003_477_61,
                0.077_151_4,
                -0.359_656_2,
                0.656_998,
                0.190_354_9,
                0.041_027_44,
                -0.464_915_9,
            ],
        ),
        (
            "sgd",
            "0.9",
            "on",
            1.0,
            [0.122_276_4, 0.499_889_9, -0.251_092_5, -0.562_155_7, 0.691_179_2, 0.384_046_3, 0.499_404_2, -0.580_809],
        ),
        (
            "adamw",
            "0.9",
            "on",
            0.0,
            [
                0.066_406_18,
                0.663_545_9,
                -0.294_197_3,
                -0.532_818_8,
                0.734_658_9,
                0.350_449_3,
                0.635_909_5,
                -0.508_262_2,
            ],
        ),
    ];

    #[test]
    fn trajectories_equal_pytorchs_in_both_groups() {
        for (rule, momentum, nesterov, clip, expected) in REFERENCE {
            let (line, norms) = run(&mut optimiser(rule, momentum, nesterov), line(), 0..5, clip);
            near(&values(&line), &expected);
            if clip > 0.0 {
                near(&norms, &[12.665_48, 11.034_38, 9.888_343, 8.929_595, 8.082_103]);
            }
        }
    }

    #[test]
    fn host_and_device_take_the_same_step() {
        for (rule, momentum, nesterov, ..) in REFERENCE {
            let rule = optimiser(rule, momentum, nesterov).rule;
            let plain = |phase| wave([100_000], phase).inner();
            let moments = || rule.moments().iter().map(|_| plain(1.0).square()).collect::<Vec<_>>();
            for (scale, decay) in [(1.0, 0.0), (0.25, 0.3)] {
                let change = Change { rule, scale, rate: 0.1, decay, steps: 3 };
                let (host, host_moments) = change.on_host(plain(2.0), plain(3.0), moments());
                let (twin, twin_moments) = change.on_device(plain(2.0), plain(3.0), moments());
                assert_eq!(host_moments.len(), rule.moments().len());
                for (host, twin) in host_moments.into_iter().zip(twin_moments).chain([(host, twin)]) {
                    let apart = (host - twin).abs().max().into_scalar::<f32>();
                    assert!(apart < 1e-6, "{rule:?}: {apart}");
                }
            }
        }
    }

    #[test]
    fn a_restored_state_continues_bit_for_bit() {
        for (rule, momentum, nesterov, clip, _) in REFERENCE {
            let whole = run(&mut optimiser(rule, momentum, nesterov), line(), 0..5, clip).0;
            let mut first = optimiser(rule, momentum, nesterov);
            let half = run(&mut first, line(), 0..2, clip).0;
            let mut second = optimiser(rule, momentum, nesterov);
            second.restore(&first.state(), &Device::flex()).unwrap();
            assert_eq!(second.state(), first.state(), "restoring loses nothing");
            let rest = run(&mut second, half, 2..5, clip).0;
            assert_eq!(values(&rest), values(&whole), "{rule}");
        }
    }

    #[test]
    fn a_parameter_without_gradient_is_left_alone_and_joins_later() {
        for rule in ["sgd", "adamw"] {
            let mut late = optimiser(rule, "0.9", "on");
            let (line, _) = run(&mut late, line(), 0..3, 0.0);
            let spare = |line: &Line| line.spare.val().into_data();
            assert_eq!(spare(&line), wave([2, 2], 5.0).into_data());
            assert!(!late.state().contains_key("steps/spare"));
            // From here on it has a gradient: its first step is that of a fresh optimiser.
            let with_spare = |line: &Line| (loss(line) + line.spare.val().square().sum()).backward();
            let (joined, _) = late.step(&line, &with_spare(&line), 0.1, 0.1, 0.0).unwrap();
            let (fresh, _) = optimiser(rule, "0.9", "on").step(&line, &with_spare(&line), 0.1, 0.1, 0.0).unwrap();
            assert_eq!(spare(&joined), spare(&fresh));
            assert_ne!(values(&joined), values(&fresh), "the others keep their moments");
            let steps = |name: &str| late.state()[&format!("steps/{name}")].as_slice::<i64>().unwrap()[0];
            assert_eq!((steps("weight"), steps("spare")), (4, 1));
            // It rests again, and its moments are kept.
            let (_, _) = run(&mut late, joined, 4..5, 0.0);
            assert_eq!(late.state()["steps/spare"].as_slice::<i64>().unwrap(), [1]);
        }
    }

    #[test]
    fn a_gradient_that_is_not_finite_is_named_and_nothing_changes() {
        for rule in ["sgd", "adamw"] {
            let mut optimiser = optimiser(rule, "0.9", "on");
            let fresh = line();
            let infinite = (fresh.bias.val() * f32::INFINITY).sum().backward();
            assert!(optimiser.step(&fresh, &infinite, 0.1, 0.1, 1.0).is_err());
            assert!(optimiser.state().is_empty(), "a step that was not taken is not counted");
            let (line, _) = run(&mut optimiser, fresh, 0..2, 0.0);
            let (before, state) = (values(&line), optimiser.state());
            let infinite = (line.bias.val() * f32::INFINITY).sum() + line.weight.val().sum();
            let error = optimiser.step(&line, &infinite.backward(), 0.1, 0.1, 1.0).unwrap_err();
            assert_eq!(error, OptimiserError::NotFinite { name: "bias".to_owned() });
            assert_eq!((values(&line), optimiser.state()), (before, state));
        }
    }

    #[test]
    fn finite_gradients_whose_squares_overflow_are_clipped() {
        let line = line();
        let gradients = (line.bias.val() * 3e30).sum().backward();
        let (next, norm) = optimiser("sgd", "0", "off").step(&line, &gradients, 1.0, 0.0, 1.0).unwrap();
        assert!((norm / (3e30 * 2.0_f32.sqrt()) - 1.0).abs() < 1e-6, "{norm}");
        let moved = (line.bias.val() - next.bias.val()).into_data();
        for moved in moved.as_slice::<f32>().unwrap() {
            assert!((moved - 0.5_f32.sqrt()).abs() < 1e-6, "{moved}");
        }
    }

    #[test]
    fn updated_parameters_still_record_gradients() {
        let (line, _) = run(&mut optimiser("adamw", "0.9", "on"), line(), 0..1, 0.0);
        assert!(line.weight.val().is_require_grad() && line.weight.val().is_autodiff());
    }

    #[test]
    fn a_state_that_does_not_fit_is_refused_with_the_entrys_name() {
        let mut sgd = optimiser("sgd", "0.9", "on");
        run(&mut sgd, line(), 0..1, 0.0);
        let state = sgd.state();
        let mut adamw = optimiser("adamw", "0.9", "on");
        let message = adamw.restore(&state, &Device::flex()).unwrap_err().to_string();
        assert!(message.contains("momentum/bias") && message.contains("first, second"), "{message}");

        let mut missing = state.clone();
        missing.remove("momentum/weight");
        let message = sgd.restore(&missing, &Device::flex()).unwrap_err().to_string();
        assert!(message.contains("momentum/weight"), "{message}");

        let mut orphan = state.clone();
        orphan.remove("steps/weight");
        let message = sgd.restore(&orphan, &Device::flex()).unwrap_err().to_string();
        assert!(message.contains("momentum/weight"), "{message}");
        assert_eq!(sgd.state(), state, "a refused state changes nothing");

        let mut misshapen = state;
        misshapen.insert("momentum/weight".to_owned(), TensorData::new(vec![0.0_f32; 6], [3, 2]));
        sgd.restore(&misshapen, &Device::flex()).unwrap();
        let line = line();
        let error = sgd.step(&line, &loss(&line).backward(), 0.1, 0.1, 0.0).unwrap_err().to_string();
        assert!(error.contains("weight") && error.contains("[2, 3]") && error.contains("[3, 2]"), "{error}");
    }
}
