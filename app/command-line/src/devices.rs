//! `fusionscope devices`.

use fusionscope_engine::device::list;

use super::arguments::DevicesArguments;
use super::exit::{Exit, Outcome};
use super::output;

/// Lists every device with the word that chooses it.
pub fn run(arguments: DevicesArguments) -> Outcome {
    for device in list() {
        if arguments.json {
            output::json(&device)?;
            continue;
        }
        let choice = device.choice.map_or_else(|| "–".to_owned(), |choice| choice.to_string());
        let remark = if device.software { ", a software adapter: draws the window, never trains" } else { "" };
        output::line(&format!("{choice:<6}  {} ({}, {}{remark})", device.name, device.kind, device.backend));
    }
    Ok(Exit::Done)
}
