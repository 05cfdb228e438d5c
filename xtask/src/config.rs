//! The environment variables that xtask reads, parsed once.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Result, bail};

/// Variables that xtask itself reads.
const OWN: &[&str] = &[
    "EMBAN_CACHE_DIR",
    "EMBAN_CHROMIUM",
    "EMBAN_LIBCHDB",
    "EMBAN_WASM_TOOLCHAIN",
];

/// Settings of the origin, which refuses every other name that begins with `EMBAN_`.
const ORIGIN: &[&str] = &[
    "EMBAN_ASSETS_DIR",
    "EMBAN_BOOTSTRAP_ADMIN_KEY",
    "EMBAN_CLICKHOUSE_HELPER",
    "EMBAN_CLICKHOUSE_PASSWORD",
    "EMBAN_CLICKHOUSE_URL",
    "EMBAN_CLICKHOUSE_USER",
    "EMBAN_DATABASE_URL",
    "EMBAN_DATA_DIR",
    "EMBAN_EDGE_SECRET",
    "EMBAN_ENVIRONMENTS",
    "EMBAN_LISTEN",
    "EMBAN_LOG",
    "EMBAN_ORGANISATION",
    "EMBAN_PUBLIC_URL",
];

/// What `cargo xtask test` tells tests, and they hand back when they call xtask.
const FOR_TESTS: &[&str] = &[
    "EMBAN_EDGE_BUNDLE",
    "EMBAN_NPM_TOOLS",
    "EMBAN_TEST_CLICKHOUSE_URL",
    "EMBAN_TEST_LIBCHDB",
    "EMBAN_XTASK",
];

/// Names that an origin must not inherit from xtask's own environment.
pub(crate) fn foreign_to_origin() -> impl Iterator<Item = &'static str> {
    OWN.iter().chain(FOR_TESTS).copied()
}

/// Which compiler makes the wasm32 programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WasmChoice {
    /// The active toolchain if it has the target or rustup can add it, else Debian's packages.
    Automatic,
    /// The active toolchain or nothing.
    Rustup,
    /// Debian's `rustc-web`, even where rustup could do it.
    Debian,
}

/// Settings from the environment.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Folder of everything that is fetched or built once.
    pub(crate) cache_dir: PathBuf,
    /// `EMBAN_CHROMIUM`: a Chromium to use instead of searching for one.
    pub(crate) chromium: Option<PathBuf>,
    /// `EMBAN_LIBCHDB`: a `libchdb.so` to use instead of the pinned one.
    pub(crate) libchdb: Option<PathBuf>,
    /// `EMBAN_WASM_TOOLCHAIN`: `rustup` or `debian`; unset means whichever is there.
    pub(crate) wasm: WasmChoice,
    /// `EMBAN_CLICKHOUSE_URL` is set, so the embedded engine is not needed.
    pub(crate) external_clickhouse: bool,
    /// `EMBAN_ORGANISATION`, which origin and edge must agree on.
    pub(crate) organisation: Option<String>,
    /// `CARGO_TARGET_DIR`.
    pub(crate) cargo_target_dir: Option<PathBuf>,
    /// Cargo that runs this task.
    pub(crate) cargo: PathBuf,
    /// Folders in which programs are searched.
    pub(crate) path: Vec<PathBuf>,
}

impl Settings {
    /// Reads the process's environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is xtask's config module, the one reader of the environment"
    )]
    pub(crate) fn from_process() -> Result<Self> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Self::from_vars(names, |name| std::env::var(name).ok())
    }

    /// Reads settings through `var`; `names` are all names that are set.
    ///
    /// Errors: an `EMBAN_…` name that nothing reads, a value that cannot be used.
    fn from_vars(
        names: impl Iterator<Item = String>,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self> {
        refuse_unknown(names)?;
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let wasm = match set("EMBAN_WASM_TOOLCHAIN").as_deref() {
            None => WasmChoice::Automatic,
            Some("rustup") => WasmChoice::Rustup,
            Some("debian") => WasmChoice::Debian,
            Some(other) => bail!("EMBAN_WASM_TOOLCHAIN is {other:?}; it can be rustup or debian"),
        };
        let Some(cache_dir) = set("EMBAN_CACHE_DIR")
            .map(PathBuf::from)
            .or_else(|| set("XDG_CACHE_HOME").map(|dir| PathBuf::from(dir).join("emban")))
            .or_else(|| set("HOME").map(|dir| PathBuf::from(dir).join(".cache/emban")))
        else {
            bail!(
                "neither EMBAN_CACHE_DIR nor HOME is set, so there is no place for downloaded tools"
            );
        };
        if cache_dir.is_relative() {
            bail!(
                "EMBAN_CACHE_DIR must be an absolute path, not {}",
                cache_dir.display()
            );
        }
        Ok(Self {
            cache_dir,
            chromium: existing_file("EMBAN_CHROMIUM", set("EMBAN_CHROMIUM"))?,
            libchdb: existing_file("EMBAN_LIBCHDB", set("EMBAN_LIBCHDB"))?,
            wasm,
            external_clickhouse: set("EMBAN_CLICKHOUSE_URL").is_some(),
            organisation: set("EMBAN_ORGANISATION"),
            cargo_target_dir: set("CARGO_TARGET_DIR").map(PathBuf::from),
            cargo: PathBuf::from(set("CARGO").unwrap_or_else(|| "cargo".to_owned())),
            path: set("PATH")
                .map(|path| std::env::split_paths(&path).collect())
                .unwrap_or_default(),
        })
    }

    /// Finds a program in `PATH`.
    pub(crate) fn find_program(&self, name: &str) -> Option<PathBuf> {
        self.path
            .iter()
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    }
}

fn existing_file(name: &str, value: Option<String>) -> Result<Option<PathBuf>> {
    let Some(path) = value.map(PathBuf::from) else {
        return Ok(None);
    };
    if !path.is_file() {
        bail!("{name} names {}, which is not a file", path.display());
    }
    Ok(Some(path))
}

/// A misspelt setting would otherwise be ignored in silence.
fn refuse_unknown(names: impl Iterator<Item = String>) -> Result<()> {
    let unknown: BTreeSet<String> = names
        .filter(|name| name.starts_with("EMBAN_"))
        .filter(|name| ![OWN, ORIGIN, FOR_TESTS].concat().contains(&name.as_str()))
        .collect();
    let Some(first) = unknown.first() else {
        return Ok(());
    };
    bail!("the environment variable {first} is set, but Emban has no such setting");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<Settings> {
        let names = vars.iter().map(|(name, _)| (*name).to_owned());
        Settings::from_vars(names, |asked| {
            vars.iter()
                .find(|(name, _)| *name == asked)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    fn refused(vars: &[(&str, &str)]) -> String {
        read(vars).expect_err("must be refused").to_string()
    }

    #[test]
    fn a_misspelt_setting_is_refused_by_name() {
        let sentence = refused(&[("HOME", "/home/u"), ("EMBAN_CACHEDIR", "/x")]);
        assert!(sentence.contains("EMBAN_CACHEDIR"), "{sentence}");
    }

    #[test]
    fn settings_of_the_origin_are_let_through() {
        let settings = read(&[
            ("HOME", "/home/u"),
            ("EMBAN_CLICKHOUSE_URL", "http://c:8123"),
        ])
        .unwrap();
        assert!(settings.external_clickhouse);
    }

    #[test]
    fn the_cache_dir_is_the_most_specific_that_is_set() {
        let dir = |vars: &[(&str, &str)]| read(vars).unwrap().cache_dir;
        assert_eq!(dir(&[("HOME", "/h")]), PathBuf::from("/h/.cache/emban"));
        assert_eq!(
            dir(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]),
            PathBuf::from("/x/emban")
        );
        assert_eq!(
            dir(&[
                ("HOME", "/h"),
                ("XDG_CACHE_HOME", "/x"),
                ("EMBAN_CACHE_DIR", "/e")
            ]),
            PathBuf::from("/e")
        );
    }

    #[test]
    fn a_bad_value_is_refused_by_name() {
        assert!(
            refused(&[("HOME", "/h"), ("EMBAN_WASM_TOOLCHAIN", "gcc")])
                .contains("EMBAN_WASM_TOOLCHAIN")
        );
        assert!(
            refused(&[("HOME", "/h"), ("EMBAN_CHROMIUM", "/does/not/exist")])
                .contains("EMBAN_CHROMIUM")
        );
        assert!(refused(&[("EMBAN_CACHE_DIR", "relative")]).contains("EMBAN_CACHE_DIR"));
        assert!(refused(&[]).contains("HOME"));
    }
}
