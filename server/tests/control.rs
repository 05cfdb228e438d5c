//! The control plane on a real SQLite file: what was committed is there after a restart, nobody sees another
//! environment's objects, and every revocation reaches the feed.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use emban_contract::feed::FeedEvent;
use emban_contract::keys::KeyScope;
use emban_contract::{DashboardId, EnvironmentName, SessionId, TenantId, UnixMillis};
use emban_server::control::{Control, Dashboard, PublishOutcome, Replaced, SessionRecord};
use serde_json::json;
use tempfile::TempDir;

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

async fn open(dir: &TempDir) -> Control {
    Control::open_sqlite(&dir.path().join("control.sqlite"))
        .await
        .unwrap()
}

fn production() -> EnvironmentName {
    "production".parse().unwrap()
}

fn development() -> EnvironmentName {
    "development".parse().unwrap()
}

fn dashboard() -> DashboardId {
    "dash_1".parse().unwrap()
}

async fn session(control: &Control, id: &str, tenant: &str) -> SessionId {
    let id = SessionId::new(id).unwrap();
    let record = SessionRecord {
        id: id.clone(),
        tenant: TenantId::new(tenant).unwrap(),
        dashboard: dashboard(),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(3600),
        revoked_at: None,
    };
    control
        .create_session(&production(), &record, None)
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn a_key_is_found_until_it_expires_or_is_revoked() {
    let dir = TempDir::new().unwrap();
    let control = open(&dir).await;
    let end = Some(NOW.plus_seconds(60));
    let key = control
        .create_key(
            "eb_adm_abcdefghijk",
            "ci",
            KeyScope::Admin,
            &production(),
            end,
            NOW,
        )
        .await
        .unwrap();
    assert_eq!(key.prefix, "abcdefgh");
    drop(control);
    let control = open(&dir).await;
    let found = control
        .find_key("eb_adm_abcdefghijk", NOW)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.summary.scope, found.summary.environment),
        (KeyScope::Admin, production())
    );
    assert!(
        control
            .find_key("eb_adm_abcdefghijK", NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        control
            .find_key("eb_adm_abcdefghijk", NOW.plus_seconds(60))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        !control
            .revoke_key(&development(), &key.id, NOW)
            .await
            .unwrap()
    );
    assert!(
        control
            .revoke_key(&production(), &key.id, NOW)
            .await
            .unwrap()
    );
    assert!(
        control
            .find_key("eb_adm_abcdefghijk", NOW)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn the_raw_key_is_nowhere_in_the_database() {
    let dir = TempDir::new().unwrap();
    let control = open(&dir).await;
    control
        .create_key(
            "eb_ing_secretsecretsecret",
            "k",
            KeyScope::Ingest,
            &production(),
            None,
            NOW,
        )
        .await
        .unwrap();
    drop(control);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("secretsecretsecret"));
    }
}

#[tokio::test]
async fn an_edit_of_the_draft_does_not_show_before_the_next_publish() {
    let dir = TempDir::new().unwrap();
    let (control, env, id) = (open(&dir).await, production(), dashboard());
    control
        .create_dashboard(
            &env,
            &Dashboard::new(id.clone(), json!({"name": "one"}), NOW),
            None,
        )
        .await
        .unwrap();
    assert!(control.live_version(&env, &id).await.unwrap().is_none());
    assert_eq!(
        control
            .publish(&env, &id, &json!({"name": "one"}), NOW)
            .await
            .unwrap(),
        PublishOutcome::Live(Some(1))
    );
    let replaced = control
        .replace_draft(&env, &id, &json!({"name": "two"}), Some(1), NOW)
        .await
        .unwrap();
    assert!(matches!(replaced, Replaced::Done(d) if d.revision == 2));
    assert_eq!(
        control
            .live_version(&env, &id)
            .await
            .unwrap()
            .unwrap()
            .document,
        json!({"name": "one"})
    );
    let slower = control
        .replace_draft(&env, &id, &json!({"name": "three"}), Some(1), NOW)
        .await
        .unwrap();
    assert!(matches!(slower, Replaced::Stale));
    control
        .publish(&env, &id, &json!({"name": "two"}), NOW)
        .await
        .unwrap();
    assert_eq!(
        control
            .live_version(&env, &id)
            .await
            .unwrap()
            .unwrap()
            .version,
        2
    );
    control
        .set_published(&env, &id, Some(1), NOW)
        .await
        .unwrap();
    assert_eq!(
        control
            .live_version(&env, &id)
            .await
            .unwrap()
            .unwrap()
            .document,
        json!({"name": "one"})
    );
    assert_eq!(
        control
            .set_published(&env, &id, Some(9), NOW)
            .await
            .unwrap(),
        PublishOutcome::Missing
    );
    assert_eq!(control.list_versions(&env, &id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn another_environment_neither_sees_nor_changes_a_dashboard() {
    let dir = TempDir::new().unwrap();
    let (control, id) = (open(&dir).await, dashboard());
    control
        .create_dashboard(
            &production(),
            &Dashboard::new(id.clone(), json!({"name": "one"}), NOW),
            None,
        )
        .await
        .unwrap();
    control
        .publish(&production(), &id, &json!({"name": "one"}), NOW)
        .await
        .unwrap();
    let other = development();
    assert!(control.read_dashboard(&other, &id).await.unwrap().is_none());
    assert!(control.live_version(&other, &id).await.unwrap().is_none());
    assert!(control.list_dashboards(&other).await.unwrap().is_empty());
    assert_eq!(
        control.publish(&other, &id, &json!({}), NOW).await.unwrap(),
        PublishOutcome::Missing
    );
    assert!(matches!(
        control
            .replace_draft(&other, &id, &json!({}), None, NOW)
            .await
            .unwrap(),
        Replaced::Missing
    ));
    assert!(!control.delete_dashboard(&other, &id, NOW).await.unwrap());
    assert_eq!(
        control
            .live_version(&production(), &id)
            .await
            .unwrap()
            .unwrap()
            .document,
        json!({"name": "one"})
    );
    assert_eq!(
        control
            .list_versions(&production(), &id)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn what_ends_a_session_reaches_the_feed_in_order() {
    let dir = TempDir::new().unwrap();
    let (control, env, id) = (open(&dir).await, production(), dashboard());
    let tenant = TenantId::new("acme").unwrap();
    let first = session(&control, "es_1", "acme").await;
    session(&control, "es_2", "acme").await;
    session(&control, "es_3", "globex").await;
    assert!(control.revoke_session(&env, &first, NOW).await.unwrap());
    assert!(
        control.revoke_session(&env, &first, NOW).await.unwrap(),
        "revoking twice is fine"
    );
    assert!(
        !control
            .revoke_session(&development(), &first, NOW)
            .await
            .unwrap()
    );
    assert_eq!(control.revoke_tenant(&env, &tenant, NOW).await.unwrap(), 1);
    control
        .create_dashboard(
            &env,
            &Dashboard::new(id.clone(), json!({"name": "d"}), NOW),
            None,
        )
        .await
        .unwrap();
    control
        .publish(&env, &id, &json!({"name": "d"}), NOW)
        .await
        .unwrap();
    control.set_published(&env, &id, None, NOW).await.unwrap();
    let feed = control.read_feed(0, NOW).await.unwrap();
    let events: Vec<FeedEvent> = feed.entries.into_iter().map(|entry| entry.event).collect();
    assert_eq!(
        events,
        [
            FeedEvent::SessionRevoked {
                session: first,
                expires_at: NOW.plus_seconds(3600)
            },
            FeedEvent::TenantRevoked {
                tenant: tenant.clone(),
                issued_until: NOW
            },
            FeedEvent::Published {
                dashboard: id.clone(),
                version: 1
            },
            FeedEvent::Unpublished { dashboard: id },
        ]
    );
    let rest = control.read_feed(3, NOW).await.unwrap();
    assert_eq!(
        (rest.sequence, rest.entries.len(), rest.more),
        (4, 1, false)
    );
    let later = control
        .read_feed(0, NOW.plus_seconds(100_000))
        .await
        .unwrap();
    assert_eq!(
        (later.sequence, later.entries.len()),
        (4, 0),
        "entries that no token can fall under are not sent"
    );
    let held = control.list_sessions(&env, &tenant, NOW).await.unwrap();
    assert!(held.iter().all(|session| session.revoked_at == Some(NOW)));
}

#[tokio::test]
async fn a_single_use_session_opens_once() {
    let dir = TempDir::new().unwrap();
    let control = open(&dir).await;
    let id = session(&control, "es_1", "acme").await;
    assert!(control.open_once(&id, NOW).await.unwrap());
    assert!(!control.open_once(&id, NOW).await.unwrap());
    assert!(
        !control
            .open_once(&SessionId::new("es_9").unwrap(), NOW)
            .await
            .unwrap()
    );
}
