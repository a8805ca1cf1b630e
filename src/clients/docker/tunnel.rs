//! A daemon behind ssh: the user's own `ssh`, with his keys, agent, config and known hosts, forwards one local socket
//! to the daemon's. All streams are channels of that one connection, so no limit on sessions is met.
//!
//! ssh never gets the terminal: it has no input, may not prompt, and what it says is kept for the reason.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Mutex as Plain, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::host::Remote;
use crate::clients::fault::Fault;

/// How long ssh may take to log in and forward.
const OPEN_WITHIN: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// Characters kept of a line that ssh prints.
const WORDS: usize = 300;

/// The forwarding of one daemon's socket.
pub(super) struct Tunnel {
    program: PathBuf,
    remote: Remote,
    open: Mutex<Option<Open>>,
    /// What ssh said last.
    said: std::sync::Arc<Plain<String>>,
}

struct Open {
    ssh: Child,
    /// Private to us; goes with the tunnel.
    folder: Folder,
}

/// A folder that nobody else may enter, removed when it is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new() -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let mut number = 0_u32;
        loop {
            // Sockets have short paths, so not below the home folder.
            let name = format!("qd-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            match std::fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error)
                    if error.kind() == std::io::ErrorKind::AlreadyExists && number < 1000 =>
                {
                    number += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn socket(&self) -> PathBuf {
        self.0.join("docker.sock")
    }
}

impl Tunnel {
    pub(super) fn new(remote: Remote, program: Option<&Path>) -> Self {
        Self {
            program: program.unwrap_or(Path::new("ssh")).to_owned(),
            remote,
            open: Mutex::default(),
            said: std::sync::Arc::default(),
        }
    }

    /// A channel to the daemon; the tunnel is dug first if there is none.
    pub(super) async fn connect(&self) -> Result<UnixStream, Fault> {
        let mut open = self.open.lock().await;
        let ended = match &mut *open {
            Some(open) => !matches!(open.ssh.try_wait(), Ok(None)),
            None => true,
        };
        if ended {
            *open = None;
            *open = Some(self.dig().await?);
        }
        let socket = open.as_ref().map(|open| open.folder.socket());
        drop(open);
        let Some(socket) = socket else {
            return Err(self.fault());
        };
        UnixStream::connect(socket).await.map_err(|_| self.fault())
    }

    /// Why the tunnel gives no way, in ssh's own words.
    pub(super) fn fault(&self) -> Fault {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let host = &self.remote.host;
        Fault::Unreachable(if said.is_empty() {
            format!("ssh to {host}: the daemon there cut the connection")
        } else {
            explain(host, &said)
        })
    }

    async fn dig(&self) -> Result<Open, Fault> {
        let host = &self.remote.host;
        let failed = |words: String| Fault::Unreachable(format!("ssh to {host}: {words}"));
        let folder = Folder::new().map_err(|error| failed(error.to_string()))?;
        let socket = folder.socket();
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let mut ssh = self.spawn(&socket).map_err(|error| {
            failed(if error.kind() == std::io::ErrorKind::NotFound {
                "the program ssh is not installed".to_owned()
            } else {
                error.to_string()
            })
        })?;
        let words = ssh.stderr.take().map(|stderr| {
            let said = self.said.clone();
            tokio::spawn(async move {
                let mut lines = BufReader::new(stderr).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    let line: String = line.trim().chars().take(WORDS).collect();
                    if !line.is_empty() {
                        *said.lock().unwrap_or_else(PoisonError::into_inner) = line;
                    }
                }
            })
        });
        let deadline = Instant::now() + OPEN_WITHIN;
        while !socket.exists() {
            if !matches!(ssh.try_wait(), Ok(None)) {
                if let Some(words) = words {
                    let _ = words.await;
                }
                return Err(self.fault());
            }
            if Instant::now() >= deadline {
                let _ = ssh.start_kill();
                return Err(failed("no login within 20 s".to_owned()));
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(Open { ssh, folder })
    }

    fn spawn(&self, socket: &Path) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        for option in [
            "BatchMode=yes",
            "ConnectTimeout=10",
            "ExitOnForwardFailure=yes",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=3",
            "ControlMaster=no",
            "ControlPath=none",
            "PermitLocalCommand=no",
            "RemoteCommand=none",
            "StreamLocalBindMask=0177",
        ] {
            command.args(["-o", option]);
        }
        if let Some(user) = &self.remote.user {
            command.args(["-l", user]);
        }
        if let Some(port) = self.remote.port {
            command.args(["-p", &port.to_string()]);
        }
        let forward = format!("{}:{}", socket.display(), self.remote.socket);
        command
            .args(["-N", "-T", "-L", &forward, "--", &self.remote.host])
            .env("SSH_ASKPASS_REQUIRE", "never")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}

/// What ssh said, with the way out where it is known.
fn explain(host: &str, said: &str) -> String {
    let hint = if said.contains("Host key verification failed") {
        "connect once in a shell to check and keep its host key"
    } else if said.contains("Permission denied") {
        "log in by key or agent: a password is never asked for here"
    } else if said.contains("administratively prohibited") || said.contains("open failed") {
        "may this user reach the daemon's socket there?"
    } else {
        return format!("ssh to {host}: {said}");
    };
    format!("ssh to {host}: {said} ({hint})")
}
