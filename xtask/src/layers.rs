//! Fails if a crate reaches a layer that it must not see.

use anyhow::{Result, bail};

use crate::command::{cargo, output};
use crate::config::Settings;
use crate::workspace::Workspace;

const NATIVE: &str = "x86_64-unknown-linux-gnu";
const WASM: &str = "wasm32-unknown-unknown";

/// One rule: `package`, built for `target`, must not have any of `forbidden` among its dependencies.
struct Rule {
    package: &'static str,
    target: &'static str,
    forbidden: &'static [&'static str],
}

/// `worker` itself brings tokio, so the edge's rule cannot name it.
const RULES: &[Rule] = &[
    Rule {
        package: "emban-contract",
        target: WASM,
        forbidden: &[
            "tokio",
            "axum",
            "hyper",
            "worker",
            "leptos",
            "clickhouse",
            "web-sys",
            "js-sys",
            "rand",
            "getrandom",
            "emban-session",
            "emban-warehouse",
            "emban-spool",
            "emban-chart",
        ],
    },
    Rule {
        package: "emban-chart",
        target: WASM,
        forbidden: &[
            "tokio",
            "axum",
            "worker",
            "leptos",
            "clickhouse",
            "web-sys",
            "js-sys",
        ],
    },
    Rule {
        package: "emban-paint",
        target: WASM,
        forbidden: &[
            "tokio",
            "axum",
            "worker",
            "leptos",
            "clickhouse",
            "web-sys",
            "js-sys",
            "emban-session",
            "emban-warehouse",
        ],
    },
    Rule {
        package: "emban-session",
        target: WASM,
        forbidden: &[
            "tokio",
            "axum",
            "worker",
            "leptos",
            "clickhouse",
            "emban-warehouse",
            "emban-spool",
        ],
    },
    Rule {
        package: "emban-runtime-wasm",
        target: WASM,
        forbidden: &[
            "tokio",
            "axum",
            "worker",
            "clickhouse",
            "emban-session",
            "emban-warehouse",
            "emban-spool",
        ],
    },
    Rule {
        package: "emban-edge-worker",
        target: WASM,
        forbidden: &[
            "leptos",
            "clickhouse",
            "axum",
            "emban-warehouse",
            "emban-spool",
            "emban-runtime-wasm",
        ],
    },
    Rule {
        package: "emban-warehouse",
        target: NATIVE,
        forbidden: &["axum", "worker", "leptos", "sqlx"],
    },
    Rule {
        package: "emban-spool",
        target: NATIVE,
        forbidden: &["axum", "worker", "leptos", "clickhouse", "sqlx"],
    },
    Rule {
        package: "emban-clickhouse-embedded",
        target: NATIVE,
        forbidden: &["emban-server", "emban-warehouse", "leptos", "worker"],
    },
    Rule {
        package: "emban-server",
        target: NATIVE,
        forbidden: &["worker", "leptos"],
    },
];

/// Checks all rules and names every broken one.
pub(crate) fn run(settings: &Settings, workspace: &Workspace) -> Result<()> {
    let mut broken = Vec::new();
    for rule in RULES {
        let tree = output(
            cargo(settings, workspace)
                .args([
                    "tree", "--edges", "normal", "--prefix", "none", "--format", "{p}",
                ])
                .args(["--package", rule.package, "--target", rule.target]),
        )?;
        for name in reached(&tree, rule.forbidden) {
            broken.push(format!("{} must not depend on {name}", rule.package));
        }
    }
    if broken.is_empty() {
        eprintln!("layers … {} rules hold", RULES.len());
        return Ok(());
    }
    bail!("{}", broken.join("; "))
}

/// Which of the forbidden packages stand in the output of `cargo tree`.
fn reached<'f>(tree: &str, forbidden: &'f [&'f str]) -> Vec<&'f str> {
    let is_there = |name: &str| {
        tree.lines()
            .any(|line| line.split(' ').next() == Some(name))
    };
    forbidden
        .iter()
        .copied()
        .filter(|name| is_there(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_found_by_its_whole_name() {
        let tree = "emban-chart v0.1.0\nweb-sys v0.3.1\ntokio-util v0.7.0 (*)\n";
        assert_eq!(reached(tree, &["tokio", "web-sys", "chart"]), ["web-sys"]);
    }
}
