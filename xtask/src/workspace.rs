//! Where things are in the repository and in its target directory.

use std::path::{Path, PathBuf};

use crate::config::Settings;

/// The folders of one checkout.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the checkout from which this binary was built.
    pub(crate) fn new(settings: &Settings) -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        let target = match &settings.cargo_target_dir {
            Some(dir) => root.join(dir),
            None => root.join("target"),
        };
        Self { root, target }
    }

    /// The repository's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's directory for native builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Cargo's directory for wasm32 builds, which another compiler may do than the native ones.
    pub(crate) fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// What the origin serves as static files.
    pub(crate) fn assets(&self) -> PathBuf {
        self.target.join("emban/assets")
    }

    /// The bundled Worker.
    pub(crate) fn edge_bundle(&self) -> PathBuf {
        self.target.join("emban/edge")
    }

    /// The Worker with all that runs it in workerd.
    pub(crate) fn edge_workerd(&self) -> PathBuf {
        self.target.join("emban/edge-workerd")
    }

    /// Where steps keep intermediate files and stamps.
    pub(crate) fn scratch(&self, step: &str) -> PathBuf {
        self.target.join("emban/work").join(step)
    }
}
