//! Verifying a session's token, and naming the answer to a question of it.

use emban_contract::embed::QueryRequest;
use emban_contract::permissions::Permissions;
use emban_contract::{
    DashboardId, EnvironmentName, OrganisationId, SessionId, TenantId, UnixMillis,
};
use emban_session::{
    AUDIENCE, CacheKey, CacheRoute, Claims, Edition, Jwks, Minter, RequestDigest, VerifiedSession,
    Verifier, issuer, question,
};
use serde_json::{Value, json};

use crate::Subject;

pub(crate) const NOW: UnixMillis = UnixMillis(1_773_576_000_000);

fn organisation() -> OrganisationId {
    OrganisationId::new("acme").unwrap()
}

/// A token with these permissions, and who verifies it.
fn minted(permissions: Value) -> (String, Verifier) {
    let environment = EnvironmentName::new("production").unwrap();
    let minter = Minter::new(organisation(), environment.clone(), &[7; 32]);
    let permissions: Permissions = serde_json::from_value(permissions).unwrap();
    let token = minter.mint(&Claims {
        iss: issuer(&organisation()),
        aud: AUDIENCE.to_owned(),
        sub: SessionId::new("es_micro").unwrap(),
        iat: NOW.seconds(),
        nbf: NOW.seconds(),
        exp: NOW.seconds() + 3600,
        org: organisation(),
        env: environment,
        tenant: TenantId::new("tenant_1").unwrap(),
        dash: DashboardId::new("dash_micro").unwrap(),
        perm: permissions,
    });
    let jwks = Jwks {
        keys: vec![minter.public_key().clone()],
    };
    (
        token.unwrap(),
        Verifier::new(organisation(), &jwks).unwrap(),
    )
}

pub(crate) fn session(permissions: Value) -> VerifiedSession {
    let (token, verifier) = minted(permissions);
    verifier.verify(&token, NOW).unwrap()
}

pub(crate) fn subjects() -> Vec<Subject> {
    let (token, verifier) = minted(json!({ "locked_filters": { "region": ["eu-1", "eu-2"] } }));
    let asked = session(json!({}));
    let edition = Edition {
        version: 3,
        since: None,
    };
    let request: QueryRequest = serde_json::from_value(json!({
        "widgets": ["w1", "w2", "w3"],
        "filters": { "period": "30d", "dimensions": { "model": ["m-1", "m-2"] } },
    }))
    .unwrap();
    vec![
        Subject::new(
            "session: verify a token",
            move || verifier.verify(&token, NOW),
            |verified| {
                verified
                    .as_ref()
                    .is_ok_and(|session| session.tenant().as_str() == "tenant_1")
            },
        ),
        Subject::new(
            "session: key of a cached answer",
            move || {
                let digest = RequestDigest::of(&question::canonical(request.clone()).unwrap());
                CacheKey::new(&asked, edition, CacheRoute::Query, &digest)
            },
            |key| key.as_str().starts_with("v2/"),
        ),
    ]
}
