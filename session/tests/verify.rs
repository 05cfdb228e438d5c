//! Good tokens pass, every forgery is refused for its own reason.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use emban_attacks::forgery::Forger;
use emban_contract::permissions::Permissions;
use emban_contract::{OrganisationId, UnixMillis};
use emban_session::{AUDIENCE, Claims, Jwks, Minter, Verifier, VerifyError, issuer};

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

fn organisation() -> OrganisationId {
    "acme-inc".parse().unwrap()
}

fn minter(environment: &str, seed: u8) -> Minter {
    Minter::new(organisation(), environment.parse().unwrap(), &[seed; 32])
}

fn claims() -> Claims {
    Claims {
        iss: issuer(&organisation()),
        aud: AUDIENCE.to_owned(),
        sub: "es_1".parse().unwrap(),
        iat: NOW.seconds(),
        nbf: NOW.seconds(),
        exp: NOW.seconds() + 3600,
        org: organisation(),
        env: "production".parse().unwrap(),
        tenant: "customer 1".parse().unwrap(),
        dash: "dash_abc".parse().unwrap(),
        perm: Permissions::default(),
    }
}

fn verifier() -> Verifier {
    let keys = vec![
        minter("production", 1).public_key().clone(),
        minter("development", 2).public_key().clone(),
    ];
    Verifier::new(organisation(), &Jwks { keys }).unwrap()
}

fn good() -> String {
    minter("production", 1).mint(&claims()).unwrap()
}

#[test]
fn a_good_token_gives_the_session_it_names() {
    let session = verifier().verify(&good(), NOW).unwrap();
    assert_eq!(session.tenant().as_str(), "customer 1");
    assert_eq!(session.dashboard().as_str(), "dash_abc");
    assert_eq!(session.expires_at(), UnixMillis(NOW.0 + 3_600_000));
}

#[test]
fn a_token_holds_from_its_first_second_to_its_last() {
    let verify_at = |seconds: i64| verifier().verify(&good(), NOW.plus_seconds(seconds)).err();
    assert_eq!(verify_at(0), None);
    assert_eq!(verify_at(-30), None);
    assert_eq!(verify_at(-31), Some(VerifyError::NotYet));
    assert_eq!(verify_at(3599), None);
    assert_eq!(verify_at(3600), Some(VerifyError::Expired));
}

#[test]
fn every_forgery_is_refused_for_its_own_reason() {
    let forger = Forger::new(&[1; 32], claims());
    assert!(verifier().verify(&forger.good(), NOW).is_ok());
    let forgeries = forger.forgeries();
    for forgery in &forgeries {
        let refused = verifier().verify(&forgery.token, NOW).err();
        let as_expected = refused.is_some_and(|reason| forgery.reasons.contains(&reason));
        assert!(as_expected, "{}: {refused:?}", forgery.name);
    }
    println!("{} forgeries tried, 0 accepted", forgeries.len());
}

#[test]
fn the_key_of_another_environment_signs_nothing_here() {
    let mut foreign = claims();
    foreign.env = "development".parse().unwrap();
    let token = minter("development", 2).mint(&foreign).unwrap();
    assert_eq!(
        verifier()
            .verify(&token, NOW)
            .unwrap()
            .environment()
            .as_str(),
        "development"
    );
    assert!(minter("development", 2).mint(&claims()).is_err());
    let stranger = Verifier::new(
        organisation(),
        &Jwks {
            keys: vec![minter("production", 9).public_key().clone()],
        },
    )
    .unwrap();
    assert_eq!(
        stranger.verify(&good(), NOW).err(),
        Some(VerifyError::UnknownKey)
    );
}

#[test]
fn a_rotated_key_set_accepts_both_keys() {
    let (old, new) = (minter("production", 1), minter("production", 3));
    let both = Verifier::new(
        organisation(),
        &Jwks {
            keys: vec![new.public_key().clone(), old.public_key().clone()],
        },
    )
    .unwrap();
    assert!(both.verify(&old.mint(&claims()).unwrap(), NOW).is_ok());
    assert!(both.verify(&new.mint(&claims()).unwrap(), NOW).is_ok());
}

#[test]
fn permissions_that_do_not_fit_a_token_are_an_error_at_minting() {
    let mut long = claims();
    long.perm.allowed_dimensions = Some((0..1000).map(|n| format!("dimension {n}")).collect());
    assert!(minter("production", 1).mint(&long).is_err());
}
