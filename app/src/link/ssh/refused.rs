//! What `ssh` says when there is no connection, as sentences that a user can act on.

/// What helps, by words that OpenSSH, or the shell on the other machine, writes to standard error.
pub(super) fn words_of(host: &str, program: &str, last_words: &[String]) -> Option<String> {
    let said = |words: &[&str]| last_words.iter().rev().find(|line| words.iter().any(|word| line.contains(word)));
    let sentence = |line: &String, what: String| Some(format!("{what} (“{line}”)"));
    if let Some(line) = said(&["Could not resolve hostname", "Name or service not known"]) {
        let what = format!("There is no machine `{host}`: it must be a name of ~/.ssh/config or of the network");
        return sentence(line, what);
    }
    if let Some(line) = said(&["Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"]) {
        let what = format!(
            "The key of `{host}` is not known yet, or another one than before: run `ssh {host}` once in a terminal"
        );
        return sentence(line, what);
    }
    if let Some(line) = said(&["Permission denied (", "Too many authentication failures"]) {
        let what = format!(
            "`{host}` has refused the keys of this user. No password is asked for here: `ssh {host}` must work in a terminal \
             without a question, by a key or an agent"
        );
        return sentence(line, what);
    }
    let unreachable = [
        "Connection refused",
        "Connection timed out",
        "No route to host",
        "Network is unreachable",
        "Operation timed out",
    ];
    if let Some(line) = said(&unreachable) {
        return sentence(line, format!("`{host}` cannot be reached"));
    }
    if let Some(line) = said(&["not found", "No such file or directory", "Unknown command", "Permission denied"]) {
        let what = format!(
            "`{host}` was reached, and there is no program `{program}` to run there: install it, or say where it lies (Engine, \
             Program there)"
        );
        return sentence(line, what);
    }
    let dropped = ["Timeout, server", "Broken pipe", "Connection reset", "closed by remote host", "Connection closed"];
    said(&dropped).and_then(|line| sentence(line, format!("The connection to `{host}` broke off")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_with_what_helps() {
        let cases = [
            ("ssh: Could not resolve hostname gpu: Name or service not known", "There is no machine `gpu`"),
            ("me@gpu: Permission denied (publickey,password).", "has refused the keys"),
            ("Host key verification failed.", "run `ssh gpu` once in a terminal"),
            ("ssh: connect to host gpu port 22: Connection refused", "`gpu` cannot be reached"),
            ("bash: line 1: fusionscope: command not found", "there is no program `fusionscope`"),
            ("zsh:1: no such file or directory: /opt/x: No such file or directory", "there is no program"),
            ("sh: 1: /opt/x: Permission denied", "there is no program"),
            ("Timeout, server gpu not responding.", "broke off"),
        ];
        for (line, expected) in cases {
            let words = words_of("gpu", "fusionscope", &["Welcome".to_owned(), line.to_owned()]).unwrap();
            assert!(words.contains(expected) && words.contains(line), "{words}");
        }
        assert_eq!(words_of("gpu", "fusionscope", &["something else".to_owned()]), None);
    }
}
