//! Tokens whose header, signature or spelling is wrong; what they claim is what a good one claims.

use emban_session::VerifyError::{
    BadSignature, Malformed, TooLong, UnknownKey, WrongAlgorithm, WrongType,
};
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha2::Sha256;

use super::{Forger, Forgery, encode, forgery};

pub(super) fn forgeries(forger: &Forger) -> Vec<Forgery> {
    let mut all = algorithms(forger);
    all.extend(headers(forger));
    all.extend(signatures(forger));
    all.extend(spellings(forger));
    all
}

fn algorithms(forger: &Forger) -> Vec<Forgery> {
    let payload = forger.payload().to_string();
    let named = |algorithm: &str| {
        let token = forger.signed(&forger.header_with("alg", json!(algorithm)), &payload);
        forgery(format!("alg {algorithm:?}"), token, &[WrongAlgorithm])
    };
    let mut all: Vec<Forgery> = [
        "none", "None", "nOnE", "HS256", "HS512", "RS256", "PS256", "ES256", "EdDSA ", "eddsa", "",
    ]
    .map(named)
    .into();
    for (name, algorithm, reason) in [
        ("unsigned, alg none", "none", WrongAlgorithm),
        ("unsigned, alg EdDSA", "EdDSA", BadSignature),
    ] {
        let header = forger.header_with("alg", json!(algorithm));
        let token = format!("{}.{}.", encode(header.to_string()), encode(&payload));
        all.push(forgery(name, token, &[reason]));
    }
    // The classic confusion: the public key as the secret of an HMAC, in the forms in which it can be had.
    for (form, secret) in [
        ("as bytes", forger.key.verifying_key().to_bytes().to_vec()),
        ("as text", forger.public.x.clone().into_bytes()),
    ] {
        let header = forger.header_with("alg", json!("HS256"));
        let message = format!("{}.{}", encode(header.to_string()), encode(&payload));
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&secret) else {
            continue;
        };
        mac.update(message.as_bytes());
        let token = format!("{message}.{}", encode(mac.finalize().into_bytes()));
        let name = format!("HMAC with the public key {form}");
        all.push(forgery(name, token, &[WrongAlgorithm]));
    }
    all
}

fn headers(forger: &Forger) -> Vec<Forgery> {
    let payload = forger.payload().to_string();
    let with = |name: &str, value| forger.signed(&forger.header_with(name, value), &payload);
    let mut all = vec![forgery("typ JWT", with("typ", json!("JWT")), &[WrongType])];
    for kid in [
        "unknown",
        "../../etc/passwd",
        "/dev/null",
        "' OR 1=1 --",
        "",
    ] {
        all.push(forgery(
            format!("kid {kid:?}"),
            with("kid", json!(kid)),
            &[UnknownKey],
        ));
    }
    for (name, value) in [
        (
            "jwk",
            serde_json::to_value(&forger.public).unwrap_or_default(),
        ),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MII"])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
    ] {
        let name_of_it = format!("a header with {name}");
        all.push(forgery(name_of_it, with(name, value), &[Malformed]));
    }
    let doubled = forger
        .header()
        .to_string()
        .replacen('{', r#"{"alg":"none","#, 1);
    let token = forger.signed_bytes(&doubled, &payload);
    all.push(forgery("alg twice", token, &[Malformed]));
    all
}

fn signatures(forger: &Forger) -> Vec<Forgery> {
    let good = forger.good();
    let (message, signature) = good.rsplit_once('.').unwrap_or_default();
    let (header, _) = message.split_once('.').unwrap_or_default();
    let swapped = encode(
        forger
            .payload_with("tenant", json!("another tenant"))
            .to_string(),
    );
    let stranger = Forger::new(&[0xA5; 32], forger.claims.clone());
    let cut = signature.get(..84).unwrap_or_default();
    vec![
        forgery(
            "another payload under the signature",
            format!("{header}.{swapped}.{signature}"),
            &[BadSignature],
        ),
        forgery(
            "another key under the good key's id",
            stranger.signed(&forger.header(), &forger.payload().to_string()),
            &[BadSignature],
        ),
        forgery("another key", stranger.good(), &[UnknownKey]),
        forgery(
            "a cut signature",
            format!("{message}.{cut}"),
            &[BadSignature],
        ),
        forgery("no signature", format!("{message}."), &[BadSignature]),
        forgery(
            "a signature of zeros",
            format!("{message}.{}", encode([0; 64])),
            &[BadSignature],
        ),
    ]
}

/// Other spellings of the very bytes that are good, and texts that are no tokens.
fn spellings(forger: &Forger) -> Vec<Forgery> {
    let good = forger.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        return Vec::new();
    };
    // 64 bytes end in a character with four unused bits: lax decoders read its neighbours as the same bytes.
    let twin = |last: char| {
        char::from_u32(u32::from(last) + 1)
            .filter(char::is_ascii_alphanumeric)
            .unwrap_or('B')
    };
    let mut lax = good.clone();
    if let Some(last) = lax.pop() {
        lax.push(twin(last));
    }
    let two_parts = format!("{header}.{payload}");
    vec![
        forgery("unused bits of base64 set", lax, &[Malformed, BadSignature]),
        forgery("a padded signature", format!("{good}=="), &[Malformed]),
        forgery(
            "a padded payload",
            format!("{header}.{payload}=.{signature}"),
            &[Malformed],
        ),
        forgery(
            "the other alphabet of base64",
            format!(
                "{header}.{payload}.+{}/",
                signature.get(2..).unwrap_or_default()
            ),
            &[Malformed],
        ),
        forgery(
            "a line break in it",
            format!("{header}.{payload}\n.{signature}"),
            &[Malformed],
        ),
        forgery("a fourth part", format!("{good}.x"), &[Malformed]),
        forgery("two parts", two_parts, &[Malformed]),
        forgery("one part", header.to_owned(), &[Malformed]),
        forgery("only dots", "..".to_owned(), &[Malformed]),
        forgery("20 KB", "x".repeat(20_000), &[TooLong]),
        forgery(
            "20 KB well signed",
            forger.signed(
                &forger.header(),
                &forger
                    .payload_with("perm", json!({ "user_id": "x".repeat(15_000) }))
                    .to_string(),
            ),
            &[TooLong],
        ),
    ]
}
