//! What the warehouse holds in the end, read without the origin.

use std::collections::BTreeMap;

use reqwest::Client;
use serde_json::Value;

use super::writers::{TENANTS, Written};
use crate::engine::Engine;
use crate::origin::Origin;

/// The tables of an origin that was ended, under an engine of their own.
pub(super) struct Tables {
    engine: Engine,
    client: Client,
}

impl Tables {
    pub(super) async fn of(origin: Origin) -> Self {
        Self {
            engine: origin.into_engine(),
            client: Client::new(),
        }
    }

    async fn rows(&self, sql: &str) -> Vec<Value> {
        let text = self.engine.ask(&self.client, sql).await;
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Compares the events with what was answered with 200: each once, and nothing else. Returns how many there are.
    pub(super) async fn check_events(&self, written: &[Written]) -> u64 {
        let mut total = 0;
        for Written {
            tenant,
            writer,
            events,
        } in written
        {
            let sql = format!(
                "SELECT toUInt64(splitByChar(':', user_id)[2]) AS n FROM events \
                 WHERE tenant_id = '{tenant}' AND startsWith(user_id, '{writer}:') ORDER BY n FORMAT JSONCompactEachRow"
            );
            let mut times = BTreeMap::<u64, u32>::new();
            for row in self.rows(&sql).await {
                *times.entry(number(&row[0])).or_default() += 1;
            }
            let missing: Vec<u64> = (0..*events).filter(|n| !times.contains_key(n)).collect();
            let twice: Vec<(&u64, &u32)> = times.iter().filter(|(_, times)| **times > 1).collect();
            let unknown: Vec<&u64> = times.keys().filter(|n| *n >= events).collect();
            assert!(
                missing.is_empty() && twice.is_empty() && unknown.is_empty(),
                "writer {writer} of {tenant}: missing {missing:?}, twice {twice:?}, never sent {unknown:?}"
            );
            total += events;
        }
        let all = self
            .rows("SELECT count() FROM events FORMAT JSONCompactEachRow")
            .await;
        assert_eq!(number(&all[0][0]), total);
        total
    }

    /// Compares every rollup that is ready with the same. Returns how many there are.
    pub(super) async fn check_rollups(&self, written: &[Written]) -> usize {
        let ready = self
            .rows(
                "SELECT rollup_id, argMax(shape, changed_at) FROM rollup_catalog GROUP BY rollup_id \
                 HAVING argMax(state, changed_at) = 'ready' FORMAT JSONCompactEachRow",
            )
            .await;
        for rollup in &ready {
            let (id, shape) = (number(&rollup[0]), rollup[1].as_str().unwrap());
            let shape: Value = serde_json::from_str(shape).unwrap();
            let sql = format!(
                "SELECT tenant_id, sum(events), uniqExactMerge(users), sumKahanMerge(sum0) FROM rollups \
                 WHERE rollup_id = {id} GROUP BY tenant_id ORDER BY tenant_id FORMAT JSONCompactEachRow"
            );
            let rows = self.rows(&sql).await;
            for tenant in TENANTS {
                let row = rows.iter().find(|row| row[0] == tenant);
                let row = row.unwrap_or_else(|| panic!("{shape} has nothing of {tenant}"));
                let own = || {
                    written
                        .iter()
                        .filter(|one| one.tenant == tenant)
                        .map(|one| one.events)
                };
                let events: u64 = own().sum();
                let sum: u64 = own()
                    .map(|events| events * events.saturating_sub(1) / 2)
                    .sum();
                assert_eq!(number(&row[1]), events, "events of {tenant} in {shape}");
                if shape["users"]["exact"] == true {
                    assert_eq!(number(&row[2]), events, "users of {tenant} in {shape}");
                }
                if shape["numbers"] == serde_json::json!(["n"]) {
                    assert_eq!(
                        row[3].as_f64(),
                        Some(sum as f64),
                        "sum of {tenant} in {shape}"
                    );
                }
            }
        }
        ready.len()
    }
}

/// Large integers come as text.
fn number(value: &Value) -> u64 {
    value
        .as_u64()
        .unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
}
