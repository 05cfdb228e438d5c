//! What one origin revokes another knows once it has read the feed; what was not revoked still holds.
#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use emban_contract::permissions::Permissions;
use emban_contract::{EnvironmentName, OrganisationId, SessionId, TenantId, UnixMillis};
use emban_server::control::{Control, SessionRecord};
use emban_server::revocation::Revocations;
use emban_session::{Claims, Jwks, Minter, VerifiedSession, Verifier};
use tempfile::TempDir;

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

fn production() -> EnvironmentName {
    "production".parse().unwrap()
}

/// Mints, keeps and verifies a session, as a real one is.
async fn session(control: &Control, id: &str, tenant: &str) -> VerifiedSession {
    let organisation: OrganisationId = "default".parse().unwrap();
    let minter = Minter::new(organisation.clone(), production(), &[1; 32]);
    let (iss, aud) = minter.issuer_and_audience();
    let claims = Claims {
        iss,
        aud,
        sub: id.parse().unwrap(),
        iat: NOW.seconds(),
        nbf: NOW.seconds(),
        exp: NOW.seconds() + 3600,
        org: organisation.clone(),
        env: production(),
        tenant: TenantId::new(tenant).unwrap(),
        dash: "dash_1".parse().unwrap(),
        perm: Permissions::default(),
    };
    let record = SessionRecord {
        id: claims.sub.clone(),
        tenant: claims.tenant.clone(),
        dashboard: claims.dash.clone(),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(3600),
        revoked_at: None,
    };
    control
        .create_session(&production(), &record, None)
        .await
        .unwrap();
    let keys = vec![minter.public_key().clone()];
    let verifier = Verifier::new(organisation, &Jwks { keys }).unwrap();
    verifier
        .verify(&minter.mint(&claims).unwrap(), NOW)
        .unwrap()
}

#[tokio::test]
async fn a_revocation_reaches_another_origin_and_no_other_session() {
    let dir = TempDir::new().unwrap();
    let control = Control::open_sqlite(&dir.path().join("control.sqlite"))
        .await
        .unwrap();
    let one = session(&control, "es_1", "acme").await;
    let two = session(&control, "es_2", "acme").await;
    let other = session(&control, "es_3", "globex").await;
    let elsewhere = Revocations::new(control.clone());
    elsewhere.refresh(NOW).await.unwrap();
    assert!(
        ![&one, &two, &other]
            .into_iter()
            .any(|s| elsewhere.is_revoked(s))
    );

    control
        .revoke_session(&production(), &SessionId::new("es_1").unwrap(), NOW)
        .await
        .unwrap();
    elsewhere.refresh(NOW).await.unwrap();
    assert!(elsewhere.is_revoked(&one));
    assert!(!elsewhere.is_revoked(&two) && !elsewhere.is_revoked(&other));

    control
        .revoke_tenant(&production(), two.tenant(), NOW)
        .await
        .unwrap();
    elsewhere.refresh(NOW).await.unwrap();
    assert!(elsewhere.is_revoked(&two));
    assert!(!elsewhere.is_revoked(&other));
    assert_eq!(
        elsewhere.tenant_cutoff(&production(), two.tenant()),
        Some(NOW)
    );
    assert_eq!(elsewhere.tenant_cutoff(&production(), other.tenant()), None);
}
