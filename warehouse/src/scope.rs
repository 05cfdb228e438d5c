//! Proof that the caller may read one tenant's rows.

use emban_contract::{EnvironmentName, TenantId};
use emban_session::VerifiedSession;

/// Names the one tenant, in one environment, whose rows may be read.
///
/// The only way to get one is a verified session: there is no constructor, no `Default` and no `Deserialize`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantScope {
    tenant: TenantId,
    environment: EnvironmentName,
}

impl From<&VerifiedSession> for TenantScope {
    fn from(session: &VerifiedSession) -> Self {
        Self {
            tenant: session.tenant().clone(),
            environment: session.environment().clone(),
        }
    }
}

impl TenantScope {
    pub(crate) fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    pub(crate) fn environment(&self) -> &EnvironmentName {
        &self.environment
    }
}
