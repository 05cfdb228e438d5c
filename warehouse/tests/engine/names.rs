//! Names and values of properties come back as they were sent, whatever they look like.

use emban_contract::embed::ColumnType;
use emban_contract::event::Event;
use emban_warehouse::operator::{Named, known};
use serde_json::{Value, json};

use crate::bench::{Bench, as_json, at, dashboard, event};

const NOW: &str = "2026-03-15T12:00:00Z";

const NAMES: &[&str] = &[
    "a",
    "a.b",
    "a.b.c",
    ".a",
    "a.",
    "a..b",
    "a b",
    " ",
    "`",
    "'",
    "\"",
    "\\",
    "a`b'c\"d\\e",
    "größe",
    "模型",
    "🎉",
    "e\u{301}",
    "é",
    "%",
    "%2E",
    "a%2Eb",
    "{p0:Identifier}",
    "x.:String",
    "a.:`String`",
    "^a",
    "a[]",
    "null",
    "NULL",
    "1",
    "1a",
    "-",
    "tenant_id",
    "event_name",
    "timestamp",
    "string_props",
    "SELECT",
    "g0",
    "era",
    "A",
    "?",
    "__proto__",
    "a/b",
    "~",
    ",",
    ";",
    "(",
    ")",
];

const VALUES: &[&str] = &[
    "x",
    "'",
    "\"",
    "\\",
    "\\N",
    "\\n",
    "`",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "a\0b",
    "\u{1}",
    "\u{8}\u{c}",
    "{p0:String}",
    "[1,2]",
    "{\"a\":1}",
    "2020-01-01",
    "2020-01-01T00:00:00Z",
    "1",
    "1.5",
    "true",
    "null",
    "NULL",
    "größe",
    "模型",
    "🎉",
    " ",
    "  x  ",
    "?",
    "%",
    "_",
    "' OR 1=1 --",
    "\u{7f}",
    "\u{2028}",
    "\u{feff}",
];

fn count_where(name: &str, values: &[&str]) -> emban_contract::dashboard::DashboardDocument {
    dashboard(
        "kpi",
        "stat",
        json!({"event_name": "e", "where": [{"op": "in", "prop": name, "values": values}]}),
        json!({}),
    )
}

#[tokio::test]
async fn every_name_is_a_property_of_its_own() {
    let bench = Bench::new("names", NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    let texts: Vec<(&str, String)> = NAMES
        .iter()
        .map(|name| (*name, format!("value of {name}")))
        .collect();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let numbers: Vec<(&str, f64)> = NAMES
        .iter()
        .enumerate()
        .map(|(index, name)| (*name, index as f64 + 0.5))
        .collect();
    bench
        .insert(&[
            event("acme", "1", time, &texts, &numbers),
            event("acme", "2", time, &[], &[]),
        ])
        .await;
    let session = bench.session("acme", json!({}));
    for (index, name) in NAMES.iter().enumerate() {
        let sum = dashboard(
            "kpi",
            "stat",
            json!({"event_name": "e", "metric": "sum", "numeric_prop": name}),
            json!({}),
        );
        assert_eq!(
            as_json(bench.ask(&session, &sum, json!({})).await),
            json!({"value": index as f64 + 0.5}),
            "{name:?}"
        );
        let by = dashboard(
            "breakdown",
            "list",
            json!({"event_name": "e", "group_by": name}),
            json!({}),
        );
        let expect = json!([[format!("value of {name}"), 1.0], [null, 1.0]]);
        assert_eq!(
            as_json(bench.ask(&session, &by, json!({})).await)["rows"],
            expect,
            "{name:?}"
        );
    }
    let any = dashboard("kpi", "stat", json!({"event_name": "e"}), json!({}));
    let page = bench.rows(&session, &any, json!({"widget": "w"})).await;
    for name in NAMES {
        for type_ in [ColumnType::String, ColumnType::Number] {
            let found = page
                .columns
                .iter()
                .filter(|column| column.key == *name && column.type_ == type_)
                .count();
            assert_eq!(found, 1, "{name:?} {type_:?}");
        }
    }
}

#[tokio::test]
async fn every_value_is_found_by_itself_and_by_nothing_else() {
    let bench = Bench::new("values", NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    let events: Vec<Event> = VALUES
        .iter()
        .enumerate()
        .map(|(index, value)| event("acme", &index.to_string(), time, &[("p", value)], &[]))
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    for value in VALUES {
        assert_eq!(
            as_json(
                bench
                    .ask(&session, &count_where("p", &[value]), json!({}))
                    .await
            ),
            json!({"value": 1.0}),
            "{value:?}"
        );
    }
    let by = dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "p", "limit": 1000}),
        json!({}),
    );
    let answer = as_json(bench.ask(&session, &by, json!({})).await);
    let mut found: Vec<&str> = answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row[0].as_str().unwrap())
        .collect();
    let mut expect = VALUES.to_vec();
    found.sort_unstable();
    expect.sort_unstable();
    assert_eq!(found, expect);
    // A point of the chart leads to its own rows.
    for value in VALUES {
        let rows = bench
            .rows(
                &session,
                &by,
                json!({"widget": "w", "point": {"group": [value]}}),
            )
            .await;
        assert_eq!(rows.rows.len(), 1, "{value:?}");
    }
    // A search is text, not a pattern.
    let search = |text: &str| json!({"dimension": "p", "search": text});
    let found = bench
        .values(&session, &by, search("GRÖSS"))
        .await
        .values
        .len();
    assert_eq!(found, 0);
    for (text, expect) in [("GRÖß", 1), ("%", 1), ("_", 1), ("or 1=1", 1), ("\\", 3)] {
        assert_eq!(
            bench.values(&session, &by, search(text)).await.values.len(),
            expect,
            "{text}"
        );
    }
}

#[tokio::test]
async fn missing_and_empty_are_two_groups_and_one_filter() {
    let bench = Bench::new("missing", NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    let mut events = vec![
        event("acme", "1", time, &[("p", "")], &[("n", 1.0)]),
        event("acme", "2", time, &[], &[("n", 2.0)]),
        event("acme", "3", time, &[], &[]),
        event("acme", "4", time, &[("p", "x")], &[("n", -0.0)]),
    ];
    events[3].user_id = "u".to_owned();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    let ask = async |query: Value| {
        let kind = if query.get("group_by").is_some() {
            ("breakdown", "list")
        } else {
            ("kpi", "stat")
        };
        as_json(
            bench
                .ask(
                    &session,
                    &dashboard(kind.0, kind.1, query, json!({})),
                    json!({}),
                )
                .await,
        )
    };
    assert_eq!(
        ask(json!({"event_name": "e", "group_by": "p"})).await["rows"],
        json!([[null, 2.0], ["", 1.0], ["x", 1.0]])
    );
    assert_eq!(
        ask(json!({"event_name": "e", "group_by": "user_id"})).await["rows"],
        json!([[null, 3.0], ["u", 1.0]])
    );
    for (condition, expect) in [
        (json!({"op": "in", "prop": "p", "values": [""]}), 3.0),
        (json!({"op": "in", "prop": "p", "values": ["x", ""]}), 4.0),
        (json!({"op": "not_in", "prop": "p", "values": ["x"]}), 3.0),
        (json!({"op": "not_in", "prop": "p", "values": [""]}), 1.0),
        (json!({"op": "in", "prop": "never", "values": [""]}), 4.0),
        (json!({"op": "between", "prop": "n", "min": 0.0}), 3.0),
        (json!({"op": "between", "prop": "n", "max": 1.0}), 2.0),
        (
            json!({"op": "between", "prop": "never", "min": -1e300}),
            0.0,
        ),
        (json!({"op": "in", "prop": "user_id", "values": [""]}), 3.0),
    ] {
        assert_eq!(
            ask(json!({"event_name": "e", "where": [condition]})).await,
            json!({"value": expect}),
            "{condition}"
        );
    }
    assert_eq!(
        ask(json!({"event_name": "e", "metric": "avg", "numeric_prop": "n"})).await,
        json!({"value": 1.0})
    );
    assert_eq!(
        ask(json!({"event_name": "e", "metric": "avg", "numeric_prop": "never"})).await,
        json!({"value": null})
    );
    assert_eq!(
        ask(json!({"event_name": "e", "metric": "sum", "numeric_prop": "never"})).await,
        json!({"value": 0.0})
    );
    assert_eq!(
        ask(json!({"event_name": "e", "metric": "count_unique"})).await,
        json!({"value": 1.0})
    );
    let by = dashboard(
        "breakdown",
        "list",
        json!({"event_name": "e", "group_by": "p"}),
        json!({}),
    );
    for (group, expect) in [(json!([null]), 2), (json!([""]), 1), (json!(["x"]), 1)] {
        let rows = bench
            .rows(
                &session,
                &by,
                json!({"widget": "w", "point": {"group": group}}),
            )
            .await;
        assert_eq!(rows.rows.len(), expect, "{group}");
    }
}

#[tokio::test]
async fn numbers_keep_every_bit() {
    let bench = Bench::new("numbers", NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    let numbers = [
        0.1,
        1.0 / 3.0,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        1e-7,
        123_456_789.123_456_79,
        -9_007_199_254_740_993.0,
        2.5e22,
        0.0,
    ];
    let events: Vec<Event> = numbers
        .iter()
        .enumerate()
        .map(|(index, n)| event("acme", &index.to_string(), time, &[], &[("n", *n)]))
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    for number in numbers {
        // Both bounds are the number itself: one bit astray, on the way in or in the filter, and it is not found.
        let query = json!({"event_name": "e", "metric": "sum", "numeric_prop": "n",
            "where": [{"op": "between", "prop": "n", "min": number, "max": number}]});
        let answer = as_json(
            bench
                .ask(
                    &session,
                    &dashboard("kpi", "stat", query, json!({})),
                    json!({}),
                )
                .await,
        );
        assert_eq!(
            answer["value"].as_f64().unwrap().to_bits(),
            number.to_bits(),
            "{number}"
        );
    }
    // A sum beyond the largest number is no number; it is not written as one.
    let query = json!({"event_name": "e", "metric": "sum", "numeric_prop": "n"});
    let twice = event("acme", "again", time, &[], &[("n", f64::MAX)]);
    bench.insert(&[twice]).await;
    let answer = as_json(
        bench
            .ask(
                &session,
                &dashboard("kpi", "stat", query, json!({})),
                json!({}),
            )
            .await,
    );
    assert_eq!(answer, json!({"value": null}));
}

#[tokio::test]
async fn more_names_than_columns_are_as_exact() {
    let bench = Bench::new("many-names", NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    // 3000 names are three times what the engine gives a column of their own.
    let events: Vec<Event> = (0..30)
        .map(|group| {
            let names: Vec<String> = (0..100).map(|n| format!("p.{}", group * 100 + n)).collect();
            let texts: Vec<(&str, &str)> = names
                .iter()
                .map(|name| (name.as_str(), name.as_str()))
                .collect();
            event(
                "acme",
                &group.to_string(),
                time,
                &texts,
                &[("n", f64::from(group))],
            )
        })
        .collect();
    bench.insert(&events).await;
    let session = bench.session("acme", json!({}));
    for n in [0, 999, 1024, 2048, 2999] {
        let name = format!("p.{n}");
        let answer = bench
            .ask(&session, &count_where(&name, &[&name]), json!({}))
            .await;
        assert_eq!(as_json(answer), json!({"value": 1.0}), "{name}");
    }
}

#[tokio::test]
async fn a_name_is_known_once_any_tenant_sent_it() {
    let bench = Bench::new("known", NOW).await;
    let time = at("2026-03-14T10:00:00Z");
    bench
        .insert(&[
            event("acme", "1", time, &[("model", "m")], &[("tokens", 1.0)]),
            event("globex", "1", time, &[("plan.of it", "")], &[]),
        ])
        .await;
    let of = |event: &str, prop: &str| (Some(event.to_owned()), prop.to_owned());
    let text = |(event, prop)| Named::Text(event, prop);
    let number = |(event, prop)| Named::Number(event, prop);
    let asked = [
        (Named::Event("e".to_owned()), true),
        (Named::Event("E".to_owned()), false),
        (text(of("e", "model")), true),
        (text(of("e", "plan.of it")), true),
        (text((None, "model".to_owned())), true),
        (text(of("other", "model")), false),
        (text(of("e", "modell")), false),
        (text(of("e", "tokens")), false),
        (number(of("e", "tokens")), true),
        (number((None, "tokens".to_owned())), true),
        (number(of("e", "model")), false),
        (number(of("e", "x') OR 1=1 --")), false),
    ];
    let names: Vec<Named> = asked.iter().map(|(named, _)| named.clone()).collect();
    let found = known(&bench.warehouse, &bench.environment, &names).await;
    let found = names.into_iter().zip(found.unwrap());
    assert_eq!(found.collect::<Vec<_>>(), asked);
    // More than one statement holds.
    let many = vec![Named::Event("e".to_owned()); 120];
    let found = known(&bench.warehouse, &bench.environment, &many).await;
    assert_eq!(found.unwrap(), vec![true; 120]);
}
