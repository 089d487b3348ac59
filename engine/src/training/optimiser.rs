//! SGD and AdamW over named parameters, as PyTorch defines them.
//!
//! Parameters are updated a group at a time on flat tensors: a network of three hundred small tensors costs a dozen
//! operations a group on a graphics card, and one pass over memory on the CPU. No group of a card is larger than what its
//! kernels can be given at once, unless a single parameter is.

mod change;
mod error;
mod gathered;
mod walk;

use std::collections::{BTreeMap, HashMap};

use burn::module::Module;
use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};

use self::change::{Change, Rule};
pub use self::error::OptimiserError;
pub(super) use self::gathered::Gathered;
use self::walk::{Collector, Entry, Replacer, Slot};
use crate::kernels;
use crate::readback;
use crate::recipe::Recipe;
use crate::recipe::catalogue::training;

/// As in PyTorch's `clip_grad_norm_`.
const CLIP_EPSILON: f64 = 1e-6;

/// The most numbers that a group's flat tensors have on a graphics card, 64 MiB: drivers need not bind more than 128 MiB
/// to a kernel, and what a group is joined of stands beside it for a moment.
const MOST_NUMBERS: usize = 1 << 24;

/// What an update goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateSettings {
    /// The learning rate.
    pub learning_rate: f64,
    /// Share of a weight that is taken off for each unit of the rate.
    pub weight_decay: f64,
    /// The norm that a larger gradient is scaled down to; 0 does not clip.
    pub clip_norm: f64,
    /// What the loss was multiplied by before its gradients were made; they are divided by it.
    pub loss_scale: f64,
}

/// Updates parameters and remembers moments by parameter name.
///
/// Two kinds of groups: tensors of rank 1, which are the scales and shifts of norms and the biases of convolutions, are
/// not decayed; all others are. A parameter that got no gradient in a step is left alone, moments and step count
/// included.
#[derive(Clone, Debug)]
pub struct Optimiser {
    rule: Rule,
    groups: Vec<Group>,
    /// Moments of parameters that took no part in the last step, such as those of a restored state.
    resting: BTreeMap<String, Moments>,
    /// Whether an update was begun and not brought to its end, so that moments may be of two steps.
    is_torn: bool,
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

impl Optimiser {
    /// The optimiser that the recipe asks for (`training.optimiser`, `training.momentum`, `training.nesterov`), at its
    /// start.
    pub fn new(recipe: &Recipe) -> Self {
        let momentum = recipe.get(training::MOMENTUM);
        let rule = match recipe.get(training::OPTIMISER) {
            training::Optimiser::AdamW => Rule::AdamW { first_decay: momentum },
            training::Optimiser::Sgd => Rule::Sgd { momentum, nesterov: recipe.get(training::NESTEROV) },
        };
        Self { rule, groups: Vec::new(), resting: BTreeMap::new(), is_torn: false }
    }

    /// Whether something broke off an update, so that this is the state of no step.
    pub(super) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// One update. Returns the network with new parameters and the norm of the whole gradient before clipping.
    ///
    /// On an error nothing has changed.
    pub fn step<M: Module>(
        &mut self,
        network: &M,
        gradients: &Gradients,
        settings: UpdateSettings,
    ) -> Result<(M, f32), OptimiserError> {
        let gathered = self.gather(network, gradients)?;
        let read = readback::read_all(gathered.asked());
        self.update(network, gathered, read, settings)
    }

    /// The first half of [`Optimiser::step`]: this step's gradients, and what must be read of them before the second.
    pub(super) fn gather<M: Module>(&mut self, network: &M, gradients: &Gradients) -> Result<Gathered, OptimiserError> {
        let entries = entries_of(network, gradients);
        // The CPU knows no such bound, and its kernels join nothing.
        let is_bounded = entries.first().is_some_and(|entry| entry.value.device() != Device::flex());
        self.gather_within(entries, if is_bounded { MOST_NUMBERS } else { usize::MAX })
    }

    /// [`Optimiser::gather`] in groups of at most so many numbers, unless a single parameter has more.
    fn gather_within(&mut self, entries: Vec<Entry>, most: usize) -> Result<Gathered, OptimiserError> {
        Ok(Gathered::new(self.grouped(entries, most)?))
    }

    /// The second half, `read` being what [`Gathered::asked`] for.
    pub(super) fn update<M: Module>(
        &mut self,
        network: &M,
        gathered: Gathered,
        read: Vec<TensorData>,
        settings: UpdateSettings,
    ) -> Result<(M, f32), OptimiserError> {
        let UpdateSettings { learning_rate, weight_decay, clip_norm, loss_scale } = settings;
        let norm = gathered.norm(read)? / loss_scale;
        let kept = if clip_norm > 0.0 { (clip_norm / (norm + CLIP_EPSILON)).min(1.0) } else { 1.0 };
        let scale = kept / loss_scale;

        self.is_torn = true;
        let mut values = HashMap::new();
        for (group, entries) in self.groups.iter_mut().zip(gathered.by_group) {
            let (old, gradients): (Vec<Tensor<1>>, Vec<Tensor<1>>) =
                entries.into_iter().map(|entry| (entry.value, entry.gradient)).unzip();
            let decay = if group.decays { weight_decay } else { 0.0 };
            let change = Change { rule: self.rule, scale, rate: learning_rate, decay, steps: group.steps + 1 };
            let new = kernels::update(change.rule(), &old, &gradients, &mut group.moments).unwrap_or_else(|| {
                let moments = std::mem::take(&mut group.moments);
                let (flat, moments) = change.apply(Tensor::cat(old, 0), Tensor::cat(gradients, 0), moments);
                group.moments = moments;
                split(flat, &group.slots)
            });
            group.steps += 1;
            values.extend(group.slots.iter().map(|slot| slot.name.clone()).zip(new));
        }
        let network = network.clone().map(&mut Replacer { values, path: Vec::new() });
        self.is_torn = false;
        Ok((network, norm as f32))
    }

    /// Everything a resumed run needs to continue bit for bit: for each parameter that was ever updated, its moments in
    /// its shape as `momentum/NAME` (SGD) or `first/NAME` and `second/NAME` (AdamW), and `steps/NAME`.
    pub fn state(&self) -> BTreeMap<String, TensorData> {
        let mut state = BTreeMap::new();
        let active: Vec<&Group> = self.groups.iter().filter(|group| group.steps > 0).collect();
        let flat: Vec<Tensor<1>> = active.iter().flat_map(|group| group.moments.clone()).collect();
        let mut flat = readback::read_all(flat).into_iter().map(readback::floats);
        for Group { slots, steps, moments, .. } in active {
            let moments: Vec<Vec<f32>> = flat.by_ref().take(moments.len()).collect();
            let mut start = 0;
            for slot in slots {
                let end = start + slot.len();
                for (kind, values) in self.rule.moments().iter().zip(&moments) {
                    let own = TensorData::new(values[start..end].to_vec(), slot.shape.clone());
                    state.insert(format!("{kind}/{}", slot.name), own);
                }
                state.insert(format!("steps/{}", slot.name), TensorData::new(vec![*steps as i64], [1]));
                start = end;
            }
        }
        for (name, moments) in self.resting.clone() {
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

    /// Sorts this step's parameters into groups, and makes new groups, of at most so many numbers each, where others than
    /// last time have a gradient.
    fn grouped(&mut self, entries: Vec<Entry>, most: usize) -> Result<Vec<Vec<Entry>>, OptimiserError> {
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
            self.regroup(&entries, most)?;
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

    fn regroup(&mut self, entries: &[Entry], most: usize) -> Result<(), OptimiserError> {
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
            .flat_map(|(key, members)| parts(members, most).into_iter().map(move |part| (key, part)))
            .map(|((decays, steps), members)| {
                let (slots, values): (Vec<Slot>, Vec<Vec<Tensor<1>>>) = members.into_iter().unzip();
                let joined = |kind: usize| Tensor::cat(values.iter().map(|values| values[kind].clone()).collect(), 0);
                Group { decays, steps, slots, moments: (0..self.rule.moments().len()).map(joined).collect() }
            })
            .collect();
        Ok(())
    }
}

/// The parameters that have a gradient, in the network's order.
fn entries_of<M: Module>(network: &M, gradients: &Gradients) -> Vec<Entry> {
    let mut collector = Collector { gradients, path: Vec::new(), entries: Vec::new() };
    network.visit(&mut collector);
    collector.entries
}

/// The same members in the same order, in parts of at most so many numbers; one that has more is a part of its own.
fn parts(members: Vec<Member>, most: usize) -> Vec<Vec<Member>> {
    let mut parts: Vec<Vec<Member>> = Vec::new();
    let mut numbers = 0;
    for member in members {
        let own = member.0.len();
        if let Some(part) = parts.last_mut().filter(|_| numbers + own <= most) {
            numbers += own;
            part.push(member);
        } else {
            numbers = own;
            parts.push(vec![member]);
        }
    }
    parts
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

#[cfg(test)]
mod tests;
