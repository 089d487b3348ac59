//! A wgpu device of its own: nothing else submits to it, so nothing waits for it.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use crate::embedding::error::EmbeddingError;

/// A device, its queue, and what went wrong on them.
pub(super) struct Graphics {
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    /// The adapter's own name.
    pub(super) words: String,
    /// The first error that nothing else caught; without a handler of ours wgpu ends the program.
    failure: Arc<Mutex<Option<String>>>,
}

impl Graphics {
    /// A device with default limits.
    pub(super) fn new(adapter: &wgpu::Adapter) -> Result<Self, EmbeddingError> {
        let descriptor = wgpu::DeviceDescriptor { label: Some("embedding"), ..wgpu::DeviceDescriptor::default() };
        let request = std::pin::pin!(adapter.request_device(&descriptor));
        // On native platforms the device is there at the first poll.
        let answer = match request.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.map_err(|error| error.to_string()),
            Poll::Pending => Err("it does not answer".to_owned()),
        };
        let opening = |what| EmbeddingError::Device { operation: "opening", what };
        let (device, queue) = answer.map_err(opening)?;
        let failure = Arc::new(Mutex::new(None));
        let heard = Arc::clone(&failure);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            heard.lock().get_or_insert_with(|| error.to_string());
        }));
        Ok(Self { device, queue, words: adapter.get_info().name, failure })
    }

    /// What went wrong since the last look.
    pub(super) fn check(&self, operation: &'static str) -> Result<(), EmbeddingError> {
        self.failure.lock().take().map_or(Ok(()), |what| Err(EmbeddingError::Device { operation, what }))
    }

    /// Waits until all that was submitted is done.
    pub(super) fn wait(&self, operation: &'static str) -> Result<(), EmbeddingError> {
        let waited = self.device.poll(wgpu::PollType::wait_indefinitely());
        self.check(operation)?;
        waited.map(drop).map_err(|error| EmbeddingError::Device { operation, what: error.to_string() })
    }

    /// A storage buffer that holds at least `numbers` numbers of four bytes.
    pub(super) fn storage(&self, label: &str, numbers: usize) -> Result<wgpu::Buffer, EmbeddingError> {
        let size = 4 * numbers.max(4) as u64;
        let limits = self.device.limits();
        if size > limits.max_storage_buffer_binding_size.min(limits.max_buffer_size) {
            let what = format!(
                "{label} takes {} MiB, more than it offers; take fewer points or a smaller perplexity",
                size >> 20
            );
            return Err(EmbeddingError::Device { operation: "reserving memory", what });
        }
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        Ok(self.buffer(label, size, usage))
    }

    /// A uniform buffer with four whole numbers.
    pub(super) fn uniform(&self, label: &str, values: [u32; 4]) -> wgpu::Buffer {
        let buffer = self.buffer(label, 16, wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST);
        self.write_whole(&buffer, &values);
        buffer
    }

    fn buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size,
            usage,
            mapped_at_creation: false,
        })
    }

    /// Writes numbers from a buffer's beginning.
    pub(super) fn write(&self, buffer: &wgpu::Buffer, numbers: &[f32]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.queue.write_buffer(buffer, 0, &bytes);
    }

    /// Writes whole numbers from a buffer's beginning.
    pub(super) fn write_whole(&self, buffer: &wgpu::Buffer, numbers: &[u32]) {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.queue.write_buffer(buffer, 0, &bytes);
    }

    /// The first numbers of a buffer.
    pub(super) fn read(&self, buffer: &wgpu::Buffer, numbers: usize) -> Result<Vec<f32>, EmbeddingError> {
        let operation = "reading back";
        let size = 4 * numbers.max(1) as u64;
        let staging = self.buffer("staging", size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, Some(size));
        self.queue.submit([encoder.finish()]);
        let (sender, receiver) = sync_channel(1);
        staging.map_async(wgpu::MapMode::Read, .., move |mapped| {
            let _nobody_waits = sender.send(mapped);
        });
        self.wait(operation)?;
        let failed = |what: String| EmbeddingError::Device { operation, what };
        let mapped = receiver.try_recv().map_err(|_error| failed("the buffer was not mapped".to_owned()))?;
        mapped.map_err(|error| failed(error.to_string()))?;
        let view = staging.slice(..).get_mapped_range().map_err(|error| failed(error.to_string()))?;
        let (words, _rest) = view.as_chunks::<4>();
        Ok(words.iter().take(numbers).map(|word| f32::from_le_bytes(*word)).collect())
    }
}
