//! Which device trains: a hardware wgpu adapter or the CPU, never a software adapter.
//!
//! A software adapter (lavapipe, SwiftShader, WARP) takes minutes for its first training step where the CPU backend
//! takes a fraction of a second, so it is listed, marked, and never chosen. Tests of what a graphics card computes set
//! `FUSIONSCOPE_SOFTWARE_ADAPTER=train`: software adapters then have numbers behind the hardware's.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::task::{Context, Poll, Waker};

use burn::cubecl::config::autotune::AutotuneLevel;
use burn::cubecl::config::cache::CacheConfig;
use burn::cubecl::config::{CubeClRuntimeConfig, RuntimeConfig as _};
use burn::tensor::{Device, DeviceKind};
use serde::{Deserialize, Serialize};

use crate::failure::{Failing, FailureKind};
use crate::places;

/// Which device to train on, as a user says it: `auto`, `cpu` or `gpu:N`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceChoice {
    /// The first hardware adapter, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The hardware adapter with this number in [`list`].
    Gpu(usize),
}

/// Why a device could not be had.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DeviceError {
    /// The words name no device.
    #[error("`{found}` is no device; expected auto, cpu or gpu:N with N from 0")]
    Unknown {
        /// The words as given.
        found: String,
    },
    /// There is no adapter with that number.
    #[error("there is no gpu:{asked}; {there}. Choose one of these, or `auto`")]
    Absent {
        /// The number asked for.
        asked: usize,
        /// What is there, in words.
        there: String,
    },
}

impl Failing for DeviceError {
    fn kind(&self) -> Option<FailureKind> {
        match self {
            Self::Unknown { .. } | Self::Absent { .. } => Some(FailureKind::Refused),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown { found: text.to_owned() };
        match text.trim().to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu(0)),
            other => {
                let number = other.strip_prefix("gpu:").ok_or_else(unknown)?;
                number.parse().map(Self::Gpu).map_err(|_ignored| unknown())
            }
        }
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Cpu => formatter.write_str("cpu"),
            Self::Gpu(number) => write!(formatter, "gpu:{number}"),
        }
    }
}

/// One device of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// What to write after `--device` to train on it; `None` for software adapters, which users never train on.
    pub choice: Option<DeviceChoice>,
    /// The name for people, for example "CPU, 2 threads" or the adapter's own.
    pub name: String,
    /// What it is: `cpu`, `discrete`, `integrated`, `virtual`, `other` or `software`.
    pub kind: String,
    /// How it is reached: `flex` for the CPU, else the graphics interface (`vulkan`, `metal`, `dx12`).
    pub backend: String,
    /// Whether it is a graphics adapter emulated on the CPU.
    pub software: bool,
}

/// A hardware adapter and how burn addresses it.
struct Adapter {
    info: DeviceInfo,
    kind: Option<DeviceKind>,
    /// Its place in the listing that it comes from.
    place: usize,
}

/// The CPU in words.
pub fn cpu_words() -> String {
    match rayon::current_num_threads() {
        1 => "CPU, 1 thread".to_owned(),
        threads => format!("CPU, {threads} threads"),
    }
}

/// Every device: the CPU first, then hardware adapters by number, then software adapters.
///
/// A machine without graphics drivers has the CPU alone; that is no error.
pub fn list() -> Vec<DeviceInfo> {
    let cpu = DeviceInfo {
        choice: Some(DeviceChoice::Cpu),
        name: cpu_words(),
        kind: "cpu".to_owned(),
        backend: "flex".to_owned(),
        software: false,
    };
    std::iter::once(cpu).chain(adapters().0.into_iter().map(|adapter| adapter.info)).collect()
}

/// The device for a choice, and its name in words.
pub fn choose(choice: DeviceChoice) -> Result<(Device, String), DeviceError> {
    match choice {
        DeviceChoice::Cpu => Ok((Device::flex(), cpu_words())),
        DeviceChoice::Auto => {
            let mut found = if may_have_hardware() { adapters().0 } else { Vec::new() };
            found.retain(|adapter| !adapter.info.software);
            Ok(from_adapters(&found, 0).unwrap_or_else(|| (Device::flex(), cpu_words())))
        }
        DeviceChoice::Gpu(number) => {
            let (found, _) = adapters();
            from_adapters(&found, number)
                .ok_or_else(|| DeviceError::Absent { asked: number, there: what_is_there(&found) })
        }
    }
}

/// Whether the system shows a graphics card at all. Without one there is no need to load drivers, which takes time and
/// may print to the terminal.
#[cfg(target_os = "linux")]
fn may_have_hardware() -> bool {
    let nodes = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg", "/dev/kgsl-3d0", "/dev/mali0", "/dev/kfd"];
    nodes.iter().any(|node| std::path::Path::new(node).exists())
}

/// Other systems always have something to ask.
#[cfg(not(target_os = "linux"))]
fn may_have_hardware() -> bool {
    true
}

/// The graphics adapter for a choice, for a device of one's own on it; `None` stands for the CPU. Numbers are those of
/// [`list`], and `auto` never is a software adapter.
pub fn graphics(choice: DeviceChoice) -> Result<Option<wgpu::Adapter>, DeviceError> {
    let number = match choice {
        DeviceChoice::Cpu => return Ok(None),
        DeviceChoice::Auto if !may_have_hardware() => return Ok(None),
        DeviceChoice::Auto => 0,
        DeviceChoice::Gpu(number) => number,
    };
    let (found, handles) = adapters();
    let is_chosen = |info: &DeviceInfo| {
        info.choice == Some(DeviceChoice::Gpu(number)) && !(info.software && choice == DeviceChoice::Auto)
    };
    let chosen = found.iter().find(|adapter| is_chosen(&adapter.info));
    match (chosen.and_then(|adapter| handles.into_iter().nth(adapter.place)), choice) {
        (Some(adapter), _) => Ok(Some(adapter)),
        (None, DeviceChoice::Gpu(asked)) => Err(DeviceError::Absent { asked, there: what_is_there(&found) }),
        (None, _) => Ok(None),
    }
}

/// Whether hardware, on which `auto` trains, is among these adapters: for whoever has listed them already, since that
/// takes time.
pub fn has_hardware(adapters: &[wgpu::AdapterInfo]) -> bool {
    described(adapters, false).iter().any(|adapter| adapter.info.choice.is_some())
}

/// Any adapter, software first, for checking kernels where there is no hardware.
pub fn any_graphics() -> Option<wgpu::Adapter> {
    let (found, handles) = adapters();
    let place = found.iter().rev().map(|adapter| adapter.place).next()?;
    handles.into_iter().nth(place)
}

fn from_adapters(adapters: &[Adapter], number: usize) -> Option<(Device, String)> {
    let adapter = adapters.iter().find(|adapter| adapter.info.choice == Some(DeviceChoice::Gpu(number)))?;
    keep_tuned_kernels();
    Some((Device::wgpu(adapter.kind.clone()?), adapter.info.name.clone()))
}

/// Where what tuning found on a card is kept from launch to launch; `None` where there is no home folder.
pub(crate) fn tuned_kernels() -> Option<PathBuf> {
    // Which are the fastest depends on what compiles them.
    Some(places::cache()?.join(if cfg!(feature = "vulkan") { "kernels-spirv" } else { "kernels" }))
}

/// Has burn keep what it tunes for a card. Only the first call of a process has an effect.
fn keep_tuned_kernels() {
    let mut config = CubeClRuntimeConfig::default().override_from_env();
    if software_may_train() {
        // Every kernel that is tried takes long to compile there.
        config.autotune.level = AutotuneLevel::Minimal;
    }
    match tuned_kernels() {
        Some(folder) => config.environment.path = CacheConfig::Directory(folder),
        None => config.autotune.disable_cache = true,
    }
    CubeClRuntimeConfig::try_set(config);
}

fn what_is_there(adapters: &[Adapter]) -> String {
    let mut words = vec![format!("this machine has cpu ({})", cpu_words())];
    for Adapter { info, .. } in adapters {
        match info.choice {
            Some(choice) => words.push(format!("{choice} ({})", info.name)),
            None => words.push(format!("{} (a software adapter, not for training)", info.name)),
        }
    }
    words.join(", ")
}

/// The adapters of the first graphics interface that has hardware, as burn picks it; else of the first that has any.
/// With them come their handles in the order of the listing.
fn adapters() -> (Vec<Adapter>, Vec<wgpu::Adapter>) {
    let mut software_only = (Vec::new(), Vec::new());
    for backend in [wgpu::Backends::METAL, wgpu::Backends::VULKAN, wgpu::Backends::DX12] {
        let handles = enumerate(backend);
        let found = described(&handles.iter().map(wgpu::Adapter::get_info).collect::<Vec<_>>(), software_may_train());
        if found.iter().any(|adapter| !adapter.info.software) {
            return (found, handles);
        }
        if software_only.0.is_empty() {
            software_only = (found, handles);
        }
    }
    software_only
}

/// Whether software adapters may be trained on, which tests alone ask for.
fn software_may_train() -> bool {
    std::env::var("FUSIONSCOPE_SOFTWARE_ADAPTER").as_deref() == Ok("train")
}

fn enumerate(backends: wgpu::Backends) -> Vec<wgpu::Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let listing = std::pin::pin!(instance.enumerate_adapters(backends));
    // On native platforms the listing is ready at the first poll.
    match listing.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(adapters) => adapters,
        Poll::Pending => Vec::new(),
    }
}

/// Numbers hardware adapters from 0, discrete ones first, and puts software adapters last: with numbers where they may
/// train and burn knows them by a kind.
fn described(adapters: &[wgpu::AdapterInfo], software_trains: bool) -> Vec<Adapter> {
    let mut seen = [0_usize; 4];
    let mut next = |class: usize| {
        seen[class] += 1;
        seen[class] - 1
    };
    let mut found: Vec<(u8, Adapter)> = adapters
        .iter()
        .enumerate()
        .map(|(place, adapter)| {
            // burn counts each kind of adapter on its own, in the order of the listing.
            let (rank, word, kind) = match adapter.device_type {
                wgpu::DeviceType::DiscreteGpu => (0, "discrete", Some(DeviceKind::DiscreteGpu(next(0)))),
                wgpu::DeviceType::IntegratedGpu => (1, "integrated", Some(DeviceKind::IntegratedGpu(next(1)))),
                wgpu::DeviceType::VirtualGpu => (2, "virtual", Some(DeviceKind::VirtualGpu(next(2)))),
                wgpu::DeviceType::Cpu => (4, "software", Some(DeviceKind::Cpu)),
                wgpu::DeviceType::Other => (4, "software", None),
            };
            let software = rank == 4 || is_software_name(&adapter.name);
            let info = DeviceInfo {
                choice: None,
                name: adapter.name.clone(),
                kind: if software { "software" } else { word }.to_owned(),
                backend: format!("{:?}", adapter.backend).to_ascii_lowercase(),
                software,
            };
            (if software { 4 } else { rank }, Adapter { info, kind, place })
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    let mut found: Vec<Adapter> = found.into_iter().map(|(_, adapter)| adapter).collect();
    let trains = |adapter: &&mut Adapter| adapter.kind.is_some() && (software_trains || !adapter.info.software);
    for (number, adapter) in found.iter_mut().filter(trains).enumerate() {
        adapter.info.choice = Some(DeviceChoice::Gpu(number));
    }
    found
}

/// Some software adapters call themselves virtual or discrete.
fn is_software_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["llvmpipe", "lavapipe", "swiftshader", "software", "basic render"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, device_type: wgpu::DeviceType) -> wgpu::AdapterInfo {
        wgpu::AdapterInfo { name: name.to_owned(), ..wgpu::AdapterInfo::new(device_type, wgpu::Backend::Vulkan) }
    }

    #[test]
    fn choices_read_back_as_they_are_written() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Gpu(3)] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for wrong in ["", "tpu", "gpu:", "gpu:-1", "gpu:x"] {
            let message = wrong.parse::<DeviceChoice>().unwrap_err().to_string();
            assert!(message.contains("expected auto, cpu or gpu:N"), "{message}");
        }
    }

    #[test]
    fn hardware_is_numbered_discrete_first_and_software_for_tests_alone() {
        let there = [
            adapter("llvmpipe (LLVM 19)", wgpu::DeviceType::Cpu),
            adapter("Integrated", wgpu::DeviceType::IntegratedGpu),
            adapter("Discrete", wgpu::DeviceType::DiscreteGpu),
            adapter("SwiftShader Device", wgpu::DeviceType::VirtualGpu),
        ];
        let found = described(&there, false);
        let names: Vec<_> = found.iter().map(|adapter| (adapter.info.name.as_str(), adapter.info.choice)).collect();
        assert_eq!(names[0], ("Discrete", Some(DeviceChoice::Gpu(0))));
        assert_eq!(names[1], ("Integrated", Some(DeviceChoice::Gpu(1))));
        assert!(found[2..].iter().all(|adapter| adapter.info.software && adapter.info.choice.is_none()));
        assert_eq!(found[0].kind, Some(DeviceKind::DiscreteGpu(0)));
        let numbers: Vec<_> = described(&there, true).into_iter().map(|adapter| adapter.info.choice).collect();
        assert_eq!(numbers, [0, 1, 2, 3].map(|number| Some(DeviceChoice::Gpu(number))));
    }

    #[test]
    fn software_is_no_hardware_whatever_it_calls_itself() {
        let software = [
            adapter("llvmpipe (LLVM 19)", wgpu::DeviceType::Cpu),
            adapter("SwiftShader Device", wgpu::DeviceType::VirtualGpu),
        ];
        assert!(!has_hardware(&software) && !has_hardware(&[]));
        let [cpu, _] = software;
        assert!(has_hardware(&[cpu, adapter("A card without a screen", wgpu::DeviceType::DiscreteGpu)]));
    }

    #[test]
    fn an_absent_adapter_is_a_sentence_that_lists_what_is_there() {
        let message = choose(DeviceChoice::Gpu(77)).unwrap_err().to_string();
        assert!(message.contains("gpu:77") && message.contains("cpu (CPU"), "{message}");
    }

    #[test]
    fn the_cpu_is_always_listed() {
        assert_eq!(list()[0].choice, Some(DeviceChoice::Cpu));
    }
}
