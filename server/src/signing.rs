//! The signing keys of an environment: made at first start, rotated with an overlap.
//!
//! Each key is a file that only the owner may read. `production.key` is the first; `production.<ms>.key` was made at that
//! instant by a rotation. What a key does at a moment follows from these times alone: it is published from the first
//! reading on, signs from [`PUBLISHED_SECONDS`] after it was made, and verifies until the last session that it signed has
//! ended.

mod files;
mod ring;
mod sessions;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use emban_contract::{EnvironmentName, OrganisationId, UnixMillis};
use emban_session::{Jwks, KeyError, Minter, VerifiedSession, Verifier, VerifyError};

pub use files::{SigningError, check_modes, replace, rotate};
use ring::Key;
pub use ring::PUBLISHED_SECONDS;
use sessions::Sessions;

/// What signs and what verifies at a moment.
struct State {
    sessions: Arc<Sessions>,
    jwks: Arc<Jwks>,
    minters: HashMap<EnvironmentName, Arc<Minter>>,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file.
    #[error(transparent)]
    File(#[from] SigningError),
    /// Never happens: the keys of a minter are Ed25519 keys.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The keys as this origin has read them last. Cheap to clone.
#[derive(Clone)]
pub struct Signing {
    data_dir: PathBuf,
    organisation: OrganisationId,
    environments: Vec<EnvironmentName>,
    state: Arc<RwLock<State>>,
}

impl Signing {
    /// Reads the keys, making the first of an environment that has none.
    pub fn open(
        data_dir: &Path,
        organisation: &OrganisationId,
        environments: &[EnvironmentName],
        now: UnixMillis,
    ) -> Result<Self, KeysError> {
        for environment in environments {
            files::ensure(data_dir, environment)?;
        }
        let state = read(data_dir, organisation, environments, now)?;
        Ok(Self {
            data_dir: data_dir.to_owned(),
            organisation: organisation.clone(),
            environments: environments.to_vec(),
            state: Arc::new(RwLock::new(state)),
        })
    }

    /// Takes up what a rotation has written, and what time has changed.
    ///
    /// Errors: a file that cannot be read; the keys read before stay in use.
    pub fn refresh(&self, now: UnixMillis) -> Result<(), KeysError> {
        let state = read(&self.data_dir, &self.organisation, &self.environments, now)?;
        let mut held = self
            .state
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let sessions = Arc::clone(&held.sessions);
        let same_keys = held.jwks == state.jwks;
        *held = state;
        if same_keys {
            held.sessions = sessions;
        }
        Ok(())
    }

    /// The session of a token, verified once for as long as the keys stay the same.
    ///
    /// Errors: [`VerifyError`] says why the token is refused.
    pub fn verify(
        &self,
        token: &str,
        now: UnixMillis,
    ) -> Result<Arc<VerifiedSession>, VerifyError> {
        let sessions = self.held(|state| Arc::clone(&state.sessions));
        sessions.verify(token, now)
    }

    /// The public keys, the newest first.
    pub fn jwks(&self) -> Arc<Jwks> {
        self.held(|state| Arc::clone(&state.jwks))
    }

    /// Signs the sessions of an environment.
    pub fn minter(&self, environment: &EnvironmentName) -> Option<Arc<Minter>> {
        self.held(|state| state.minters.get(environment).cloned())
    }

    fn held<T>(&self, look: impl Fn(&State) -> T) -> T {
        // A state is replaced whole, so that one which a panic left behind is sound.
        look(
            &self
                .state
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        )
    }
}

fn read(
    data_dir: &Path,
    organisation: &OrganisationId,
    environments: &[EnvironmentName],
    now: UnixMillis,
) -> Result<State, KeysError> {
    let (mut jwks, mut minters) = (Jwks::default(), HashMap::new());
    for environment in environments {
        let keys = files::list(data_dir, environment)?;
        let minter = |key: &Key| Minter::new(organisation.clone(), environment.clone(), &key.seed);
        let published = ring::verifying(&keys, now).into_iter().rev();
        jwks.keys
            .extend(published.map(|key| minter(key).public_key().clone()));
        if let Some(key) = ring::signing(&keys, now) {
            minters.insert(environment.clone(), Arc::new(minter(key)));
        }
    }
    Ok(State {
        sessions: Arc::new(Sessions::new(Verifier::new(organisation.clone(), &jwks)?)),
        jwks: Arc::new(jwks),
        minters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

    fn open(dir: &Path) -> (Signing, EnvironmentName) {
        let environment: EnvironmentName = "production".parse().unwrap();
        let organisation = "acme".parse().unwrap();
        let signing =
            Signing::open(dir, &organisation, std::slice::from_ref(&environment), NOW).unwrap();
        (signing, environment)
    }

    fn kids(signing: &Signing) -> Vec<String> {
        signing
            .jwks()
            .keys
            .iter()
            .map(|key| key.kid.clone())
            .collect()
    }

    #[test]
    fn a_rotation_is_published_before_it_signs_and_the_old_key_goes_when_its_sessions_have_ended() {
        let dir = tempfile::tempdir().unwrap();
        let (signing, environment) = open(dir.path());
        let signs = || {
            let minter = signing.minter(&environment).unwrap();
            minter.public_key().kid.clone()
        };
        let old = signs();
        assert_eq!(kids(&signing), std::slice::from_ref(&old));
        let fresh = rotate(dir.path(), &environment, NOW).unwrap();
        assert!(fresh.exists());
        let at = |seconds: i64| {
            signing.refresh(NOW.plus_seconds(seconds)).unwrap();
            (signs(), kids(&signing))
        };
        let (signer, published) = at(0);
        assert_eq!(signer, old);
        assert_eq!((published.len(), &published[1]), (2, &old));
        let new = published[0].clone();
        assert_eq!(at(PUBLISHED_SECONDS - 1).0, old);
        assert_eq!(at(PUBLISHED_SECONDS).0, new);
        let last = PUBLISHED_SECONDS + 86_400 + 60;
        assert_eq!(at(last - 1).1, [new.clone(), old]);
        assert_eq!(at(last), (new.clone(), vec![new]));
    }

    #[test]
    fn a_replaced_key_ends_every_session_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let (signing, environment) = open(dir.path());
        rotate(dir.path(), &environment, NOW).unwrap();
        signing.refresh(NOW).unwrap();
        let leaked = kids(&signing);
        replace(dir.path(), &environment).unwrap();
        signing.refresh(NOW).unwrap();
        let held = kids(&signing);
        assert_eq!(held.len(), 1);
        assert!(!leaked.contains(&held[0]));
        let minter = signing.minter(&environment).unwrap();
        assert_eq!(minter.public_key().kid, held[0]);
    }

    /// A token of an hour, minted at [`NOW`].
    fn token(signing: &Signing, environment: &EnvironmentName) -> String {
        let minter = signing.minter(environment).unwrap();
        let (iss, aud) = minter.issuer_and_audience();
        let iat = NOW.seconds();
        let claims = emban_session::Claims {
            iss,
            aud,
            sub: "es_1".parse().unwrap(),
            iat,
            nbf: iat,
            exp: iat + 3600,
            org: "acme".parse().unwrap(),
            env: environment.clone(),
            tenant: "globex".parse().unwrap(),
            dash: "dash_1".parse().unwrap(),
            perm: Default::default(),
        };
        minter.mint(&claims).unwrap()
    }

    #[test]
    fn a_token_is_verified_once_and_its_session_ends_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let (signing, environment) = open(dir.path());
        let token = token(&signing, &environment);
        let first = signing.verify(&token, NOW).unwrap();
        signing.refresh(NOW).unwrap();
        let last = NOW.plus_seconds(3599);
        assert!(Arc::ptr_eq(&first, &signing.verify(&token, last).unwrap()));
        let ended = signing.verify(&token, NOW.plus_seconds(3600));
        assert_eq!(ended.unwrap_err(), VerifyError::Expired);
        let (head, signature) = token.rsplit_once('.').unwrap();
        let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
        assert!(signing.verify(&forged, NOW).is_err());
    }

    #[test]
    fn a_session_that_is_remembered_ends_with_the_key_that_signed_it() {
        let dir = tempfile::tempdir().unwrap();
        let (signing, environment) = open(dir.path());
        let old = token(&signing, &environment);
        assert!(signing.verify(&old, NOW).is_ok());
        rotate(dir.path(), &environment, NOW).unwrap();
        signing.refresh(NOW).unwrap();
        assert!(
            signing.verify(&old, NOW).is_ok(),
            "the old key still verifies"
        );
        replace(dir.path(), &environment).unwrap();
        signing.refresh(NOW).unwrap();
        assert_eq!(
            signing.verify(&old, NOW).unwrap_err(),
            VerifyError::UnknownKey
        );
        let new = token(&signing, &environment);
        assert!(signing.verify(&new, NOW).is_ok());
    }

    #[test]
    fn keys_that_cannot_be_read_leave_the_former_ones_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let (signing, _) = open(dir.path());
        let before = kids(&signing);
        let path = rotate(dir.path(), &"production".parse().unwrap(), NOW).unwrap();
        std::fs::write(path, "garbage").unwrap();
        assert!(signing.refresh(NOW).is_err());
        assert_eq!(kids(&signing), before);
    }
}
