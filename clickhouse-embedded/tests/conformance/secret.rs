//! Nobody without the secret gets anything but `Ok.`

use super::harness::{Target, real_server, refusal_of};

#[tokio::test]
async fn a_wrong_secret_is_forbidden() {
    let target = Target::start("wrong_secret").await;
    let long = target.password.clone() + "x";
    for wrong in ["", "x", long.as_str()] {
        let request = reqwest::Client::new()
            .post(target.url.clone())
            .body("SELECT 1");
        let response = request
            .header("X-ClickHouse-Key", wrong)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 403, "{wrong:?}");
        refusal_of(response, 516).await;
    }
    let client = target.client().with_password("wrong");
    let error = client
        .query("SELECT 1")
        .fetch_one::<u8>()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("Code: 516."), "{error}");
    let mut insert = client.insert_formatted_with("INSERT INTO t FORMAT CSV");
    insert.send("1\n".into()).await.ok();
    assert!(insert.end().await.is_err());
}

#[tokio::test]
async fn http_basic_is_accepted_as_well() {
    let target = Target::start("basic").await;
    let request = reqwest::Client::new()
        .post(target.url.clone())
        .basic_auth(&target.user, Some(&target.password));
    assert_eq!(
        request
            .body("SELECT 1")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
        "1\n"
    );
    let wrong = reqwest::Client::new()
        .post(target.url.clone())
        .basic_auth(&target.user, Some("wrong"));
    refusal_of(wrong.body("SELECT 1").send().await.unwrap(), 516).await;
}

#[tokio::test]
async fn ping_needs_no_secret() {
    let target = Target::start("ping").await;
    let answer = reqwest::get(target.url.join("ping").unwrap())
        .await
        .unwrap();
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.text().await.unwrap().as_str()
        ),
        (200, "Ok.\n")
    );
}

#[tokio::test]
async fn every_other_path_needs_the_secret() {
    if real_server().is_some() {
        return;
    }
    let target = Target::start("paths").await;
    for path in ["", "identity", "play", "no/such/path", "?query=SELECT+1"] {
        let response = reqwest::get(target.url.join(path).unwrap()).await.unwrap();
        assert_eq!(response.status(), 403, "{path}");
        refusal_of(response, 516).await;
    }
    let unknown = reqwest::Client::new().get(target.url.join("play").unwrap());
    let unknown = unknown
        .header("X-ClickHouse-Key", &target.password)
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
}
