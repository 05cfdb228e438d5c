//! What a new session is: the checks of what is asked for, its claims, its record and its token. The route and the
//! operator's command mint by the same rules.

use std::collections::BTreeSet;

use emban_contract::dashboard::DashboardDocument;
use emban_contract::embed::{CreateSession, SessionCreated};
use emban_contract::permissions::Permissions;
use emban_contract::{Detail, EnvironmentName, OrganisationId, UnixMillis, WidgetId, limits};
use emban_session::{Claims, MintError, Minter};

use crate::control::SessionRecord;
use crate::ids::{self, RandomError};

/// Every problem of what is asked for.
pub(crate) fn problems(asked: &CreateSession) -> Vec<Detail> {
    let mut details = Vec::new();
    if !(limits::SESSION_MIN_SECONDS..=limits::SESSION_MAX_SECONDS).contains(&expires_in(asked)) {
        details.push(Detail::new("/expires_in", "must be 60 to 86400 seconds"));
    }
    let permissions = &asked.permissions;
    if let Some(zone) = &permissions.timezone
        && !emban_warehouse::is_time_zone(zone)
    {
        details.push(Detail::new(
            "/permissions/timezone",
            "must be an IANA time zone such as Europe/Berlin",
        ));
    }
    for (index, origin) in permissions.allowed_origins.iter().flatten().enumerate() {
        if !is_origin(origin) {
            let path = format!("/permissions/allowed_origins/{index}");
            details.push(Detail::new(
                path,
                "must be an origin such as https://app.example.com",
            ));
        }
    }
    details
}

/// Permissions that name what the live version does not have: most likely mistyped, and then without effect.
pub(crate) fn warnings(permissions: &Permissions, live: &DashboardDocument) -> Vec<Detail> {
    let mut warnings = Vec::new();
    let is_widget = |id: &WidgetId| live.widgets.iter().any(|widget| widget.id == *id);
    for (index, id) in permissions.hidden_widgets.iter().enumerate() {
        if !is_widget(id) {
            let path = format!("/permissions/hidden_widgets/{index}");
            warnings.push(Detail::new(
                path,
                "the live version has no widget of this id",
            ));
        }
    }
    let dimensions = live.filters.dimensions.iter().map(|d| d.prop.as_str());
    let queries = live.widgets.iter().filter_map(|w| w.query.as_ref());
    let groups = queries.flat_map(|query| query.group_by.iter().flat_map(|g| g.props()));
    let known: BTreeSet<&str> = dimensions.chain(groups.map(String::as_str)).collect();
    let allowed = permissions.allowed_dimensions.iter().flatten();
    for (index, prop) in allowed.enumerate() {
        if !known.contains(prop.as_str()) {
            let path = format!("/permissions/allowed_dimensions/{index}");
            let message = "the live version neither filters nor groups by this property";
            warnings.push(Detail::new(path, message));
        }
    }
    warnings
}

/// Who mints, and when.
pub(crate) struct Mint<'m> {
    pub(crate) organisation: &'m OrganisationId,
    pub(crate) environment: &'m EnvironmentName,
    pub(crate) minter: &'m Minter,
    /// Sessions of the tenant issued at or before this instant are void.
    pub(crate) cutoff: Option<UnixMillis>,
    pub(crate) now: UnixMillis,
}

impl Mint<'_> {
    /// The claims of a new session.
    pub(crate) fn claims(&self, asked: CreateSession) -> Result<Claims, RandomError> {
        let (iss, aud) = self.minter.issuer_and_audience();
        // A session minted in the second of a revocation must not fall under it.
        let iat = self
            .now
            .seconds()
            .max(self.cutoff.map_or(0, |cutoff| cutoff.seconds() + 1));
        Ok(Claims {
            iss,
            aud,
            sub: ids::session_id()?,
            iat,
            nbf: iat,
            exp: iat + i64::from(expires_in(&asked)),
            org: self.organisation.clone(),
            env: self.environment.clone(),
            tenant: asked.tenant_id,
            dash: asked.dashboard_id,
            perm: asked.permissions,
        })
    }

    /// What is answered for claims.
    pub(crate) fn created(
        &self,
        public_url: &str,
        claims: &Claims,
    ) -> Result<SessionCreated, MintError> {
        let token = self.minter.mint(claims)?;
        let remaining = claims.exp.saturating_sub(self.now.seconds());
        let whole = claims.exp.saturating_sub(claims.iat);
        Ok(SessionCreated {
            embed_url: format!("{public_url}/embed/{}?token={token}", claims.dash),
            token,
            expires_at: UnixMillis(claims.exp.saturating_mul(1000)),
            // A session may be dated a second ahead; a repetition has less left than was asked for.
            expires_in: u32::try_from(remaining.clamp(0, whole.max(0))).unwrap_or(0),
            session_id: claims.sub.clone(),
            warnings: Vec::new(),
        })
    }
}

/// What the database keeps of a session.
pub(crate) fn record(claims: &Claims) -> SessionRecord {
    SessionRecord {
        id: claims.sub.clone(),
        tenant: claims.tenant.clone(),
        dashboard: claims.dash.clone(),
        issued_at: UnixMillis(claims.iat.saturating_mul(1000)),
        expires_at: UnixMillis(claims.exp.saturating_mul(1000)),
        revoked_at: None,
    }
}

fn expires_in(asked: &CreateSession) -> u32 {
    asked.expires_in.unwrap_or(limits::SESSION_DEFAULT_SECONDS)
}

/// `scheme://host[:port]` in the spelling that browsers send; it becomes a part of a header.
fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty()
            && host.len() <= 255
            && host.bytes().all(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_is_an_origin() {
        for good in [
            "https://app.example.com",
            "http://localhost:3000",
            "http://[::1]:80",
            "https://127.0.0.1",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "*",
            "https://",
            "https://a.com/",
            "https://a.com/x",
            "https://*.a.com",
            "https://a;b",
            "https://A.com",
            "ftp://a",
            "null",
            "https://a b",
            "https://a\r\nx",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
