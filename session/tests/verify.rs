//! Good tokens pass, every forgery is refused for its own reason.

#![expect(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emban_contract::permissions::Permissions;
use emban_contract::{OrganisationId, UnixMillis};
use emban_session::{AUDIENCE, Claims, Jwks, Minter, Verifier, VerifyError, issuer};
use serde_json::{Value, json};

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

fn check(token: &str, expect: VerifyError) {
    assert_eq!(verifier().verify(token, NOW).err(), Some(expect), "{token}");
}

/// Signs any header and payload with the good key: only what is said differs.
fn signed(header: &Value, payload: &str) -> String {
    use ed25519_dalek::Signer as _;
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", encode(&header.to_string()), encode(payload));
    let signature = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn good_header() -> Value {
    json!({"alg": "EdDSA", "typ": "emban-embed+jwt", "kid": minter("production", 1).public_key().kid})
}

fn good_payload() -> Value {
    serde_json::to_value(claims()).unwrap()
}

#[test]
fn a_good_token_gives_the_session_it_names() {
    let session = verifier().verify(&good(), NOW).unwrap();
    assert_eq!(session.tenant().as_str(), "customer 1");
    assert_eq!(session.dashboard().as_str(), "dash_abc");
    assert_eq!(session.expires_at(), UnixMillis(NOW.0 + 3_600_000));
    // The hand-made signature of these tests is as good as the minter's: the refusals below are for their own reason.
    assert!(
        verifier()
            .verify(&signed(&good_header(), &good_payload().to_string()), NOW)
            .is_ok()
    );
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
fn other_algorithms_types_and_keys_are_refused() {
    let mut header = good_header();
    for algorithm in ["none", "None", "HS256", "RS256", "ES256", "eddsa", ""] {
        header["alg"] = json!(algorithm);
        check(
            &signed(&header, &good_payload().to_string()),
            VerifyError::WrongAlgorithm,
        );
    }
    let unsigned = |alg: &str| {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.",
            encode(&json!({"alg": alg, "typ": "emban-embed+jwt", "kid": header["kid"]})),
            encode(&good_payload())
        )
    };
    check(&unsigned("none"), VerifyError::WrongAlgorithm);
    check(&unsigned("EdDSA"), VerifyError::BadSignature);
    let mut header = good_header();
    header["typ"] = json!("JWT");
    check(
        &signed(&header, &good_payload().to_string()),
        VerifyError::WrongType,
    );
    let mut header = good_header();
    for kid in ["unknown", "../../etc/passwd", ""] {
        header["kid"] = json!(kid);
        check(
            &signed(&header, &good_payload().to_string()),
            VerifyError::UnknownKey,
        );
    }
}

#[test]
fn keys_that_a_token_brings_along_are_refused() {
    for (name, value) in [
        ("jwk", json!({"kty": "OKP"})),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MII"])),
        ("crit", json!(["exp"])),
    ] {
        let mut header = good_header();
        header[name] = value;
        check(
            &signed(&header, &good_payload().to_string()),
            VerifyError::Malformed,
        );
    }
}

#[test]
fn a_changed_or_cut_token_is_refused() {
    let token = good();
    let parts: Vec<&str> = token.split('.').collect();
    let mut other = good_payload();
    other["tenant"] = json!("customer_2");
    let swapped = format!(
        "{}.{}.{}",
        parts[0],
        URL_SAFE_NO_PAD.encode(other.to_string()),
        parts[2]
    );
    check(&swapped, VerifyError::BadSignature);
    check(
        &format!("{}.{}.{}", parts[0], parts[1], &parts[2][..84]),
        VerifyError::BadSignature,
    );
    check(
        &format!("{}.{}.", parts[0], parts[1]),
        VerifyError::BadSignature,
    );
    for bad in [
        parts[0].to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{token}.x"),
        format!("{token}="),
        String::new(),
    ] {
        check(&bad, VerifyError::Malformed);
    }
    check(&"x".repeat(20_000), VerifyError::TooLong);
}

#[test]
fn a_second_spelling_of_the_same_signature_is_refused() {
    let token = good();
    let mut bytes = token.clone().into_bytes();
    // 64 bytes end in a character with four unused bits: another last character decodes to the same bytes in lax decoders.
    let last = bytes.pop().unwrap();
    bytes.push(if last == b'A' { b'B' } else { last + 1 });
    let twin = String::from_utf8(bytes).unwrap();
    assert!(matches!(
        verifier().verify(&twin, NOW),
        Err(VerifyError::Malformed | VerifyError::BadSignature)
    ));
    check(
        &token
            .replace('-', "+")
            .replace('_', "/")
            .replacen('.', "=.", 1),
        VerifyError::Malformed,
    );
}

#[test]
fn claims_of_others_are_refused() {
    let with = |name: &str, value: Value| {
        let mut payload = good_payload();
        payload[name] = value;
        signed(&good_header(), &payload.to_string())
    };
    check(&with("iss", json!("emban:other")), VerifyError::WrongIssuer);
    check(&with("aud", json!("other")), VerifyError::WrongAudience);
    check(
        &with("env", json!("development")),
        VerifyError::WrongEnvironment,
    );
    check(&with("org", json!("other")), VerifyError::WrongEnvironment);
    check(&with("nbf", json!(NOW.seconds() + 60)), VerifyError::NotYet);
    check(
        &with("exp", json!(NOW.seconds() + 90_000)),
        VerifyError::BadClaims,
    );
    check(&with("tenant", json!("")), VerifyError::BadClaims);
    check(&with("extra", json!(1)), VerifyError::BadClaims);
    check(
        &with("perm", json!({"unknown_permission": true})),
        VerifyError::BadClaims,
    );
}

#[test]
fn missing_and_doubled_claims_are_refused() {
    for name in [
        "iss", "aud", "sub", "iat", "nbf", "exp", "org", "env", "tenant", "dash", "perm",
    ] {
        let mut payload = good_payload();
        payload.as_object_mut().unwrap().remove(name);
        assert!(
            verifier()
                .verify(&signed(&good_header(), &payload.to_string()), NOW)
                .is_err(),
            "without {name}"
        );
    }
    let doubled = good_payload()
        .to_string()
        .replacen('{', r#"{"tenant":"customer_2","#, 1);
    check(&signed(&good_header(), &doubled), VerifyError::BadClaims);
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
