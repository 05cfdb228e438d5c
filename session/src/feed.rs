//! What the origin's feed has told: who is revoked, which version is live. The same rules hold at the origin and at the edge.

use std::collections::HashMap;

use crate::verify::VerifiedSession;
use emban_contract::feed::{Feed, FeedEvent};
use emban_contract::{DashboardId, EnvironmentName, SessionId, TenantId, UnixMillis, limits};

/// A dashboard as far as the feed has told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Live {
    /// A version is live. 0 when the feed has not named it: also then a later publish changes the key.
    Version(u32),
    /// It is offline. The origin says so better than the edge could.
    Offline,
}

/// What an answer of the feed asks for next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: all is known.
    Done,
    /// The rest.
    More,
    /// Everything from the beginning: the origin counts anew, as after a restore from a backup.
    FromStart,
}

/// Everything an edge has to know between two readings.
#[derive(Debug, Default)]
pub struct FeedState {
    sequence: u64,
    environments: HashMap<EnvironmentName, Environment>,
}

#[derive(Debug, Default)]
struct Environment {
    /// Revoked sessions, and when their tokens end anyway.
    sessions: HashMap<SessionId, UnixMillis>,
    /// Instants up to which every session of a tenant is void.
    tenants: HashMap<TenantId, UnixMillis>,
    dashboards: HashMap<DashboardId, Live>,
}

impl FeedState {
    /// The sequence number to ask after.
    pub fn after(&self) -> u64 {
        self.sequence
    }

    /// Takes in an answer. Entries that were seen before are skipped; revocations are never taken back.
    pub fn apply(&mut self, feed: Feed, now: UnixMillis) -> Next {
        if feed.sequence < self.sequence {
            self.sequence = 0;
            return Next::FromStart;
        }
        for entry in feed
            .entries
            .into_iter()
            .filter(|entry| entry.sequence > self.sequence)
        {
            self.environments
                .entry(entry.environment)
                .or_default()
                .learn(entry.event);
        }
        let advanced = feed.sequence > self.sequence;
        self.sequence = feed.sequence;
        self.forget_ended(now);
        // Without progress "more" would be asked for for ever.
        if feed.more && advanced {
            Next::More
        } else {
            Next::Done
        }
    }

    /// Whether a session no longer holds.
    pub fn is_revoked(&self, session: &VerifiedSession) -> bool {
        self.environments
            .get(session.environment())
            .is_some_and(|environment| {
                let void_until = environment.tenants.get(session.tenant());
                environment.sessions.contains_key(session.session_id())
                    || void_until.is_some_and(|until| session.issued_at() <= *until)
            })
    }

    /// What is live of the session's dashboard.
    pub fn live(&self, session: &VerifiedSession) -> Live {
        let environment = self.environments.get(session.environment());
        let known =
            environment.and_then(|environment| environment.dashboards.get(session.dashboard()));
        known.copied().unwrap_or(Live::Version(0))
    }

    /// Sessions of a tenant issued at or before this instant are void.
    pub fn tenant_cutoff(
        &self,
        environment: &EnvironmentName,
        tenant: &TenantId,
    ) -> Option<UnixMillis> {
        self.environments
            .get(environment)?
            .tenants
            .get(tenant)
            .copied()
    }

    /// Revocations outlive no token: a session's own end, or the longest life of any session.
    fn forget_ended(&mut self, now: UnixMillis) {
        let oldest = now.plus_seconds(-i64::from(limits::SESSION_MAX_SECONDS));
        for environment in self.environments.values_mut() {
            environment
                .sessions
                .retain(|_, expires_at| *expires_at > now);
            environment.tenants.retain(|_, until| *until >= oldest);
        }
    }
}

impl Environment {
    fn learn(&mut self, event: FeedEvent) {
        match event {
            FeedEvent::SessionRevoked {
                session,
                expires_at,
            } => {
                self.sessions.insert(session, expires_at);
            }
            FeedEvent::TenantRevoked {
                tenant,
                issued_until,
            } => {
                let until = self.tenants.entry(tenant).or_insert(issued_until);
                *until = (*until).max(issued_until);
            }
            FeedEvent::Published { dashboard, version } => {
                self.dashboards.insert(dashboard, Live::Version(version));
            }
            FeedEvent::Unpublished { dashboard } => {
                self.dashboards.insert(dashboard, Live::Offline);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Claims, Jwks, Minter, Verifier};
    use emban_contract::OrganisationId;
    use emban_contract::permissions::Permissions;

    /// When the sessions were minted.
    const ISSUED_AT: UnixMillis = UnixMillis(1_790_000_000_000);

    /// A session of `dash_1` in production, for an hour.
    fn session(id: &str, tenant: &str) -> VerifiedSession {
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

    const NOW: UnixMillis = UnixMillis(ISSUED_AT.0 + 1000);

    fn feed(sequence: u64, entries: &[&str]) -> Feed {
        let text = format!(
            r#"{{"sequence":{sequence},"entries":[{}]}}"#,
            entries.join(",")
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_revoked_session_is_refused_and_only_that_one() {
        let mut state = FeedState::default();
        let (one, two) = (session("es_1", "acme"), session("es_2", "acme"));
        let entry = r#"{"sequence":1,"environment":"production","kind":"session_revoked","session":"es_1","expires_at":"2100-01-01T00:00:00Z"}"#;
        assert_eq!(state.apply(feed(1, &[entry]), NOW), Next::Done);
        assert!(state.is_revoked(&one) && !state.is_revoked(&two));
        let elsewhere = r#"{"sequence":2,"environment":"development","kind":"session_revoked","session":"es_2","expires_at":"2100-01-01T00:00:00Z"}"#;
        state.apply(feed(2, &[elsewhere]), NOW);
        assert!(
            !state.is_revoked(&two),
            "another environment's revocation does not count here"
        );
    }

    #[test]
    fn a_tenants_cutoff_covers_the_instant_itself_and_nothing_after() {
        let mut state = FeedState::default();
        let acme = session("es_1", "acme");
        let cutoff = |sequence: u64, tenant: &str, until: UnixMillis| {
            feed(
                sequence,
                &[&format!(
                    r#"{{"sequence":{sequence},"environment":"production","kind":"tenant_revoked","tenant":"{tenant}","issued_until":"{until}"}}"#
                )],
            )
        };
        state.apply(cutoff(1, "globex", ISSUED_AT), NOW);
        assert!(!state.is_revoked(&acme));
        state.apply(cutoff(2, "acme", UnixMillis(ISSUED_AT.0 - 1)), NOW);
        assert!(!state.is_revoked(&acme));
        state.apply(cutoff(3, "acme", ISSUED_AT), NOW);
        assert!(state.is_revoked(&acme));
        state.apply(cutoff(4, "acme", UnixMillis(ISSUED_AT.0 - 5000)), NOW);
        assert!(
            state.is_revoked(&acme),
            "an earlier cutoff takes nothing back"
        );
    }

    #[test]
    fn publishing_changes_the_version_and_unpublishing_takes_it_offline() {
        let mut state = FeedState::default();
        let acme = session("es_1", "acme");
        assert_eq!(state.live(&acme), Live::Version(0));
        let published = r#"{"sequence":5,"environment":"production","kind":"published","dashboard":"dash_1","version":3}"#;
        state.apply(feed(5, &[published]), NOW);
        assert_eq!(state.live(&acme), Live::Version(3));
        let gone = r#"{"sequence":6,"environment":"production","kind":"unpublished","dashboard":"dash_1"}"#;
        state.apply(feed(6, &[gone]), NOW);
        assert_eq!(state.live(&acme), Live::Offline);
        state.apply(feed(6, &[published]), NOW);
        assert_eq!(
            state.live(&acme),
            Live::Offline,
            "an entry seen before is not applied again"
        );
    }

    #[test]
    fn an_origin_that_counts_anew_is_read_from_the_start() {
        let mut state = FeedState::default();
        state.apply(feed(9, &[]), NOW);
        assert_eq!(state.after(), 9);
        assert_eq!(state.apply(feed(2, &[]), NOW), Next::FromStart);
        assert_eq!(state.after(), 0);
    }

    #[test]
    fn more_is_asked_for_only_while_there_is_progress() {
        let mut state = FeedState::default();
        let more = |sequence| Feed {
            sequence,
            more: true,
            entries: Vec::new(),
        };
        assert_eq!(state.apply(more(4), NOW), Next::More);
        assert_eq!(state.apply(more(4), NOW), Next::Done);
    }

    #[test]
    fn revocations_are_forgotten_when_no_token_can_be_left() {
        let mut state = FeedState::default();
        let one = session("es_1", "acme");
        let expires_at = one.expires_at();
        let entry = format!(
            r#"{{"sequence":1,"environment":"production","kind":"session_revoked","session":"es_1","expires_at":"{expires_at}"}}"#
        );
        state.apply(feed(1, &[&entry]), NOW);
        state.apply(feed(2, &[]), UnixMillis(expires_at.0 - 1));
        assert!(state.is_revoked(&one));
        state.apply(feed(3, &[]), expires_at);
        assert!(!state.is_revoked(&one));
    }
}
