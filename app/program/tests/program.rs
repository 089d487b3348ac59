//! Makes `cargo test` build the program itself, which the whole-program tests then run.

use std::process::Command;

#[test]
fn the_program_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_fusionscope")).arg("--version").output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.trim(), format!("fusionscope {}", env!("CARGO_PKG_VERSION")));
}
