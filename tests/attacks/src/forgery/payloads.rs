//! Well-signed tokens that claim what none of ours claims.

use emban_session::VerifyError::{
    self, BadClaims, Expired, NotYet, WrongAudience, WrongEnvironment, WrongIssuer,
};
use serde_json::{Value, json};

use super::{Forger, Forgery, forgery};

/// Longer than the clocks of tiers may differ.
const AHEAD_SECONDS: i64 = 600;
/// A session lives a day at most.
const TOO_LONG_SECONDS: i64 = 86_400 + 60;

pub(super) fn forgeries(forger: &Forger) -> Vec<Forgery> {
    let mut all = of_others(forger);
    all.extend(times(forger));
    all.extend(missing(forger));
    all.extend(texts(forger));
    all
}

/// A well-signed token with another value of one claim.
fn claim(forger: &Forger, name: &str, value: &Value, reasons: &[VerifyError]) -> Forgery {
    let payload = forger.payload_with(name, value.clone()).to_string();
    let shown: String = value.to_string().chars().take(40).collect();
    let token = forger.signed(&forger.header(), &payload);
    forgery(format!("{name} {shown}"), token, reasons)
}

fn of_others(forger: &Forger) -> Vec<Forgery> {
    [
        ("iss", json!("emban:another"), WrongIssuer),
        ("iss", json!(""), WrongIssuer),
        ("aud", json!("another"), WrongAudience),
        ("org", json!("another"), WrongEnvironment),
        ("env", json!("another"), WrongEnvironment),
        ("tenant", json!(""), BadClaims),
        ("tenant", json!(null), BadClaims),
        ("tenant", json!(["a", "b"]), BadClaims),
        ("tenant", json!("a\u{0}b"), BadClaims),
        ("dash", json!("../dash"), BadClaims),
        ("sub", json!(7), BadClaims),
        ("perm", json!({ "unknown_permission": true }), BadClaims),
        ("perm", json!({ "allow_export": "yes" }), BadClaims),
        ("perm", json!([]), BadClaims),
        ("admin", json!(true), BadClaims),
        ("__proto__", json!({ "tenant": "b" }), BadClaims),
    ]
    .iter()
    .map(|(name, value, reason)| claim(forger, name, value, &[*reason]))
    .collect()
}

fn times(forger: &Forger) -> Vec<Forgery> {
    let now = forger.claims.iat;
    [
        ("nbf", json!(now + AHEAD_SECONDS), NotYet),
        ("iat", json!(now + AHEAD_SECONDS), NotYet),
        ("exp", json!(now - 1), Expired),
        ("exp", json!(0), Expired),
        ("exp", json!(now + TOO_LONG_SECONDS), BadClaims),
        ("exp", json!(i64::MAX), BadClaims),
        ("exp", json!(u64::MAX), BadClaims),
        ("exp", json!("9999999999"), BadClaims),
        ("iat", json!(i64::MIN), BadClaims),
    ]
    .iter()
    .map(|(name, value, reason)| claim(forger, name, value, &[*reason]))
    .collect()
}

fn missing(forger: &Forger) -> Vec<Forgery> {
    let payload = forger.payload();
    let names = payload
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name);
    names
        .map(|name| {
            let mut payload = payload.clone();
            if let Value::Object(members) = &mut payload {
                members.remove(name);
            }
            let token = forger.signed(&forger.header(), &payload.to_string());
            let reasons = [BadClaims, WrongIssuer, WrongAudience];
            forgery(format!("without {name}"), token, &reasons)
        })
        .collect()
}

/// Payloads that are no object of claims, or one that two readers read differently.
fn texts(forger: &Forger) -> Vec<Forgery> {
    let good = forger.payload().to_string();
    let doubled = |claim: &str| good.replacen('{', &format!("{{{claim},"), 1);
    [
        ("tenant twice", doubled(r#""tenant":"another tenant""#)),
        ("exp twice", doubled(r#""exp":1"#)),
        ("text behind the claims", format!("{good}{{}}")),
        ("a list", format!("[{good}]")),
        ("no JSON", "tenant=another".to_owned()),
        ("deep JSON", "[".repeat(4_000)),
        ("nothing", String::new()),
    ]
    .into_iter()
    .map(|(name, payload)| {
        let token = forger.signed(&forger.header(), &payload);
        let reasons = [
            BadClaims,
            VerifyError::Malformed,
            WrongIssuer,
            WrongAudience,
        ];
        forgery(format!("payload: {name}"), token, &reasons)
    })
    .collect()
}
