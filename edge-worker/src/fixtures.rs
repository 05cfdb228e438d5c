//! Sessions for tests: minted and verified as real ones are, with a key of the tests.

use emban_contract::permissions::Permissions;
use emban_contract::{
    DashboardId, EnvironmentName, OrganisationId, SessionId, TenantId, UnixMillis,
};
use emban_session::{Claims, Jwks, Minter, VerifiedSession, Verifier};

/// When the sessions were minted.
pub(crate) const ISSUED_AT: UnixMillis = UnixMillis(1_790_000_000_000);

/// A session of `dash_1` in production, for an hour.
pub(crate) fn session(id: &str, tenant: &str) -> VerifiedSession {
    let (organisation, environment) = (
        OrganisationId::new("default").unwrap(),
        EnvironmentName::new("production").unwrap(),
    );
    let minter = Minter::new(organisation.clone(), environment.clone(), &[7; 32]);
    let (iss, aud) = minter.issuer_and_audience();
    let iat = ISSUED_AT.seconds();
    let claims = Claims {
        iss,
        aud,
        sub: SessionId::new(id).unwrap(),
        iat,
        nbf: iat,
        exp: iat + 3600,
        org: organisation.clone(),
        env: environment,
        tenant: TenantId::new(tenant).unwrap(),
        dash: DashboardId::new("dash_1").unwrap(),
        perm: Permissions::default(),
    };
    let verifier = Verifier::new(
        organisation,
        &Jwks {
            keys: vec![minter.public_key().clone()],
        },
    )
    .unwrap();
    verifier
        .verify(&minter.mint(&claims).unwrap(), ISSUED_AT)
        .unwrap()
}
