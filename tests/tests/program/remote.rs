//! An engine behind a real SSH server, with the line cut and restored.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};

use fusionscope::link::ssh::Remote;
use fusionscope::link::{FetchStanding, Fetching};
use fusionscope_engine::fixtures::slow_line::{Cutter, afar};
use fusionscope_engine::fixtures::{Need, TinyData, skip, tiny_recipe, write_tiny_data};
use fusionscope_engine::protocol::{Command, Event, SessionState, ViewRequest};
use fusionscope_engine::recipe::Value;
use fusionscope_engine::wire::{Client, Peer, Photographs, Standing};
use tempfile::TempDir;

use crate::support::{program, text};

const LIMIT: Duration = Duration::from_mins(1);

/// An SSH server of this user alone, which ends with this.
pub(super) struct Server {
    sshd: Child,
    folder: TempDir,
    /// The slow line that leads to it as well.
    line: Cutter,
}

impl Server {
    /// `None` where there is no OpenSSH, or it lets nobody in: `test` is skipped.
    pub(super) fn start(test: &str) -> Option<Self> {
        let missing = |what: &str| {
            skip(test, Need::Ssh, what);
            None
        };
        let places = std::env::var_os("PATH").unwrap_or_default();
        let places = std::env::split_paths(&places).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")]);
        // It wants to be called by its whole path.
        let Some(sshd) = places.map(|place| place.join("sshd")).find(|path| path.is_file()) else {
            return missing("an `sshd`");
        };
        // Sockets want short paths.
        let folder = tempfile::Builder::new().prefix("ssh").tempdir_in("/tmp").unwrap();
        let at = |name: &str| folder.path().join(name);
        for key in ["host", "key", "other"] {
            let made = Process::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(at(key)).status();
            if !made.is_ok_and(|status| status.success()) {
                return missing("an `ssh-keygen`");
            }
        }
        std::fs::copy(at("key.pub"), at("authorized")).unwrap();
        // Of root alone it wants this folder.
        let _not_root = std::fs::create_dir_all("/run/sshd");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let place = text(folder.path());
        let server = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nPidFile none\nAuthorizedKeysFile {place}/authorized\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPrintMotd no\n\
             SetEnv XDG_STATE_HOME={place}/state\n"
        );
        let known = format!(
            "HostName 127.0.0.1\nPort {port}\nIdentitiesOnly yes\nUserKnownHostsFile {place}/known\n\
             StrictHostKeyChecking accept-new\n"
        );
        let line = Cutter::default();
        let slow = slow_way(port, &line);
        // What is said first of an option holds.
        let client = format!(
            "Host slow\nPort {slow}\nHost there slow\nIdentityFile {place}/key\n{known}\
             Host keyless\nIdentityFile {place}/other\n{known}Host nowhere\nHostName no-such-machine.invalid\n"
        );
        std::fs::write(at("sshd_config"), server).unwrap();
        std::fs::write(at("config"), client).unwrap();
        let log = std::fs::File::create(at("log")).unwrap();
        let mut command = Process::new(sshd);
        command.args(["-D", "-e", "-f"]).arg(at("sshd_config")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let Ok(sshd) = command.spawn() else { return missing("an `sshd` that can be started") };
        let server = Self { sshd, folder, line };
        let begun = Instant::now();
        loop {
            let mut greet = Process::new("ssh");
            greet.args(["-F", text(&server.at("config")), "-o", "BatchMode=yes", "there", "true"]);
            match greet.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output() {
                Err(_) => return missing("an `ssh`"),
                Ok(output) if output.status.success() => return Some(server),
                Ok(output) if begun.elapsed() > Duration::from_secs(10) => {
                    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                    let log = std::fs::read_to_string(server.at("log")).unwrap();
                    return missing(&format!("an SSH server that lets this user in: {said}: {log}"));
                }
                Ok(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn remote(&self, host: &str) -> Remote {
        let runs = text(&self.at("runs")).to_owned();
        Remote { program: text(program()).to_owned(), runs, ..Remote::new(host) }
    }

    pub(super) fn attach(&self, remote: &Remote) -> Client {
        let command = remote.command_by(&format!("ssh -F {}", text(&self.at("config")))).unwrap();
        Client::start_afar(Peer::start(command).unwrap(), Photographs::Png, None).unwrap()
    }
}

/// A port that leads to another one of this machine over a slow line, until that is cut.
fn slow_way(port: u16, line: &Cutter) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let line = line.clone();
    aside(move || {
        while let Ok((near, _)) = listener.accept() {
            if line.has_cut() {
                return;
            }
            let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            let ends = [(near.try_clone(), far.try_clone()), (Ok(far), Ok(near))];
            for (from, to) in ends {
                let (mut from, mut to) = (from.unwrap(), to.unwrap());
                let (mut written, mut read) = afar(&line);
                aside(move || _ = std::io::copy(&mut from, &mut written));
                aside(move || {
                    let _over = std::io::copy(&mut read, &mut to);
                    let _gone = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
    own
}

fn aside(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().name("slow-way".to_owned()).spawn(work).unwrap();
}

impl Drop for Server {
    fn drop(&mut self) {
        self.line.cut();
        let _ended = self.sshd.kill().and_then(|()| self.sshd.wait());
        // The engine stays whoever goes.
        let mut end = Process::new(program());
        end.args(["engine", "--end", "--out"]).arg(self.at("runs")).env("XDG_STATE_HOME", self.at("state"));
        let _ended = end.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

#[track_caller]
fn until(window: &Client, is_end: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut found = Vec::new();
    loop {
        let Ok(event) = window.events().recv_timeout(LIMIT) else {
            panic!("nothing came after {found:#?}: {:?}", window.standing())
        };
        let is_last = is_end(&event);
        found.push(event);
        if is_last {
            return found;
        }
    }
}

#[track_caller]
fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LIMIT, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn lines(run: &Path) -> usize {
    std::fs::read_to_string(run.join("metrics.jsonl")).map_or(0, |text| text.lines().count())
}

/// Every file below a folder, without those whose names begin with a dot.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.file_name().unwrap().to_string_lossy().starts_with('.') {
                found.push((path.strip_prefix(folder).unwrap().to_owned(), std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_run_on_another_machine_outlives_a_cut_line_and_is_fetched() {
    let Some(server) = Server::start("a_run_on_another_machine_outlives_a_cut_line_and_is_fetched") else { return };
    write_tiny_data(&server.at("data"), &TinyData::default()).unwrap();
    let remote = server.remote("there");
    let window = server.attach(&remote);
    let mut recipe = tiny_recipe().unwrap();
    recipe.set("training.steps", Value::Integer(300)).unwrap();
    window.send(Command::LoadData { path: server.at("data") }).unwrap();
    window.send(Command::LoadRecipe { recipe }).unwrap();
    window.send(Command::Start).unwrap();
    let told = until(&window, |event| matches!(event, Event::Steps(_)));
    let run = told.into_iter().find_map(|event| if let Event::Run { path, .. } = event { Some(path) } else { None });
    let run = run.unwrap();
    let request = ViewRequest { split: "val".to_owned(), ..ViewRequest::default() };
    window.send(Command::View(request.clone())).unwrap();
    until(&window, |event| *event == Event::ViewReady { view: 0 });
    assert_eq!(window.view(0).unwrap().request, request);

    window.kill();
    wait_for("the line is cut", || matches!(window.standing(), Standing::Lost { .. }));
    drop(window);
    let before = lines(&run);
    wait_for("the run goes on", || lines(&run) > before || lines(&run) == 302);

    let window = server.attach(&remote);
    let told = until(&window, |event| *event == Event::State(SessionState::Finished));
    let steps = told.iter().filter_map(|event| if let Event::Steps(steps) = event { Some(steps) } else { None });
    let steps: Vec<u64> = steps.flatten().map(|step| step.step).collect();
    assert_eq!(steps, (1..=302).collect::<Vec<_>>(), "every step, once and in order");

    let here = server.at("here");
    let fetching = Fetching::begin(run.clone(), here.clone(), || {}).unwrap();
    let begun = Instant::now();
    while matches!(fetching.standing(), FetchStanding::Going { .. }) {
        assert!(begun.elapsed() < LIMIT);
        for command in fetching.asks() {
            window.send(Command::Disk(command)).unwrap();
        }
        if let Ok(Event::Disk(news)) = window.events().recv_timeout(Duration::from_millis(5)) {
            fetching.hear(&news);
        }
    }
    let copy = here.join(run.file_name().unwrap());
    assert_eq!(fetching.standing(), FetchStanding::Done(copy.clone()));
    assert_eq!(files(&copy), files(&run));
    window.send(Command::Shutdown).unwrap();
    until(&window, |event| *event == Event::Ended);
}

#[test]
fn what_keeps_a_line_from_being_built_is_said_in_words_that_help() {
    let Some(server) = Server::start("what_keeps_a_line_from_being_built_is_said_in_words_that_help") else { return };
    let lost = |remote: &Remote| {
        let window = server.attach(remote);
        wait_for("it is lost", || matches!(window.standing(), Standing::Lost { .. }));
        let Standing::Lost { last_words, .. } = window.standing() else { panic!() };
        remote.refusal(&last_words).unwrap_or_else(|| panic!("{last_words:?} tells nothing"))
    };
    assert!(lost(&server.remote("nowhere")).contains("There is no machine `nowhere`"));
    assert!(lost(&server.remote("keyless")).contains("has refused the keys"));
    let program = "no-such-program-of-ours".to_owned();
    let without = Remote { program, ..server.remote("there") };
    assert!(lost(&without).contains("no program `no-such-program-of-ours`"));
}
