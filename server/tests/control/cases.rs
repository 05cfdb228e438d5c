//! What holds on every database that the control plane may stand on.

use emban_contract::audit::AuditEntry;
use emban_contract::feed::FeedEvent;
use emban_contract::keys::KeyScope;
use emban_contract::{DashboardId, EnvironmentName, SessionId, TenantId, UnixMillis};
use emban_server::control::{
    Answered, AuditCursor, Control, Dashboard, Known, Once, PublishOutcome, Replaced, SessionRecord,
};
use serde_json::json;

use crate::place::Place;

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

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

pub(crate) async fn a_key_is_found_until_it_expires_or_is_revoked(place: &Place) {
    let control = place.open().await;
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
    let control = place.open().await;
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

pub(crate) async fn the_raw_key_is_nowhere_in_the_database(place: &Place) {
    let control = place.open().await;
    control
        .create_key(
            "eb_ing_secretsecretsecret",
            "feature-of-the-name",
            KeyScope::Ingest,
            &production(),
            None,
            NOW,
        )
        .await
        .unwrap();
    drop(control);
    assert!(
        place.holds("feature-of-the-name"),
        "the files that hold the database are looked into"
    );
    assert!(!place.holds("secretsecretsecret"));
}

pub(crate) async fn an_edit_of_the_draft_does_not_show_before_the_next_publish(place: &Place) {
    let (control, env, id) = (place.open().await, production(), dashboard());
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

pub(crate) async fn another_environment_neither_sees_nor_changes_a_dashboard(place: &Place) {
    let (control, id) = (place.open().await, dashboard());
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

pub(crate) async fn what_ends_a_session_reaches_the_feed_in_order(place: &Place) {
    let (control, env, id) = (place.open().await, production(), dashboard());
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

pub(crate) async fn a_single_use_session_opens_once(place: &Place) {
    let control = place.open().await;
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

fn once(key: &str, hash: &str) -> Once {
    Once {
        route: "POST /v1/dashboards",
        key: key.to_owned(),
        request_hash: hash.to_owned(),
    }
}

pub(crate) async fn what_was_sent_again_is_kept_once(place: &Place) {
    let (control, env) = (place.open().await, production());
    let answered = |key: &str, id: &str| Answered {
        once: once(key, "h1"),
        answer: json!({ "dashboard_id": id }),
    };
    let new = |id: &str| Dashboard::new(id.parse().unwrap(), json!({"name": id}), NOW);
    let (one, two) = (answered("k", "dash_1"), answered("k", "dash_2"));
    let (first, second) = (new("dash_1"), new("dash_2"));
    // Both at once: one of them is kept, and the other one finds its answer.
    let kept = tokio::join!(
        control.create_dashboard(&env, &first, Some(&one)),
        control.create_dashboard(&env, &second, Some(&two)),
    );
    assert_ne!(kept.0.unwrap(), kept.1.unwrap());
    let listed = control.list_dashboards(&env).await.unwrap();
    assert_eq!(listed.len(), 1);
    let known = control.known(&env, &once("k", "h1"), NOW).await.unwrap();
    assert_eq!(known, Known::Same(json!({ "dashboard_id": listed[0].id })));
    for (env, once, expect) in [
        (&env, once("k", "h2"), Known::Other),
        (&env, once("other", "h1"), Known::Fresh),
        (&development(), once("k", "h1"), Known::Fresh),
    ] {
        assert_eq!(control.known(env, &once, NOW).await.unwrap(), expect);
    }
    let tomorrow = NOW.plus_seconds(86_401);
    let known = control
        .known(&env, &once("k", "h1"), tomorrow)
        .await
        .unwrap();
    assert_eq!(known, Known::Fresh);
}

pub(crate) async fn the_audit_log_is_read_newest_first(place: &Place) {
    let (control, env) = (place.open().await, production());
    for (id, at) in [("aud_a", 1), ("aud_b", 2), ("aud_c", 2), ("aud_d", 3)] {
        let entry = AuditEntry {
            id: id.to_owned(),
            at: UnixMillis(at),
            key_id: "key_1".to_owned(),
            action: "POST /v1/keys".to_owned(),
            path: "/v1/keys".to_owned(),
            status: 201,
            request_id: "r".to_owned(),
            details: (at == 3).then(|| json!({ "key_id": "ünï 🙂" })),
        };
        control.append_audit(&env, &entry).await.unwrap();
    }
    let page = control.list_audit(&env, None, 2).await.unwrap();
    let ids = |page: &[AuditEntry]| page.iter().map(|e| e.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&page), ["aud_d", "aud_c"]);
    assert_eq!(page[0].details, Some(json!({ "key_id": "ünï 🙂" })));
    let after = AuditCursor {
        at: page[1].at,
        id: page[1].id.clone(),
    };
    let rest = control.list_audit(&env, Some(&after), 10).await.unwrap();
    assert_eq!(ids(&rest), ["aud_b", "aud_a"]);
    assert!(
        control
            .list_audit(&development(), None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn two_openings_at_once_prepare_one_database(place: &Place) {
    let (one, two) = tokio::join!(place.open(), place.open());
    for control in [one, two] {
        control.ping().await.unwrap();
        assert!(
            control
                .list_dashboards(&production())
                .await
                .unwrap()
                .is_empty()
        );
    }
}
