//! A token that was changed in any way is refused, whatever the bytes.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use emban_attacks::forgery::Forger;
use emban_attacks::{fuzz, mutation};
use emban_contract::UnixMillis;
use emban_contract::permissions::Permissions;
use emban_session::{AUDIENCE, Claims, Jwks, Verifier, issuer};
use proptest::prelude::*;

const NOW: UnixMillis = UnixMillis(1_774_000_000_000);

fn claims() -> Claims {
    let org = "acme-inc".parse().unwrap();
    Claims {
        iss: issuer(&org),
        aud: AUDIENCE.to_owned(),
        sub: "es_1".parse().unwrap(),
        iat: NOW.seconds(),
        nbf: NOW.seconds(),
        exp: NOW.seconds() + 3600,
        org,
        env: "production".parse().unwrap(),
        tenant: "acme".parse().unwrap(),
        dash: "dash_abc".parse().unwrap(),
        perm: Permissions::default(),
    }
}

fn verifier(forger: &Forger) -> Verifier {
    let keys = vec![forger.public_key().clone()];
    Verifier::new(claims().org, &Jwks { keys }).unwrap()
}

#[test]
fn fuzz_token_bytes() {
    let forger = Forger::new(&[1; 32], claims());
    let (verifier, good) = (verifier(&forger), forger.good());
    assert!(verifier.verify(&good, NOW).is_ok());
    let tokens = mutation::bytes(vec![good.clone()]);
    fuzz::try_many("token bytes", &tokens, |bytes| {
        let token = String::from_utf8_lossy(&bytes);
        prop_assert!(
            token == good || verifier.verify(&token, NOW).is_err(),
            "{token}"
        );
        Ok(())
    });
}

/// Well-signed claims of any kind: whoever is let in is who the claims name, and nobody of another organisation is.
#[test]
fn fuzz_signed_claims() {
    let forger = Forger::new(&[1; 32], claims());
    let verifier = verifier(&forger);
    let sound = vec![serde_json::to_value(claims()).unwrap()];
    fuzz::try_many("signed claims", &mutation::documents(sound), |payload| {
        if let Ok(session) = verifier.verify(&forger.sign(&payload), NOW) {
            prop_assert_eq!(Some(session.tenant().as_str()), payload["tenant"].as_str());
            prop_assert_eq!(Some(session.dashboard().as_str()), payload["dash"].as_str());
            prop_assert_eq!(session.organisation(), &claims().org);
            prop_assert_eq!(session.environment(), &claims().env);
            prop_assert!(session.expires_at() > NOW);
            prop_assert!(!session.tenant().as_str().is_empty());
        }
        Ok(())
    });
}
