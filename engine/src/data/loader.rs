//! Endless shuffled, augmented batches, made ahead of time by worker threads.
//!
//! Batch `k` depends on the seed and `k` alone: worker `w` of `n` makes the batches `w, w + n, …`, each into a short
//! channel of its own, and the reader takes them in turn.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, bounded};
use parking_lot::Mutex;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::augment::{Augmentation, Draw};
use super::batch::{batch_of, normalisation_for, sensors_in_use};
use super::dataset::{Dataset, Decoded};
use super::degrade::{Around, Degrading};
use super::domain::{Drawn, Fakes, Mix, Pool, draw};
use super::entry::SampleEntry;
use super::error::DataError;
use super::sample::{Batch, Modality, Normalisation, Sample};
use crate::progress::{Progress, Stopped, unwatched};
use crate::protocol::Notes;
use crate::random::{Streams, unit};
use crate::recipe::Recipe;
use crate::recipe::catalogue::data;

/// Batches that each worker makes ahead.
const AHEAD: usize = 2;

/// Decoded files kept in memory, so that small data sets are decoded once.
const CACHE_BYTES: usize = 512 << 20;

/// Loads the batches of one split.
pub struct Loader {
    receivers: Vec<Receiver<Result<Batch, DataError>>>,
    workers: Vec<JoinHandle<()>>,
    taken: usize,
    plan: Arc<Plan>,
}

/// What every worker knows.
struct Plan {
    dataset: Arc<Dataset>,
    split: String,
    samples: Vec<SampleEntry>,
    pools: Vec<Pool>,
    fakes: Option<Fakes>,
    sensors: Vec<usize>,
    modalities: Vec<Modality>,
    normalisations: Vec<Normalisation>,
    degrading: Degrading,
    augmentation: Augmentation,
    batch_size: usize,
    streams: Streams,
    stopping: AtomicBool,
    cache: Mutex<Cache>,
    remarks: Mutex<Remarks>,
}

#[derive(Default)]
struct Cache {
    decoded: HashMap<usize, Arc<Decoded>>,
    bytes: usize,
}

/// What is to be told, and which samples have been named.
#[derive(Default)]
struct Remarks {
    named: HashSet<usize>,
    notes: Notes,
}

impl Loader {
    /// Starts loading at batch `first_batch` of the endless order that follows from the seed.
    pub fn new(
        dataset: Arc<Dataset>,
        split: &str,
        recipe: &Recipe,
        streams: Streams,
        first_batch: u64,
    ) -> Result<Self, DataError> {
        Self::of_mix(dataset, split, recipe, streams, first_batch, Mix::Labelled, &mut unwatched)
    }

    /// [`Loader::new`] for a phase that draws its scenes in another way; `progress` may end it.
    pub fn of_mix(
        dataset: Arc<Dataset>,
        split: &str,
        recipe: &Recipe,
        streams: Streams,
        first_batch: u64,
        mix: Mix,
        progress: &mut Progress<'_>,
    ) -> Result<Self, DataError> {
        // One core is left to the training itself.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let drawn = draw(dataset, split, recipe, mix, progress)?;
        Self::of_drawn(drawn, split, recipe, streams, first_batch, (cores / 2).clamp(1, 2))
    }

    /// [`Loader::new`] with so many threads, at least one; the batches are the same with any number.
    pub fn with_workers(
        dataset: Arc<Dataset>,
        split: &str,
        recipe: &Recipe,
        streams: Streams,
        first_batch: u64,
        workers: usize,
    ) -> Result<Self, DataError> {
        let drawn = draw(dataset, split, recipe, Mix::Labelled, &mut unwatched)?;
        Self::of_drawn(drawn, split, recipe, streams, first_batch, workers.max(1))
    }

    pub(crate) fn of_drawn(
        drawn: Drawn,
        split: &str,
        recipe: &Recipe,
        streams: Streams,
        first_batch: u64,
        workers: usize,
    ) -> Result<Self, DataError> {
        let Drawn { dataset, samples, pools, fakes, notes } = drawn;
        let sensors = sensors_in_use(recipe, &dataset)?;
        let modalities: Vec<Modality> = sensors.iter().map(|&sensor| dataset.modalities[sensor].clone()).collect();
        let plan = Arc::new(Plan {
            normalisations: modalities.iter().map(|modality| normalisation_for(recipe, modality)).collect(),
            degrading: Degrading::from_recipe(recipe, &dataset, &sensors)?,
            augmentation: Augmentation::from_recipe(recipe),
            batch_size: recipe.get(data::BATCH_SIZE).max(1),
            split: split.to_owned(),
            stopping: AtomicBool::new(false),
            cache: Mutex::default(),
            remarks: Mutex::new(Remarks { notes: Notes { facts: notes, warnings: Vec::new() }, ..Remarks::default() }),
            dataset,
            samples,
            pools,
            fakes,
            sensors,
            modalities,
            streams,
        });
        let mut loader = Self { receivers: Vec::new(), workers: Vec::new(), taken: 0, plan: Arc::clone(&plan) };
        for worker in 0..workers {
            let (sender, receiver) = bounded(AHEAD);
            let plan = Arc::clone(&plan);
            let work = move || {
                let mut index = first_batch + worker as u64;
                while !plan.stopping.load(Ordering::Relaxed) {
                    if sender.send(plan.batch(index)).is_err() {
                        return;
                    }
                    index += workers as u64;
                }
            };
            let thread = std::thread::Builder::new().name(format!("loader-{worker}")).spawn(work);
            loader.workers.push(thread.map_err(|error| DataError::LoaderStopped { reason: error.to_string() })?);
            loader.receivers.push(receiver);
        }
        Ok(loader)
    }

    /// The next batch. Waits for it where the workers are behind.
    ///
    /// A sample that cannot be read is replaced by the next one of the epoch's order, with a warning in
    /// [`Loader::take_notes`]; only where no sample can be read is that an error.
    pub fn next_batch(&mut self) -> Result<Batch, DataError> {
        let receiver = &self.receivers[self.taken % self.receivers.len()];
        let batch = receiver.recv().map_err(|_closed| DataError::LoaderStopped {
            reason: "a worker thread ended before its time; please report this".to_owned(),
        })?;
        self.taken += 1;
        batch
    }

    /// Whether a phase that draws its scenes so could begin, and how many batches one pass over them takes.
    pub fn try_mix(
        dataset: &Arc<Dataset>,
        split: &str,
        recipe: &Recipe,
        mix: Mix,
        progress: &mut Progress<'_>,
    ) -> Result<u64, DataError> {
        let drawn = draw(Arc::clone(dataset), split, recipe, mix, progress)?;
        Ok((drawn.samples.len() / recipe.get(data::BATCH_SIZE).max(1)).max(1) as u64)
    }

    /// Batches in one pass over the split; the samples that fill no batch wait for another epoch's order.
    pub fn batches_per_epoch(&self) -> u64 {
        self.plan.batches_per_epoch()
    }

    /// What is to be told since the last call: which scenes are drawn, and what was replaced, each sample named once.
    pub fn take_notes(&self) -> Notes {
        std::mem::take(&mut self.plan.remarks.lock().notes)
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.plan.stopping.store(true, Ordering::Relaxed);
        // Workers that wait to hand over a batch wake when nobody is left to take it.
        self.receivers.clear();
        for worker in self.workers.drain(..) {
            if worker.join().is_err() {
                tracing::error!("a loader thread panicked");
            }
        }
    }
}

impl Plan {
    fn batches_per_epoch(&self) -> u64 {
        (self.samples.len() / self.batch_size).max(1) as u64
    }

    fn batch(&self, index: u64) -> Result<Batch, DataError> {
        // As in the paper's code, all images of a batch are of one kind.
        let draws_fakes = |fakes: &&Fakes| unit(&mut self.streams.stream("fake-night", index)) < fakes.share;
        let fakes = self.fakes.as_ref().filter(draws_fakes);
        let orders: Vec<_> = self.pools.iter().map(|pool| self.places(pool, index)).collect();
        let places = orders.iter().flatten();
        let mut samples = Vec::with_capacity(self.batch_size);
        let mut target = None;
        for (slot, (order, place)) in places.enumerate() {
            if self.stopping.load(Ordering::Relaxed) {
                return Err(Stopped.into());
            }
            let drawn = index * self.batch_size as u64 + slot as u64;
            let sample = self.readable(order, *place, fakes, drawn)?;
            let sample = self.augmentation.sized(sample, &self.modalities);
            let mut random = self.streams.stream("augment", drawn);
            let draw = self.augmentation.draw(&mut random);
            target = target.or_else(|| self.augmentation.sure_target(&sample));
            // Cut as soon as it is known to what, so that a batch of large scenes is never held whole.
            samples.push(match target {
                Some(target) => (draw.apply(sample, &self.modalities, target), None),
                None => (sample, Some(draw)),
            });
        }
        let target = target.unwrap_or_else(|| self.augmentation.target(samples.iter().map(|(sample, _)| sample)));
        let cut = |(sample, draw): (Sample, Option<Draw>)| match draw {
            Some(draw) => draw.apply(sample, &self.modalities, target),
            None => sample,
        };
        let samples: Vec<Sample> = samples.into_iter().map(cut).collect();
        batch_of(&samples, &self.modalities, &self.normalisations, index)
    }

    /// An order of a pool's members, shared by a batch's scenes of one epoch, and the place of each of the batch's
    /// scenes in it.
    ///
    /// A pool that fills whole batches begins every epoch with a batch, and leaves what fills none to another epoch's
    /// order. One that fills a share of them goes on without an end, since pools of unequal size have no common epoch.
    fn places(&self, pool: &Pool, index: u64) -> Vec<(Arc<[usize]>, usize)> {
        let order = |epoch: u64| -> Arc<[usize]> {
            let order = shuffled(pool.members.len(), &mut self.streams.stream(pool.stream, epoch));
            order.into_iter().map(|place| pool.members[place]).collect()
        };
        if self.pools.len() == 1 {
            let (epoch, batch) = (index / self.batches_per_epoch(), index % self.batches_per_epoch());
            let order = order(epoch);
            let first = batch as usize * pool.share;
            return (first..first + pool.share).map(|place| (Arc::clone(&order), place)).collect();
        }
        let count = pool.members.len() as u64;
        let first = index * pool.share as u64;
        let mut places: Vec<(Arc<[usize]>, usize)> = Vec::with_capacity(pool.share);
        for position in first..first + pool.share as u64 {
            let (epoch, place) = (position / count, (position % count) as usize);
            let known = places.last().filter(|_| place > 0).map(|(order, _)| Arc::clone(order));
            places.push((known.unwrap_or_else(|| order(epoch)), place));
        }
        places
    }

    /// The sample at this place of the order, or the next one that can be read, degraded by the draw of that number.
    fn readable(&self, order: &[usize], place: usize, fakes: Option<&Fakes>, drawn: u64) -> Result<Sample, DataError> {
        let mut failure = None;
        for step in 0..order.len() {
            if self.stopping.load(Ordering::Relaxed) {
                return Err(Stopped.into());
            }
            let sample = order[(place + step) % order.len()];
            match self.read(sample, fakes, drawn) {
                Ok(sample) => return Ok(sample),
                Err(error) => {
                    self.warn(sample, &error);
                    failure.get_or_insert(error);
                }
            }
        }
        Err(failure.unwrap_or_else(|| DataError::NoSamples {
            reason: format!("split `{}` is empty", self.split),
            path: self.dataset.root.clone(),
        }))
    }

    fn read(&self, index: usize, fakes: Option<&Fakes>, drawn: u64) -> Result<Sample, DataError> {
        let faked = fakes.and_then(|fakes| Some((&fakes.dataset, fakes.samples[index].as_ref()?)));
        let (dataset, entry) = faked.unwrap_or((&self.dataset, &self.samples[index]));
        let key = if faked.is_some() { self.samples.len() + index } else { index };
        let known = self.cache.lock().decoded.get(&key).map(Arc::clone);
        let decoded = if let Some(decoded) = known {
            decoded
        } else {
            let decoded = Arc::new(dataset.decode(entry, &self.sensors)?);
            self.cache.lock().keep(key, &decoded);
            decoded
        };
        let sample = dataset.assemble(entry, &decoded, &self.sensors)?;
        let before = &self.samples[index.checked_sub(1).unwrap_or(self.samples.len() - 1)];
        let around = Around { dataset, entry, before };
        let sample =
            self.degrading.degrade(sample, &self.sensors, &mut self.streams.stream("degrade", drawn), &around)?;
        self.augmentation.fitting(sample)
    }

    fn warn(&self, index: usize, error: &DataError) {
        let mut remarks = self.remarks.lock();
        if remarks.named.insert(index) {
            let id = self.samples[index].id();
            let words = format!("sample `{id}` of `{}` is replaced by the next one: {error}", self.split);
            remarks.notes.warnings.push(words);
        }
    }
}

impl Cache {
    /// Keeps what still fits. Nothing is thrown out: in a shuffled order no sample is needed sooner than another.
    fn keep(&mut self, index: usize, decoded: &Arc<Decoded>) {
        let bytes = decoded.size_bytes();
        if self.bytes + bytes <= CACHE_BYTES && self.decoded.insert(index, Arc::clone(decoded)).is_none() {
            self.bytes += bytes;
        }
    }
}

/// `0..count` in random order (Fisher and Yates), the same on every platform.
fn shuffled(count: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, (random.next_u64() % (last as u64 + 1)) as usize);
    }
    order
}
