//! No forged token opens anything at the origin, and each leaves one line in the log.

use emban_attacks::forgery::{Forger, Forgery};
use emban_contract::permissions::Permissions;
use emban_session::{AUDIENCE, Claims, VerifyError, issuer};
use reqwest::header::HeaderValue;

use crate::origin::{Answer, Origin, answer, calls_dashboard};

const LOGGED: &str = "session token refused";

/// With the key of one environment, claims of another or the same.
fn forger(origin: &Origin, dashboard: &str, key: &str, environment: &str) -> Forger {
    let now = emban_server::app::now().seconds();
    let org = "default".parse().unwrap();
    let claims = Claims {
        iss: issuer(&org),
        aud: AUDIENCE.to_owned(),
        sub: "es_forged".parse().unwrap(),
        iat: now,
        nbf: now,
        exp: now + 3600,
        org,
        env: environment.parse().unwrap(),
        tenant: "acme".parse().unwrap(),
        dash: dashboard.parse().unwrap(),
        perm: Permissions::default(),
    };
    Forger::new(&origin.signing_seed(key), claims)
}

/// Through the header, when it can stand in one, and through the URL.
async fn opened(origin: &Origin, dashboard: &str, token: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    if HeaderValue::from_str(token).is_ok() {
        answers.push(origin.get("/v1/embed/surface", token).await);
    }
    let url = format!("{}/embed/{dashboard}", origin.url);
    let document = origin.client.get(url).query(&[("token", token)]);
    answers.push(answer(document).await);
    answers
}

fn lines(log: &str) -> Vec<&str> {
    log.lines().filter(|line| line.contains(LOGGED)).collect()
}

async fn refused(origin: &Origin, dashboard: &str, forgery: &Forgery) {
    let before = lines(&origin.log()).len();
    let answers = opened(origin, dashboard, &forgery.token).await;
    let reasons = &forgery.reasons;
    for answer in &answers {
        let code = answer.body["code"].as_str().unwrap_or_default();
        let expected = match reasons.contains(&VerifyError::Expired) {
            true => "session_expired",
            false => "unauthorized",
        };
        assert_eq!(
            (answer.status, code),
            (401, expected),
            "{}: {}",
            forgery.name,
            answer.text
        );
        assert!(
            reasons
                .iter()
                .all(|reason| !answer.text.contains(&reason.to_string())),
            "{} is told its reason: {}",
            forgery.name,
            answer.text
        );
    }
    let log = origin.log();
    let lines = &lines(&log)[before..];
    assert_eq!(lines.len(), answers.len(), "{}: {lines:?}", forgery.name);
    let named = |line: &&str| {
        reasons
            .iter()
            .any(|reason| line.contains(&reason.to_string()))
    };
    assert!(lines.iter().all(named), "{}: {lines:?}", forgery.name);
}

#[tokio::test]
async fn every_forgery_is_refused_with_one_line_and_the_good_token_opens() {
    let origin = Origin::start_with(&[("EMBAN_ENVIRONMENTS", "production,development")]);
    let dashboard = origin.publish(calls_dashboard()).await;
    let production = forger(&origin, &dashboard, "production", "production");
    for opened in opened(&origin, &dashboard, &production.good()).await {
        assert_eq!(opened.status, 200, "{}", opened.text);
    }
    let mut forgeries = production.forgeries();
    // Signed with a key that this origin trusts, for its own environment.
    forgeries.push(Forgery {
        name: "another environment's key".to_owned(),
        token: forger(&origin, &dashboard, "development", "production").good(),
        reasons: vec![VerifyError::WrongEnvironment],
    });
    for forgery in &forgeries {
        refused(&origin, &dashboard, forgery).await;
    }
    let log = origin.log();
    let signature = |forgery: &Forgery| forgery.token.rsplit('.').next().map(str::to_owned);
    for leaked in forgeries
        .iter()
        .filter_map(signature)
        .filter(|text| text.len() > 40)
    {
        assert!(
            !log.contains(&leaked),
            "the log holds a signature: {leaked}"
        );
    }
    println!("{} forgeries tried, 0 accepted", forgeries.len());
}
