//! An engine on another machine, and how `ssh` is asked for it.

use std::process::Command;

use fusionscope_engine::files::shell;
use fusionscope_engine::wire::Photographs;
use serde::{Deserialize, Serialize};

use super::refused::words_of;

/// What the program is called on the other machine, until the user says otherwise.
pub const PROGRAM: &str = "fusionscope";
/// Names the program that is run as `ssh`, with words of its own, as `GIT_SSH_COMMAND` does for git.
const SSH: &str = "FUSIONSCOPE_SSH";

/// A machine, and the program there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// The machine, as the user's SSH configuration or the network calls it; `user@machine` works too.
    pub host: String,
    /// The program there: a name, or a path; `~/` is the user's folder there.
    pub program: String,
    /// The folder there in which runs are made; the program's own choice, `runs` in the user's folder, where it is empty.
    pub runs: String,
    /// As what photographs come here.
    #[serde(default)]
    pub photographs: Photographs,
}

impl Remote {
    /// A machine, with the program and the folder that they usually are.
    pub fn new(host: &str) -> Self {
        Self { host: host.trim().to_owned(), ..Self::default() }
    }

    /// What asks for the engine there, and joins this program's streams to it. It asks nobody for a password, since there
    /// is no terminal to ask at.
    ///
    /// # Errors
    ///
    /// A sentence, where the machine can be no name of one.
    pub fn command(&self) -> Result<Command, String> {
        self.command_by(&std::env::var(SSH).unwrap_or_default())
    }

    /// The same by another `ssh`: its name and words, with spaces between them; the system's where it is empty.
    pub fn command_by(&self, ssh: &str) -> Result<Command, String> {
        let is_name = |letter: char| !letter.is_whitespace() && !letter.is_control();
        if self.host.is_empty() || self.host.starts_with('-') || !self.host.chars().all(is_name) {
            return Err(format!("`{}` is no name of a machine", self.host.escape_default()));
        }
        let mut words = ssh.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("ssh"));
        command.args(words).arg("-T");
        for option in
            ["BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=5", "ServerAliveCountMax=3", "EscapeChar=none"]
        {
            command.args(["-o", option]);
        }
        command.arg("--").arg(&self.host);
        let mut asked = format!("{} engine --stdio --attach", quoted(self.program()));
        if !self.runs.trim().is_empty() {
            asked.push_str(&format!(" --out {}", quoted(self.runs.trim())));
        }
        command.arg(asked);
        Ok(command)
    }

    fn program(&self) -> &str {
        if self.program.trim().is_empty() { PROGRAM } else { self.program.trim() }
    }

    /// What a connection that did not come about, or broke off, means, by what `ssh` wrote to standard error; `None` where
    /// that tells nothing.
    pub fn refusal(&self, last_words: &[String]) -> Option<String> {
        words_of(&self.host, self.program(), last_words)
    }
}

/// A word as the shell on the other machine takes it for one, whichever shell that is.
fn quoted(word: &str) -> String {
    let (home, rest) = word.strip_prefix("~/").map_or(("", word), |rest| ("~/", rest));
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+".contains(letter);
    if rest.chars().all(is_plain) { word.to_owned() } else { format!("{home}{}", shell::quoted(rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(remote: &Remote, ssh: &str) -> Vec<String> {
        let command = remote.command_by(ssh).unwrap();
        let all = std::iter::once(command.get_program()).chain(command.get_args());
        all.map(|word| word.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn ssh_is_asked_for_the_program_as_one_word_and_asks_nobody() {
        let said = words(&Remote::new(" gpu "), "");
        assert_eq!(said[0], "ssh");
        assert!(said.contains(&"BatchMode=yes".to_owned()));
        assert_eq!(said[said.len() - 3..], ["--", "gpu", "fusionscope engine --stdio --attach"]);
        let program = "~/my builds/fusion'scope".to_owned();
        let remote = Remote { program, runs: "/scratch/$me".to_owned(), ..Remote::new("me@gpu") };
        let said = words(&remote, "ssh -F /tmp/config");
        assert_eq!(said[..4], ["ssh", "-F", "/tmp/config", "-T"]);
        let asked = r"~/'my builds/fusion'\''scope' engine --stdio --attach --out '/scratch/$me'";
        assert_eq!(said.last().unwrap(), asked);
    }

    #[test]
    fn what_ssh_would_take_for_an_option_is_no_machine() {
        for host in ["", "-oProxyCommand=x", "a b", "a\nb"] {
            let refused = Remote::new(host).command_by("").unwrap_err();
            assert!(refused.contains("no name of a machine"), "{refused}");
        }
    }
}
