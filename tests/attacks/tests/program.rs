//! The program that the tests of the edge read.

use std::collections::HashSet;
use std::process::Command;

use emban_attacks::{CONTROL_TEXTS, TEXTS};
use serde_json::Value;

#[test]
fn it_prints_a_good_token_forgeries_each_with_its_name_and_reasons_and_texts() {
    let output = Command::new(env!("CARGO_BIN_EXE_emban-attacks"))
        .output()
        .unwrap();
    assert!(output.status.success());
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list["jwk"]["crv"], "Ed25519");
    let good = list["good"].as_str().unwrap();
    assert_eq!(good.split('.').count(), 3);
    let forgeries = list["forgeries"].as_array().unwrap();
    assert!(forgeries.len() >= 80, "{}", forgeries.len());
    let mut names = HashSet::new();
    for forgery in forgeries {
        let name = forgery["name"].as_str().unwrap();
        assert!(names.insert(name), "{name} twice");
        assert_ne!(forgery["token"], good, "{name}");
        assert!(!forgery["reasons"].as_array().unwrap().is_empty(), "{name}");
    }
    assert_eq!(list["texts"].as_array().unwrap().len(), TEXTS.len());
    assert_eq!(list["control_texts"][0], CONTROL_TEXTS[0]);
}
