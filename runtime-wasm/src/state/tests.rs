//! How a dashboard changes, without a browser.

use std::cell::RefCell;
use std::rc::Rc;

use emban_contract::ProblemCode;
use emban_contract::embed::ValuesAnswer;

use super::*;
use crate::json::Json;
use crate::protocol;
use crate::wire::{self, Answer};

struct Bench {
    dashboard: Rc<Dashboard>,
    effects: Rc<RefCell<Vec<Effect>>>,
}

fn surface(extra: serde_json::Value) -> Surface {
    let mut surface = serde_json::json!({
        "dashboard_id": "dash_a", "version": 1, "name": "Usage",
        "filters": { "periods": ["7d", "30d"], "default_period": "30d", "dimensions": [{ "prop": "model", "multi": true }],
                     "numeric_ranges": [], "date_range": false, "max_date_range_days": 0 },
        "widgets": [
            { "id": "total", "kind": "kpi", "chart": "stat", "title": "Total", "layout": { "x": 0, "y": 0, "w": 3, "h": 2 } },
            { "id": "models", "kind": "breakdown", "chart": "donut", "title": "Models", "layout": { "x": 3, "y": 0, "w": 3, "h": 2 } },
            { "id": "note", "kind": "text", "chart": "text", "title": "", "layout": { "x": 6, "y": 0, "w": 3, "h": 2 } }
        ],
        "allow_drill_down": true, "allow_export": true, "timezone": "UTC", "refresh": 15, "expires_in": 3600
    });
    if let (Some(members), serde_json::Value::Object(extra)) = (surface.as_object_mut(), extra) {
        members.extend(extra);
    }
    serde_json::from_value(surface).unwrap()
}

fn answer(total: f64) -> Answer {
    let text = serde_json::json!({ "version": 1, "results": {
        "total": { "status": "ok", "data": { "value": total }, "freshness": "2026-03-01T00:00:10Z" },
        "models": { "status": "ok", "data": { "columns": [], "rows": [] }, "freshness": "2026-03-01T00:00:05Z" }
    } })
    .to_string();
    wire::answer(&Json::parse(&text).unwrap()).unwrap()
}

fn choice(text: &str) -> Choice {
    protocol::filters(&Json::parse(text).unwrap()).unwrap()
}

/// A dashboard with its first figures.
fn bench() -> Bench {
    let effects = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&effects);
    let dashboard = Dashboard::new(
        Language::from_tag("en"),
        |_, _| 0,
        Box::new(move |effect| seen.borrow_mut().push(effect)),
    );
    dashboard.apply_surface(surface(serde_json::json!({})));
    dashboard.apply_answer(
        answer(42.0),
        &dashboard.choice.get(),
        UnixMillis(1_772_323_220_000),
    );
    Bench { dashboard, effects }
}

fn tile(bench: &Bench, id: &str) -> Tile {
    bench.dashboard.tiles.with(|tiles| {
        tiles
            .iter()
            .find(|(found, _)| found.as_str() == id)
            .unwrap()
            .1
            .clone()
    })
}

#[test]
fn the_oldest_figure_dates_the_screen() {
    let bench = bench();
    let freshness = bench.dashboard.freshness.get().unwrap();
    assert_eq!(freshness.read_at.to_string(), "2026-03-01T00:00:05Z");
    assert!(
        matches!(bench.effects.borrow().last(), Some(Effect::Emit(Outbound::Data { freshness })) if freshness.0 == 1_772_323_205_000)
    );
}

#[test]
fn a_new_session_finds_nothing_of_the_former_tenant() {
    let bench = bench();
    bench.dashboard.toggle_value("model", "secret-model");
    bench
        .dashboard
        .toggle_panel(Panel::Dimension("model".into()));
    let asked = bench.dashboard.values.get();
    let found: ValuesAnswer =
        serde_json::from_str(r#"{"values":[{"value":"secret-model","count":3}]}"#).unwrap();
    bench.dashboard.apply_values(&asked, Ok(found));
    bench
        .dashboard
        .drill(WidgetId::new("total").unwrap(), None, "secret".into());

    bench.dashboard.forget();

    assert_eq!(tile(&bench, "total"), Tile::Loading);
    assert_eq!(
        bench.dashboard.choice.get(),
        Choice::initial(&surface(serde_json::json!({})))
    );
    assert!(bench.dashboard.sheet.get().is_none() && bench.dashboard.panel.get().is_none());
    assert_eq!(bench.dashboard.values.get(), ValueList::default());
    assert!(bench.dashboard.freshness.get().is_none());
    assert!(bench.dashboard.surface.get().is_some(), "the layout stays");
    bench.dashboard.forget_dashboard();
    assert!(bench.dashboard.surface.get().is_none());
}

#[test]
fn the_viewers_choice_is_asked_for_and_told_to_the_host() {
    let bench = bench();
    bench.effects.borrow_mut().clear();
    bench.dashboard.toggle_value("model", "m-1");
    let filters = bench.dashboard.choice.get();
    assert_eq!(
        *bench.effects.borrow(),
        [
            Effect::Emit(Outbound::Filter(filters)),
            Effect::Query {
                widgets: None,
                caches: Caches::Allowed
            }
        ]
    );
    bench.effects.borrow_mut().clear();
    bench.dashboard.toggle_value("unknown", "x");
    bench
        .dashboard
        .choose_period(emban_contract::dashboard::Period::DEFAULT);
    assert!(bench.effects.borrow().is_empty(), "nothing changed");
}

#[test]
fn the_hosts_choice_is_not_told_back_to_it() {
    let bench = bench();
    bench.effects.borrow_mut().clear();
    bench
        .dashboard
        .host_filters(choice(r#"{"period":"7d","dimensions":{"model":"m-1"}}"#));
    assert_eq!(
        *bench.effects.borrow(),
        [Effect::Query {
            widgets: None,
            caches: Caches::Allowed
        }]
    );
    bench
        .dashboard
        .host_filters(choice(r#"{"dimensions":{"plan":"pro"}}"#));
    assert!(bench.effects.borrow().iter().any(
        |e| matches!(e, Effect::Emit(Outbound::Error { message, .. }) if message.contains("plan"))
    ));
}

#[test]
fn filters_of_the_host_are_taken_whole_or_not_at_all() {
    let told = |bench: &Bench| {
        let errors = bench.effects.borrow_mut().split_off(0);
        let said = |effect| match effect {
            Effect::Emit(Outbound::Error { code, message }) => Some((code, message)),
            _ => None,
        };
        errors.into_iter().filter_map(said).collect::<Vec<_>>()
    };
    let refused = [(
        "not_permitted".to_owned(),
        "filters: not offered by this session: plan, 90d".to_owned(),
    )];
    let asked = || choice(r#"{"period":"90d","dimensions":{"model":"m-2","plan":"pro"}}"#);
    let bench = bench();
    let before = choice(r#"{"period":"7d","dimensions":{"model":"m-1"}}"#);
    bench.dashboard.host_filters(before.clone());
    assert!(told(&bench).is_empty());
    bench.dashboard.host_filters(asked());
    assert_eq!(
        bench.dashboard.choice.get(),
        before,
        "those set before hold"
    );
    assert_eq!(told(&bench), refused);

    // A session that offers less leaves what it can of what was chosen.
    let less = serde_json::json!({ "filters": { "periods": ["30d"], "default_period": "30d", "dimensions": [{ "prop": "model", "multi": true }],
        "numeric_ranges": [], "date_range": false, "max_date_range_days": 0 } });
    bench.dashboard.apply_surface(surface(less));
    assert_eq!(bench.dashboard.choice.get().chosen("model"), ["m-1"]);
    assert!(told(&bench).is_empty());

    bench.dashboard.forget_dashboard();
    bench.dashboard.host_filters(asked());
    let offered = surface(serde_json::json!({}));
    bench.dashboard.apply_surface(offered.clone());
    assert_eq!(bench.dashboard.choice.get(), Choice::initial(&offered));
    assert_eq!(
        told(&bench),
        refused,
        "what was given at first is looked at then"
    );
}

#[test]
fn a_failed_reload_keeps_figures_that_still_hold() {
    let bench = bench();
    bench.dashboard.fail_query(None, None, "offline");
    assert!(matches!(tile(&bench, "total"), Tile::Ready(_)));
    assert_eq!(bench.dashboard.trouble.get(), Some(None));

    bench.dashboard.toggle_value("model", "m-1");
    bench
        .dashboard
        .fail_query(None, Some(ProblemCode::Timeout), "slow");
    assert_eq!(
        tile(&bench, "total"),
        Tile::Failed(Some(ProblemCode::Timeout)),
        "the old figures answer another question"
    );
}

#[test]
fn a_session_that_ran_out_keeps_its_figures_and_a_revoked_one_does_not() {
    let bench = bench();
    bench.dashboard.end(ProblemCode::SessionExpired);
    assert_eq!(bench.dashboard.status.get(), Status::Expired);
    assert!(matches!(tile(&bench, "total"), Tile::Ready(_)));
    bench.dashboard.end(ProblemCode::SessionRevoked);
    assert_eq!(tile(&bench, "total"), Tile::Loading);
    assert!(bench.dashboard.surface.get().is_none());
}

#[test]
fn a_token_that_never_opened_anything_is_an_error_and_no_end() {
    let fresh = || {
        let bench = bench();
        bench.dashboard.forget_dashboard();
        bench.effects.borrow_mut().clear();
        bench
    };
    let never = fresh();
    never.dashboard.end(ProblemCode::Unauthorized);
    assert_eq!(
        never.dashboard.status.get(),
        Status::Failed(Some(ProblemCode::Unauthorized))
    );
    assert!(
        matches!(&never.effects.borrow()[..], [Effect::Emit(Outbound::Error { code, .. })] if code == "unauthorized")
    );
    let late = fresh();
    late.dashboard.end(ProblemCode::SessionExpired);
    assert_eq!(
        *late.effects.borrow(),
        [Effect::Emit(Outbound::SessionExpired)]
    );
    let once = bench();
    once.effects.borrow_mut().clear();
    once.dashboard.end(ProblemCode::Unauthorized);
    assert_eq!(
        *once.effects.borrow(),
        [Effect::Emit(Outbound::SessionExpired)]
    );
}

#[test]
fn a_quiet_refresh_asks_once_and_never_after_the_end() {
    let bench = bench();
    bench.effects.borrow_mut().clear();
    bench.dashboard.refresh_quietly();
    assert!(!bench.dashboard.busy.get(), "the screen does not say so");
    assert_eq!(bench.effects.borrow().len(), 1);
    bench.dashboard.reload();
    bench.effects.borrow_mut().clear();
    bench.dashboard.refresh_quietly();
    assert!(
        bench.effects.borrow().is_empty(),
        "the viewer's own question is on its way"
    );
    bench.dashboard.end(ProblemCode::SessionExpired);
    bench.effects.borrow_mut().clear();
    bench.dashboard.refresh_quietly();
    assert!(bench.effects.borrow().is_empty());
}

#[test]
fn an_equal_surface_leaves_the_cards_and_a_changed_one_fits_them() {
    let bench = bench();
    let before = bench.dashboard.surface.get().unwrap();
    bench
        .dashboard
        .apply_surface(surface(serde_json::json!({ "expires_in": 12 })));
    assert!(Arc::ptr_eq(
        &before,
        &bench.dashboard.surface.get().unwrap()
    ));
    bench
        .dashboard
        .apply_surface(surface(serde_json::json!({ "widgets": [] })));
    assert!(bench.dashboard.tiles.get().is_empty());
}

#[test]
fn a_page_of_rows_that_nobody_waits_for_is_dropped() {
    let bench = bench();
    bench
        .dashboard
        .drill(WidgetId::new("total").unwrap(), None, "Total".into());
    let asked = bench.dashboard.sheet.get().unwrap();
    bench
        .dashboard
        .drill(WidgetId::new("models").unwrap(), None, "Models".into());
    let page = serde_json::from_str(
        r#"{"columns":[{"key":"a","type":"string"}],"rows":[["x"]],"next_cursor":null}"#,
    )
    .unwrap();
    bench.dashboard.apply_rows(&asked, Ok(page));
    assert!(bench.dashboard.sheet.get().unwrap().rows.is_empty());
}

#[test]
fn dates_that_cannot_be_taken_are_refused_where_they_were_typed() {
    let bench = bench();
    let dashboard = &bench.dashboard;
    let now = UnixMillis::parse("2026-03-08T23:30:00Z").unwrap();
    dashboard.now.set(now);
    dashboard.toggle_panel(Panel::Dates);
    dashboard.choose_dates("2026-03-07", "2026-03-01");
    assert_eq!(dashboard.refused_dates.get(), Some(DatesError::Backwards));
    assert_eq!(dashboard.panel.get(), Some(Panel::Dates));
    dashboard.choose_dates("2026-03-01", "2026-03-07");
    assert_eq!(dashboard.panel.get(), None);
    assert!(dashboard.choice.get().dates.is_some());
    dashboard.toggle_panel(Panel::Dates);
    assert_eq!(dashboard.refused_dates.get(), None, "a panel opens anew");
    dashboard.choose_dates("2026-03-12", "2026-03-14");
    assert_eq!(dashboard.refused_dates.get(), Some(DatesError::Backwards));
    dashboard.choose_dates("2026-03-08", "2026-03-14");
    let until = dashboard
        .choice
        .get()
        .dates
        .map(|dates| dates.to.to_string());
    assert_eq!(
        until.as_deref(),
        Some("2026-03-09T00:00:00Z"),
        "nothing is after today"
    );
}

#[test]
fn a_saved_file_closes_its_panel_and_is_told_to_the_host_and_a_failure_keeps_it() {
    let bench = bench();
    let dashboard = &bench.dashboard;
    let widget = WidgetId::new("total").unwrap();
    let panel = Panel::Save("total".to_owned());
    dashboard.toggle_panel(panel.clone());
    dashboard.save_figures(widget.clone());
    assert_eq!(
        bench.effects.borrow().last(),
        Some(&Effect::Save(widget.clone()))
    );
    dashboard.saved(widget.clone(), "csv", Err(Some(ProblemCode::RateLimited)));
    assert_eq!(dashboard.panel.get(), Some(panel));
    assert_eq!(
        dashboard.file.get(),
        Fetch::Failed(Some(ProblemCode::RateLimited))
    );
    dashboard.saved(widget.clone(), "csv", Ok(()));
    assert_eq!(dashboard.panel.get(), None);
    let told = Effect::Emit(Outbound::Export {
        widget,
        format: "csv",
    });
    assert_eq!(bench.effects.borrow().last(), Some(&told));
}

#[test]
fn closing_says_whether_anything_was_open() {
    let bench = bench();
    assert_eq!(bench.dashboard.close(), Was::Closed);
    bench.dashboard.toggle_panel(Panel::Dates);
    assert!(bench.dashboard.is_covered());
    assert_eq!(bench.dashboard.close(), Was::Open);
    assert!(!bench.dashboard.is_covered());
}
