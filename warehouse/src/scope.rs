//! Proof that the caller may read one tenant's rows.

use emban_contract::{EnvironmentName, TenantId};
use emban_session::{ReadKey, VerifiedSession};

/// Names the one tenant, in one environment, whose rows may be read.
///
/// There are two ways to get one. A verified session names its own tenant: the way of everything that a browser can
/// reach. A verified key of the company that may read names a tenant of its environment: the way of the company's own
/// backend. There is no other constructor, no `Default` and no `Deserialize`.
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
    /// The scope of a tenant that a company's backend names, in the environment of its key.
    pub fn named_by(key: &ReadKey, tenant: TenantId) -> Self {
        Self {
            tenant,
            environment: key.environment().clone(),
        }
    }

    pub(crate) fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    pub(crate) fn environment(&self) -> &EnvironmentName {
        &self.environment
    }
}
