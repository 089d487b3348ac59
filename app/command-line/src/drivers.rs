//! Graphics drivers that talk into the terminal.

/// Starts the program again in this process, without Mesa's layer that asks the desktop for its favourite adapter:
/// where there is no desktop session, the layer complains on standard error, twice each time that adapters are listed.
///
/// Does nothing within a desktop session, or where the environment already says which adapter Mesa shall prefer.
#[cfg(target_os = "linux")]
pub fn hush() {
    use std::os::unix::process::CommandExt as _;

    const LAYER_OFF: &str = "NODEVICE_SELECT";
    let is_set = |name: &str| std::env::var_os(name).is_some();
    if ["XDG_RUNTIME_DIR", LAYER_OFF, "MESA_VK_DEVICE_SELECT", "DRI_PRIME"].into_iter().any(is_set) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| program.clone().into_os_string());
    let error = std::process::Command::new(program).arg0(name).args(arguments).env(LAYER_OFF, "1").exec();
    // The complaint is only a blemish.
    tracing::debug!("the program could not start itself again: {error}");
}

/// Other systems have no such layer.
#[cfg(not(target_os = "linux"))]
pub fn hush() {}
