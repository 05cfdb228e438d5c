//! The claims of a session token.

use emban_contract::permissions::Permissions;
use emban_contract::{DashboardId, EnvironmentName, OrganisationId, SessionId, TenantId};
use serde::{Deserialize, Serialize};

/// `typ` of the token's header: no other kind of token can be taken for a session.
pub const TOKEN_TYPE: &str = "emban-embed+jwt";

/// `aud` of every session token.
pub const AUDIENCE: &str = "emban-embed";

/// `iss` of an organisation's tokens.
pub fn issuer(organisation: &OrganisationId) -> String {
    format!("emban:{organisation}")
}

/// What a token says. All members are required; others, and members given twice, are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who signed: [`issuer`] of the organisation.
    pub iss: String,
    /// For whom: [`AUDIENCE`].
    pub aud: String,
    /// The session.
    pub sub: SessionId,
    /// When it was minted, Unix seconds.
    pub iat: i64,
    /// From when on it holds, Unix seconds.
    pub nbf: i64,
    /// Until when it holds, Unix seconds.
    pub exp: i64,
    /// The company.
    pub org: OrganisationId,
    /// Its environment.
    pub env: EnvironmentName,
    /// Whose data the session shows.
    pub tenant: TenantId,
    /// Which dashboard.
    pub dash: DashboardId,
    /// What it may do.
    #[serde(deserialize_with = "emban_contract::json::object")]
    pub perm: Permissions,
}
