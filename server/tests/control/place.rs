//! Where a control plane stands: a SQLite file, or a PostgreSQL server of the test's own.

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use emban_server::control::Control;
use tempfile::TempDir;

/// The user and group `nobody` and `nogroup`: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;
/// How long a server may take to be there.
const START_TIME: Duration = Duration::from_secs(60);

/// A database for one test.
pub(crate) struct Place {
    dir: TempDir,
    server: Option<Child>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let dir = TempDir::new().unwrap();
        Self { dir, server: None }
    }

    /// A fresh server that is reached by a socket in the test's directory: no port can be taken already.
    pub(crate) fn postgresql() -> Self {
        let dir = cluster();
        let server = start(dir.path(), &["listen_addresses="]);
        let place = Self {
            dir,
            server: Some(server),
        };
        place.await_server();
        place
    }

    /// A fresh server that is reached over TLS and not otherwise. Returns its URL and the file of its authority, too.
    pub(crate) fn postgresql_with_tls() -> (Self, String, PathBuf) {
        let dir = cluster();
        let data = dir.path().join("pg");
        certify(&data);
        std::fs::write(
            data.join("pg_hba.conf"),
            "hostssl all all 127.0.0.1/32 trust\n",
        )
        .unwrap();
        let port = free_port();
        let settings = [
            "listen_addresses=127.0.0.1",
            "ssl=on",
            &format!("port={port}"),
        ];
        let server = start(dir.path(), &settings);
        let authority = data.join("server.crt");
        let place = Self {
            dir,
            server: Some(server),
        };
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < START_TIME, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
        let url = format!("postgres://emban@127.0.0.1:{port}/postgres");
        (place, url, authority)
    }

    pub(crate) async fn open(&self) -> Control {
        match &self.server {
            None => Control::open_sqlite(&self.dir.path().join("control.sqlite")).await,
            Some(_) => Control::open_url(&self.url()).await,
        }
        .unwrap()
    }

    /// Whether a text stands anywhere in the files of the database.
    pub(crate) fn holds(&self, text: &str) -> bool {
        holds(self.dir.path(), text)
    }

    fn url(&self) -> String {
        let socket = self.dir.path().join("pg");
        format!(
            "postgres://emban@localhost/postgres?host={}",
            socket.display()
        )
    }

    fn await_server(&self) {
        let started = Instant::now();
        let ready = || {
            let mut asked = program("pg_isready");
            asked.arg("-q").arg("-h").arg(self.dir.path().join("pg"));
            asked.status().unwrap().success()
        };
        while !ready() {
            assert!(started.elapsed() < START_TIME, "PostgreSQL does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The files of a new server, in a folder that its user may enter.
fn cluster() -> TempDir {
    let dir = TempDir::new().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let data = dir.path().join("pg");
    std::fs::create_dir(&data).unwrap();
    own(&data);
    let mut initdb = program("initdb");
    initdb.args([
        "-U",
        "emban",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "--no-sync",
    ]);
    succeed(initdb.arg(&data));
    dir
}

fn start(dir: &Path, settings: &[&str]) -> Child {
    let data = dir.join("pg");
    let mut postgres = program("postgres");
    postgres.arg("-D").arg(&data).arg("-k").arg(&data);
    for setting in [&["fsync=off"][..], settings].concat() {
        postgres.args(["-c", setting]);
    }
    postgres
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A certificate for `127.0.0.1` that is its own authority.
fn certify(data: &Path) {
    let (key, certificate) = (data.join("server.key"), data.join("server.crt"));
    let mut openssl = Command::new("openssl");
    openssl
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=emban tests",
        ])
        .args([
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
        ])
        .arg(&key)
        .arg("-out")
        .arg(&certificate);
    succeed(&mut openssl);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    own(&key);
}

fn own(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}

fn succeed(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// The kernel's choice; taken again by the server a moment later.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            // Its other processes notice the end of the first and end by themselves.
            server.kill().ok();
            server.wait().ok();
        }
    }
}

fn holds(path: &Path, text: &str) -> bool {
    if path.is_dir() {
        let entries = std::fs::read_dir(path).unwrap();
        return entries.flatten().any(|entry| holds(&entry.path(), text));
    }
    // A socket cannot be read, and a file may go while it is looked for.
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// A program of PostgreSQL, as a user that may run it.
fn program(name: &str) -> Command {
    let path = bin().join(name);
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--pdeathsig",
            "KILL",
        ])
        .arg(path);
    command
}

/// Debian keeps the programs of each version apart, and out of the search path.
fn bin() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("initdb").is_file())
        .collect();
    found.sort();
    found.pop().expect(
        "PostgreSQL in /usr/lib/postgresql: run `cargo xtask setup`, or apt-get install postgresql",
    )
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}
