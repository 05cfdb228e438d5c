//! Two sessions that differ in anything that shapes data never share a cache entry.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use emban_contract::dashboard::Period;
use emban_contract::filters::OneOrMany;
use emban_contract::permissions::Permissions;
use emban_contract::{OrganisationId, TenantId, UnixMillis};
use emban_session::{
    AUDIENCE, CacheKey, CacheRoute, Claims, Edition, Jwks, Minter, RequestDigest, VerifiedSession,
    Verifier, issuer,
};
use proptest::prelude::*;

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

fn organisation() -> OrganisationId {
    "acme-inc".parse().unwrap()
}

fn session(
    tenant: &TenantId,
    dashboard: &str,
    perm: Permissions,
    session: &str,
) -> VerifiedSession {
    let minter = Minter::new(organisation(), "production".parse().unwrap(), &[1; 32]);
    let claims = Claims {
        iss: issuer(&organisation()),
        aud: AUDIENCE.to_owned(),
        sub: session.parse().unwrap(),
        iat: NOW.seconds(),
        nbf: NOW.seconds(),
        exp: NOW.seconds() + 600,
        org: organisation(),
        env: "production".parse().unwrap(),
        tenant: tenant.clone(),
        dash: dashboard.parse().unwrap(),
        perm,
    };
    let verifier = Verifier::new(
        organisation(),
        &Jwks {
            keys: vec![minter.public_key().clone()],
        },
    )
    .unwrap();
    verifier
        .verify(&minter.mint(&claims).unwrap(), NOW)
        .unwrap()
}

fn edition(version: u32, since: Option<i64>) -> Edition {
    Edition {
        version,
        since: since.map(UnixMillis),
    }
}

fn key(session: &VerifiedSession, edition: Edition, request: &str) -> CacheKey {
    CacheKey::new(
        session,
        edition,
        CacheRoute::Query,
        &RequestDigest::of(request.as_bytes()),
    )
}

fn tenants() -> impl Strategy<Value = TenantId> {
    "[a-c'\\\\{}é ]{1,4}".prop_map(|text| TenantId::new(text).unwrap())
}

fn editions() -> impl Strategy<Value = Edition> {
    (1..3_u32, prop::option::of(1..3_i64)).prop_map(|(version, since)| edition(version, since))
}

fn permissions() -> impl Strategy<Value = Permissions> {
    let words = || prop::collection::vec("[ab]{1,2}", 0..3);
    let narrowing = (
        any::<bool>(),
        words(),
        prop::option::of(words()),
        0..3_u32,
        prop::option::of("[AB]"),
        prop::option::of(words()),
    );
    let others = (
        any::<[bool; 2]>(),
        prop::option::of(prop::collection::vec("[12]d", 0..2)),
        prop::option::of(0..2_u32),
        prop::option::of(0..2_i64),
        prop::option::of("[ab]"),
        prop::option::of(words()),
    );
    (narrowing, others).prop_map(
        |(
            (allow_drill_down, hidden, allowed_dimensions, max_date_range_days, timezone, locked),
            ([allow_export, single_use], periods, max_drill_rows, not_before, locale, origins),
        )| {
            // Every permission but `user_id` is named: one that is new does not compile until it is told here.
            Permissions {
                allow_drill_down,
                hidden_widgets: hidden.into_iter().map(|id| id.parse().unwrap()).collect(),
                allowed_dimensions,
                max_date_range_days,
                timezone,
                locked_filters: locked
                    .map(|values| ("plan".to_owned(), OneOrMany::Many(values)))
                    .into_iter()
                    .collect(),
                allow_export,
                single_use,
                allowed_periods: periods.map(|periods| {
                    let each = periods.iter();
                    each.map(|text| Period::parse(text).unwrap()).collect()
                }),
                max_drill_rows,
                not_before: not_before.map(UnixMillis),
                locale,
                allowed_origins: origins,
                user_id: None,
            }
        },
    )
}

/// Sessions that differ at random differ in many things; here each differs in one.
#[test]
fn every_single_permission_splits_the_cache() {
    let tenant = TenantId::new("acme").unwrap();
    let usual = session(&tenant, "dash_a", Permissions::default(), "es_1");
    let each = serde_json::json!({
        "allow_drill_down": false,
        "locked_filters": { "plan": "pro" },
        "hidden_widgets": ["w"],
        "allowed_dimensions": ["model"],
        "allowed_periods": ["7d"],
        "max_date_range_days": 7,
        "max_drill_rows": 10,
        "allow_export": false,
        "not_before": "2026-03-01T00:00:00Z",
        "timezone": "Asia/Tokyo",
        "locale": "de",
        "allowed_origins": ["https://app.example.com"],
        "single_use": true,
    });
    for (name, value) in each.as_object().unwrap() {
        let one = serde_json::json!({ name: value });
        let narrowed = serde_json::from_value(one).unwrap();
        let narrowed = session(&tenant, "dash_a", narrowed, "es_1");
        let one = edition(1, None);
        assert_ne!(key(&usual, one, ""), key(&narrowed, one, ""), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn a_key_is_shared_exactly_when_everything_that_shapes_data_is_equal(
        a in (tenants(), "dash_[ab]", permissions(), editions(), "[xy]"),
        b in (tenants(), "dash_[ab]", permissions(), editions(), "[xy]"),
    ) {
        let of = |side: &(TenantId, String, Permissions, Edition, String), id: &str| {
            key(&session(&side.0, &side.1, side.2.clone(), id), side.3, &side.4)
        };
        prop_assert_eq!(of(&a, "es_1") == of(&b, "es_2"), a == b);
        prop_assert_eq!(of(&a, "es_1"), of(&a, "es_2"));
    }
}

#[test]
fn the_viewer_of_the_audit_log_does_not_split_the_cache() {
    let tenant = TenantId::new("acme").unwrap();
    let named = Permissions {
        user_id: Some("u1".to_owned()),
        ..Permissions::default()
    };
    let a = session(&tenant, "dash_a", named, "es_1");
    let b = session(&tenant, "dash_a", Permissions::default(), "es_2");
    let one = edition(1, None);
    assert_eq!(key(&a, one, ""), key(&b, one, ""));
    assert_ne!(
        CacheKey::new(&a, one, CacheRoute::Surface, &RequestDigest::of(b"")),
        key(&a, one, "")
    );
}
