//! A small parent for each long-running program, so that none outlives xtask.
//!
//! xtask runs `xtask guard -- PROGRAM …` with a pipe on standard input. The kernel closes that pipe
//! however xtask ends, a kill -9 included; the guard then ends the program: SIGTERM first, so that
//! it can finish its work, then SIGKILL for the whole process group.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::command::wait_within;

/// Time that a program has to end by itself; the origin empties its spool in it.
const GRACE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// Arguments of `guard`.
#[derive(Debug, Args)]
pub(crate) struct GuardArgs {
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// Runs the program; answers with its exit code.
pub(crate) fn run(args: &GuardArgs) -> ExitCode {
    let Some((program, rest)) = args.command.split_first() else {
        return ExitCode::FAILURE;
    };
    let child = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .process_group(0)
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{} cannot be started: {error}", program.to_string_lossy());
            return ExitCode::FAILURE;
        }
    };
    let closed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&closed);
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        // An error means the same as the end: nobody is there any more.
        let _end = std::io::stdin().read_to_end(&mut rest);
        seen.store(true, Ordering::Release);
    });
    while !closed.load(Ordering::Acquire) {
        match child.try_wait() {
            Ok(Some(status)) => {
                sweep(&child);
                let code = status.code().and_then(|code| u8::try_from(code).ok());
                return code.map_or(ExitCode::FAILURE, ExitCode::from);
            }
            Ok(None) => std::thread::sleep(POLL),
            Err(_) => break,
        }
    }
    stop(&mut child);
    ExitCode::SUCCESS
}

fn stop(child: &mut Child) {
    if let Some(pid) = pid(child) {
        // ESRCH: it has ended meanwhile.
        let _gone = kill_process(pid, Signal::TERM);
    }
    let _ended = wait_within(child, GRACE);
    sweep(child);
    let _reaped = child.wait();
}

/// Ends what the program may have left behind in its process group.
fn sweep(child: &Child) {
    if let Some(pid) = pid(child) {
        let _gone = kill_process_group(pid, Signal::KILL);
    }
}

fn pid(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}
