//! Prints forged tokens and hostile texts as JSON, for the tests of the edge:
//! `{"jwk","good","forgeries":[{"name","token","reasons"}],"texts","control_texts"}`.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use emban_attacks::forgery::Forger;
use emban_attacks::{CONTROL_TEXTS, TEXTS};
use emban_contract::OrganisationId;
use emban_contract::permissions::Permissions;
use emban_session::{AUDIENCE, Claims, issuer};
use serde_json::json;

fn main() -> anyhow::Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let now = i64::try_from(now).context("the clock")?;
    let org: OrganisationId = "default".parse()?;
    let claims = Claims {
        iss: issuer(&org),
        aud: AUDIENCE.to_owned(),
        sub: "es_forged".parse()?,
        iat: now,
        nbf: now,
        exp: now + 3600,
        org,
        env: "production".parse()?,
        tenant: "acme".parse()?,
        dash: "dash_1".parse()?,
        perm: Permissions::default(),
    };
    let forger = Forger::new(&[7; 32], claims);
    let forgeries: Vec<_> = forger
        .forgeries()
        .into_iter()
        .map(|forgery| {
            let reasons: Vec<String> = forgery.reasons.iter().map(ToString::to_string).collect();
            json!({ "name": forgery.name, "token": forgery.token, "reasons": reasons })
        })
        .collect();
    let list = json!({
        "jwk": forger.public_key(), "good": forger.good(), "forgeries": forgeries,
        "texts": TEXTS, "control_texts": CONTROL_TEXTS,
    });
    writeln!(std::io::stdout(), "{list}")?;
    Ok(())
}
