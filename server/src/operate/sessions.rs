//! Embed sessions from the command line: `emban session create|list|revoke|revoke-tenant`.

use anyhow::Context as _;
use emban_contract::embed::CreateSession;
use emban_contract::permissions::Permissions;
use emban_contract::{DashboardId, SessionId, TenantId, json};
use serde_json::json;

use super::Desk;
use crate::app::now;
use crate::config::Config;
use crate::minting::{self, Mint};
use crate::revocation::Revocations;
use crate::signing::Signing;

impl Desk {
    /// Mints a session as `POST /v1/embed-sessions` does. The first line of what comes back is its URL.
    ///
    /// `permissions` is JSON. Errors: every problem of what is asked; a dashboard that is not published.
    pub async fn create_session(
        &self,
        config: &Config,
        tenant_id: TenantId,
        dashboard_id: DashboardId,
        expires_in: Option<u32>,
        permissions: Option<&str>,
    ) -> anyhow::Result<String> {
        let asked = CreateSession {
            tenant_id,
            dashboard_id,
            expires_in,
            permissions: permissions.map(read).transpose()?.unwrap_or_default(),
        };
        let problems: Vec<String> = minting::problems(&asked)
            .iter()
            .map(|detail| format!("  {} {}", detail.path, detail.message))
            .collect();
        anyhow::ensure!(
            problems.is_empty(),
            "the session is not valid:\n{}",
            problems.join("\n")
        );
        self.ensure_published(&asked.dashboard_id).await?;
        let signing = Signing::open(
            &config.data_dir,
            &config.organisation,
            &config.environments,
            now(),
        )?;
        let minter = signing
            .minter(&self.environment)
            .context("the environment has no signing key")?;
        let revocations = Revocations::new(self.control.clone());
        revocations.refresh(now()).await?;
        let mint = Mint {
            organisation: &config.organisation,
            environment: &self.environment,
            minter: &minter,
            cutoff: revocations.tenant_cutoff(&self.environment, &asked.tenant_id),
            now: now(),
        };
        let claims = mint.claims(asked)?;
        let public_url = config
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{}", config.listen));
        let created = mint.created(&public_url, &claims)?;
        self.control
            .create_session(&self.environment, &minting::record(&claims), None)
            .await?;
        let made = json!({ "session_id": claims.sub, "tenant_id": claims.tenant, "dashboard_id": claims.dash });
        self.note("session create", made).await?;
        Ok(format!(
            "{}\n{} ends {}\n",
            created.embed_url, created.session_id, created.expires_at
        ))
    }

    /// One line a session of a tenant that has not ended by itself.
    pub async fn list_sessions(&self, tenant: &TenantId) -> anyhow::Result<String> {
        let sessions = self
            .control
            .list_sessions(&self.environment, tenant, now())
            .await?;
        let lines = sessions.iter().map(|session| {
            let revoked = session.revoked_at.map(|at| format!(", revoked {at}"));
            let revoked = revoked.unwrap_or_default();
            format!(
                "{}  {}  {} to {}{revoked}\n",
                session.id, session.dashboard, session.issued_at, session.expires_at
            )
        });
        Ok(lines.collect())
    }

    /// Ends a session. Running origins and edges know within 10 seconds.
    pub async fn revoke_session(&self, id: &SessionId) -> anyhow::Result<String> {
        let done = self
            .control
            .revoke_session(&self.environment, id, now())
            .await?;
        anyhow::ensure!(done, "there is no session {id} in {}", self.environment);
        self.note("session revoke", json!({ "session_id": id }))
            .await?;
        Ok(format!("{id} is revoked\n"))
    }

    /// Ends every session of a tenant that was minted so far.
    pub async fn revoke_tenant(&self, tenant: &TenantId) -> anyhow::Result<String> {
        self.control
            .revoke_tenant(&self.environment, tenant, now())
            .await?;
        self.note("session revoke-tenant", json!({ "tenant_id": tenant }))
            .await?;
        Ok(format!("the sessions of {tenant} are revoked\n"))
    }

    async fn ensure_published(&self, id: &DashboardId) -> anyhow::Result<()> {
        let dashboard = self.control.read_dashboard(&self.environment, id).await?;
        let dashboard = dashboard
            .with_context(|| format!("there is no dashboard {id} in {}", self.environment))?;
        anyhow::ensure!(
            dashboard.published_version.is_some(),
            "{id} is not published"
        );
        Ok(())
    }
}

fn read(text: &str) -> anyhow::Result<Permissions> {
    json::read(text.as_bytes()).map_err(|error| match error {
        json::JsonError::Malformed(reason) => {
            anyhow::anyhow!("the permissions are not JSON: {reason}")
        }
        json::JsonError::Invalid(details) => {
            let places: Vec<String> = details
                .into_iter()
                .map(|detail| format!("{} {}", detail.path, detail.message))
                .collect();
            anyhow::anyhow!("the permissions are not valid: {}", places.join("; "))
        }
    })
}
