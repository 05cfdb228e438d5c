//! `emban doctor`: tries what an operator would otherwise have to believe. Writes nothing that `emban serve` would not.

mod edge;

use std::fmt;

use emban_contract::EnvironmentName;
use emban_warehouse::operator::{self, Finding};
use emban_warehouse::policy::{Login, UserName};
use emban_warehouse::{Warehouse, WarehouseConfig};
use secrecy::SecretString;

use crate::app::{now, open_control};
use crate::config::{ClickHouse, Config};
use crate::{ids, signing};

/// How far the clocks of the origin and the warehouse may differ, in milliseconds: periods end at the origin's now.
const CLOCKS_APART_MS: i64 = 5000;

/// Everything that was tried.
#[derive(Debug, Default)]
pub struct Report {
    findings: Vec<(String, Finding)>,
}

impl Report {
    /// Whether nothing that was tried is broken.
    pub fn is_sound(&self) -> bool {
        !self
            .findings
            .iter()
            .any(|(_, finding)| matches!(finding, Finding::Broken(_)))
    }

    fn add(&mut self, part: &str, finding: Finding) {
        self.findings.push((part.to_owned(), finding));
    }

    fn tried(&mut self, part: &str, result: Result<String, String>) {
        self.add(part, result.map_or_else(Finding::Broken, Finding::Holds));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (part, finding) in &self.findings {
            let (word, text) = match finding {
                Finding::Holds(text) => ("ok    ", text),
                Finding::Broken(text) => ("BROKEN", text),
                Finding::Unproven(text) => ("open  ", text),
            };
            writeln!(f, "{word} {part}: {text}")?;
        }
        Ok(())
    }
}

/// Tries the database, the signing keys, the warehouse and the edge of a configuration.
pub async fn examine(config: &Config) -> Report {
    let mut report = Report::default();
    let missing = config.missing_files();
    report.tried(
        "files",
        if missing.is_empty() {
            Ok("all that the origin needs are there".to_owned())
        } else {
            Err(missing.join("; "))
        },
    );
    if config.data_dir.is_dir() {
        report.tried("control database", control(config).await);
        report.tried("signing keys", signing_keys(config));
    } else {
        // Not made here: a mistyped directory would look like a sound one.
        let path = config.data_dir.display();
        let text = format!("{path} is not there; the first `emban serve` makes it");
        report.add("data directory", Finding::Unproven(text));
    }
    match &config.clickhouse {
        ClickHouse::Embedded { .. } => report.add(
            "warehouse",
            Finding::Unproven(
                "the embedded engine belongs to the origin that runs it, see its /readyz; it has no row policies"
                    .to_owned(),
            ),
        ),
        ClickHouse::Server {
            url,
            user,
            password,
            reader,
        } => {
            let warehouse = Warehouse::new(&WarehouseConfig {
                url: url.clone(),
                user: user.clone(),
                password: password.clone(),
                reader: reader.clone(),
            });
            server(&mut report, &warehouse, &config.environments).await;
        }
    }
    let edge = config.clone();
    match tokio::task::spawn_blocking(move || edge::examine(&edge)).await {
        Ok(found) => found.into_iter().for_each(|(part, f)| report.add(part, f)),
        Err(error) => report.tried("edge", Err(error.to_string())),
    }
    report
}

async fn control(config: &Config) -> Result<String, String> {
    let control = open_control(config).await.map_err(|e| format!("{e:#}"))?;
    control.ping().await.map_err(|e| e.to_string())?;
    Ok("answers".to_owned())
}

fn signing_keys(config: &Config) -> Result<String, String> {
    let open = signing::Signing::open(
        &config.data_dir,
        &config.organisation,
        &config.environments,
        now(),
    );
    let keys = open.map_err(|error| error.to_string())?;
    signing::check_modes(&config.data_dir, &config.environments).map_err(|e| e.to_string())?;
    let count = keys.jwks().keys.len();
    Ok(format!("{count} published, readable by their owner only"))
}

async fn server(report: &mut Report, warehouse: &Warehouse, environments: &[EnvironmentName]) {
    let before = now();
    let (version, theirs) = match operator::identify(warehouse).await {
        Ok(found) => found,
        Err(error) => return report.tried("warehouse", Err(error.to_string())),
    };
    report.tried("warehouse", Ok(format!("ClickHouse {version} answers")));
    // Its clock was read at some time between these two.
    let (early, late) = (theirs.0 - now().0, theirs.0 - before.0);
    report.tried(
        "clocks",
        if late < -CLOCKS_APART_MS || early > CLOCKS_APART_MS {
            Err(format!("the warehouse is {early} ms ahead of this machine"))
        } else {
            Ok("the warehouse and this machine agree".to_owned())
        },
    );
    for environment in environments {
        let part = format!("row policies of {environment}");
        match prove(warehouse, environment).await {
            Ok(findings) => findings.into_iter().for_each(|f| report.add(&part, f)),
            Err(reason) => report.tried(&part, Err(reason)),
        }
    }
}

async fn prove(
    warehouse: &Warehouse,
    environment: &EnvironmentName,
) -> Result<Vec<Finding>, String> {
    let random = |length| ids::random_text(length).map_err(|error| error.to_string());
    let stranger = Login {
        user: UserName::new(&format!("emban_doctor_{}", random(12)?))
            .ok_or("no name for the user that tries the policies")?,
        password: SecretString::from(random(40)?),
    };
    operator::prove_policies(warehouse, environment, &stranger)
        .await
        .map_err(|error| error.to_string())
}
