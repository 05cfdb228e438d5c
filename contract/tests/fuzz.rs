//! A dashboard document of any shape is read or refused by name, never more.

use emban_attacks::{fuzz, mutation};
use emban_contract::dashboard::{DashboardDocument, validate};
use emban_contract::json::{self, JsonError};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

const DEMO: &str = include_str!("../../www/demo-data/dashboard.json");

/// Reads and validates; a document that is valid survives being stored.
fn holds(text: &[u8]) -> Result<(), TestCaseError> {
    let document = match json::read::<DashboardDocument>(text) {
        Ok(document) => document,
        Err(JsonError::Malformed(reason)) => {
            prop_assert!(!reason.is_empty());
            return Ok(());
        }
        Err(JsonError::Invalid(details)) => {
            prop_assert!(!details.is_empty());
            for detail in details {
                prop_assert!(
                    detail.path.is_empty() || detail.path.starts_with('/'),
                    "{detail:?}"
                );
            }
            return Ok(());
        }
    };
    for detail in validate(&document) {
        prop_assert!(
            detail.path.is_empty() || detail.path.starts_with('/'),
            "{detail:?}"
        );
    }
    let stored = serde_json::to_vec(&document).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert_eq!(json::read::<DashboardDocument>(&stored), Ok(document));
    Ok(())
}

#[test]
fn fuzz_dashboard_document() {
    let sound = serde_json::from_str(DEMO).unwrap_or_default();
    assert!(holds(DEMO.as_bytes()).is_ok());
    let documents = mutation::documents(vec![sound]);
    fuzz::try_many("dashboard document", &documents, |document| {
        holds(document.to_string().as_bytes())
    });
}

#[test]
fn fuzz_dashboard_bytes() {
    let texts = mutation::bytes(vec![DEMO.to_owned()]);
    fuzz::try_many("dashboard bytes", &texts, |bytes| holds(&bytes));
}
