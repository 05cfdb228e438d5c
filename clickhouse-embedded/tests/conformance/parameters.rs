//! `{name:Type}`: values that must arrive byte for byte and never become SQL.

use super::harness::{Target, refusal_of};

/// Texts that some layer could read as an escape, a quote, an end, or a placeholder.
fn nasty_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\t",
        "\n",
        "\r",
        "\r\n",
        "\0",
        "a\0b",
        "\\",
        "\\\\",
        "a\\",
        "\\N",
        "\\n",
        "\\t",
        "\\0",
        "\\x41",
        "\\'",
        "'",
        "''",
        "\"",
        "`",
        "'; DROP TABLE t --",
        "{x:String}",
        "%27",
        "+",
        "&param_x=1",
        "--boundary\r\n",
        "é",
        "😀",
        "\u{200b}",
        "\u{feff}",
        "\u{7f}",
        "[]",
        "NULL",
        "a\tb\nc\\d'e\"f`g",
    ]
    .iter()
    .map(|text| (*text).to_owned())
    .collect();
    texts.push((0..=0x24f).filter_map(char::from_u32).collect());
    texts.push("long \t\\'\n".repeat(20_000));
    texts
}

#[tokio::test]
async fn text_parameters_of_the_client_arrive_unchanged() {
    let target = Target::start("text_parameters").await;
    let client = target.client();
    for text in nasty_texts() {
        let query = client.query("SELECT {x:String}").param("x", &text);
        assert_eq!(query.fetch_one::<String>().await.unwrap(), text, "{text:?}");
    }
}

#[tokio::test]
async fn text_parameters_compare_equal_to_inserted_text() {
    #[derive(clickhouse::Row, serde::Serialize)]
    struct Text<'a> {
        s: &'a str,
    }
    let target = Target::start("text_equality").await;
    target
        .execute(&["CREATE TABLE t (s String) ENGINE = MergeTree ORDER BY s"])
        .await;
    let client = target.client();
    let mut insert = client.insert::<Text<'_>>("t").await.unwrap();
    for text in &nasty_texts() {
        insert.write(&Text { s: text }).await.unwrap();
    }
    insert.end().await.unwrap();
    for text in nasty_texts() {
        let query = client
            .query("SELECT count() FROM t WHERE s = {x:String}")
            .param("x", &text);
        assert_eq!(query.fetch_one::<u64>().await.unwrap(), 1, "{text:?}");
    }
}

#[tokio::test]
async fn parameters_of_other_types_arrive_unchanged() {
    let target = Target::start("typed_parameters").await;
    let client = target.client();
    let texts: Vec<String> = nasty_texts()
        .into_iter()
        .filter(|text| text.len() < 5000)
        .collect();
    let array = client.query("SELECT {x:Array(String)}").param("x", &texts);
    assert_eq!(array.fetch_one::<Vec<String>>().await.unwrap(), texts);
    let query = client.query("SELECT {a:Int64}, {b:Nullable(String)}, {c:Float64}");
    let query = query
        .param("a", i64::MIN)
        .param("b", None::<String>)
        .param("c", 0.1);
    assert_eq!(
        query
            .fetch_one::<(i64, Option<String>, f64)>()
            .await
            .unwrap(),
        (i64::MIN, None, 0.1)
    );
    let identifier = client
        .query("SELECT count() FROM {t:Identifier}")
        .param("t", "system");
    assert!(
        identifier.fetch_one::<u64>().await.is_err(),
        "an identifier is one name, not SQL"
    );
}

#[tokio::test]
async fn parameters_in_the_url_are_escaped_as_clickhouse_wants_them() {
    let target = Target::start("url_parameters").await;
    let sql = "SELECT hex({x:String})";
    assert_eq!(
        target.text(&[("param_x", "a\\tb\\\\n\\0'")], sql).await,
        "6109625C6E0027"
    );
    assert_eq!(target.text(&[("param_x", "é")], sql).await, "C3A9");
    // A bare tab ends a value: a real server says the same, so nobody may rely on anything else.
    target.refusal(&[("param_x", "a\tb")], sql, 457).await;
}

#[tokio::test]
async fn a_missing_or_mistyped_parameter_is_an_exception() {
    let target = Target::start("missing_parameter").await;
    target.refusal(&[], "SELECT {x:String}", 456).await;
    target
        .refusal(&[("param_x", "seven")], "SELECT {x:UInt8}", 457)
        .await;
    refusal_of(
        target
            .post(&[("param_x", "1")], "SELECT {x:NoSuchType}")
            .await,
        50,
    )
    .await;
}
