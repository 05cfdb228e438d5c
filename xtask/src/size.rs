//! Bytes that a browser or an isolate loads, against the budget in `budget.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::build::{Manifest, brotli, gzip};
use crate::workspace::Workspace;

/// One line of the budget: at most this many bytes in an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    brotli: Option<usize>,
    gzip: Option<usize>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Bytes {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Measures, prints the table, and fails when something is over its budget.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let text = fs::read_to_string(workspace.path("budget.toml")).context("budget.toml")?;
    let budgets: BTreeMap<String, Budget> = toml::from_str(&text).context("budget.toml")?;
    let mut measured = BTreeMap::new();
    for (name, files) in parts(workspace)? {
        let mut total = Bytes::default();
        for file in files {
            let content = fs::read(&file).with_context(|| file.display().to_string())?;
            total.raw += content.len();
            total.gzip += gzip(&content)?.len();
            total.brotli += brotli(&content)?.len();
        }
        measured.insert(name, total);
    }
    eprintln!("{:<10} {:>10} {:>10} {:>10}", "", "raw", "gzip", "brotli");
    for (name, bytes) in &measured {
        eprintln!(
            "{name:<10} {:>10} {:>10} {:>10}",
            bytes.raw, bytes.gzip, bytes.brotli
        );
    }
    let excess = excess(&budgets, &measured);
    if excess.is_empty() {
        return Ok(());
    }
    bail!("{}", excess.join("; "))
}

fn parts(workspace: &Workspace) -> Result<Vec<(&'static str, Vec<PathBuf>)>> {
    let assets = workspace.assets();
    let edge = workspace.edge_bundle();
    let manifest = Manifest::read(&assets)?;
    let mut parts = vec![
        (
            "runtime",
            vec![
                assets.join(&manifest.runtime_js),
                assets.join(&manifest.runtime_wasm),
            ],
        ),
        ("css", vec![assets.join(&manifest.css)]),
        (
            "edge",
            vec![edge.join("index.js"), edge.join("index_bg.wasm")],
        ),
    ];
    parts.extend(
        manifest
            .embed_js
            .map(|name| ("embed_js", vec![assets.join(name)])),
    );
    Ok(parts)
}

/// One sentence for each measure over its budget, and for each part without one.
fn excess(budgets: &BTreeMap<String, Budget>, measured: &BTreeMap<&str, Bytes>) -> Vec<String> {
    let mut sentences = Vec::new();
    for (name, bytes) in measured {
        let Some(budget) = budgets.get(*name) else {
            sentences.push(format!("budget.toml has no budget for {name}"));
            continue;
        };
        for (encoding, found, allowed) in [
            ("brotli", bytes.brotli, budget.brotli),
            ("gzip", bytes.gzip, budget.gzip),
        ] {
            if let Some(allowed) = allowed.filter(|allowed| found > *allowed) {
                sentences.push(format!(
                    "{name} is {found} bytes in {encoding}; its budget is {allowed}"
                ));
            }
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(brotli: usize, expected: &[&str]) {
        let budgets = toml::from_str("[runtime]\nbrotli = 100\n").unwrap();
        let measured = BTreeMap::from([(
            "runtime",
            Bytes {
                raw: 1000,
                gzip: 200,
                brotli,
            },
        )]);
        assert_eq!(excess(&budgets, &measured), expected);
    }

    #[test]
    fn a_part_at_its_budget_passes_and_one_byte_over_fails() {
        check(100, &[]);
        check(101, &["runtime is 101 bytes in brotli; its budget is 100"]);
    }

    #[test]
    fn a_part_without_a_budget_fails() {
        let measured = BTreeMap::from([("font", Bytes::default())]);
        assert_eq!(
            excess(&BTreeMap::new(), &measured),
            ["budget.toml has no budget for font"]
        );
    }

    #[test]
    fn a_misspelt_encoding_in_the_budget_is_refused() {
        assert!(toml::from_str::<BTreeMap<String, Budget>>("[runtime]\nbrotlli = 1\n").is_err());
    }
}
