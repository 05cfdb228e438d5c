//! The sixth wall: what a session may not see does not leave the origin.

mod closing;

use emban_contract::dashboard::{Chart, DashboardDocument, Layout, Metric, Widget, WidgetKind};
use emban_contract::embed::{
    GroupClick, Grouped, Measured, Surface, SurfaceFilters, SurfaceWidget,
};
use emban_contract::permissions::Permissions;
use emban_contract::{DashboardId, UnixMillis, limits};
use emban_session::VerifiedSession;
use emban_warehouse::View;

/// Who looks at a document.
pub struct Viewer<'a> {
    /// Which dashboard.
    pub dashboard: &'a DashboardId,
    /// What the viewer may see.
    pub permissions: &'a Permissions,
    /// The server's clock.
    pub now: UnixMillis,
    /// Seconds for which the viewer may look.
    pub expires_in: i64,
}

/// Cuts a document down to what a session may see.
pub fn surface(
    document: &DashboardDocument,
    version: u32,
    session: &VerifiedSession,
    now: UnixMillis,
) -> Surface {
    let viewer = Viewer {
        dashboard: session.dashboard(),
        permissions: session.permissions(),
        now,
        expires_in: session.expires_at().seconds().saturating_sub(now.seconds()),
    };
    surface_for(document, version, &viewer)
}

/// Cuts a document down to what a viewer may see.
pub fn surface_for(document: &DashboardDocument, version: u32, viewer: &Viewer<'_>) -> Surface {
    let permissions = viewer.permissions;
    Surface {
        dashboard_id: viewer.dashboard.clone(),
        version,
        name: document.name.clone(),
        description: document.description.clone(),
        filters: filters(&View {
            document,
            permissions,
            now: viewer.now,
        }),
        theme: document.theme.clone(),
        widgets: widgets(document, permissions),
        allow_drill_down: permissions.allow_drill_down,
        allow_export: permissions.allow_export,
        timezone: permissions
            .timezone
            .clone()
            .unwrap_or_else(|| "UTC".to_owned()),
        locale: permissions.locale.clone(),
        allowed_origins: permissions.allowed_origins.clone(),
        refresh: document.refresh.unwrap_or(limits::REFRESH_SECONDS),
        expires_in: viewer.expires_in,
    }
}

fn filters(view: &View<'_>) -> SurfaceFilters {
    let (document, permissions) = (view.document, view.permissions);
    let dimensions = document
        .filters
        .dimensions
        .iter()
        .filter(|d| permissions.allows_dimension(&d.prop))
        .cloned();
    SurfaceFilters {
        periods: view.periods(),
        default_period: view.default_period(),
        dimensions: dimensions.collect(),
        numeric_ranges: document.filters.numeric_ranges.clone(),
        date_range: document.filters.date_range && permissions.longest_dates() != Some(0),
        max_date_range_days: permissions.longest_dates().unwrap_or(0),
    }
}

/// What the session sees of the widgets; it takes the room of what it does not see.
fn widgets(document: &DashboardDocument, permissions: &Permissions) -> Vec<SurfaceWidget> {
    let all = document.widgets.iter();
    let (shown, hidden): (Vec<&Widget>, Vec<_>) = all.partition(|w| permissions.shows(&w.id));
    let mut layouts: Vec<Layout> = shown.iter().map(|widget| widget.layout).collect();
    let hidden = hidden.iter().map(|widget| widget.layout).collect();
    closing::close(&mut layouts, hidden);
    let placed = shown.into_iter().zip(layouts);
    placed
        .map(|(widget, layout)| SurfaceWidget {
            layout,
            ..surface_widget(widget, document, permissions)
        })
        .collect()
}

fn surface_widget(
    widget: &Widget,
    document: &DashboardDocument,
    permissions: &Permissions,
) -> SurfaceWidget {
    let is_stepped = widget.query.as_ref().is_some_and(|q| !q.steps.is_empty());
    let asks = widget.kind != WidgetKind::Text && widget.query.is_some();
    let has_rows = asks && (!is_stepped || widget.chart == Chart::Funnel);
    SurfaceWidget {
        id: widget.id.clone(),
        kind: widget.kind,
        chart: widget.chart,
        title: widget.title.clone(),
        layout: widget.layout,
        options: widget.options.clone(),
        groups: groups(widget, document, permissions),
        period: widget.query.as_ref().and_then(|query| query.period),
        drillable: permissions.allow_drill_down && has_rows,
        measures: if asks && !is_stepped {
            measures(widget)
        } else {
            Vec::new()
        },
    }
}

fn groups(
    widget: &Widget,
    document: &DashboardDocument,
    permissions: &Permissions,
) -> Vec<Grouped> {
    let grouping = widget.query.as_ref().and_then(|q| q.group_by.as_ref());
    let props = grouping.map(|group| group.props()).unwrap_or_default();
    let click = |prop: &String| {
        let offered = &document.filters.dimensions;
        if !permissions.allow_drill_down || !permissions.allows_dimension(prop) {
            None
        } else if offered.iter().any(|dimension| dimension.prop == *prop) {
            Some(GroupClick::Filter)
        } else {
            Some(GroupClick::Rows)
        }
    };
    let each = props.iter().map(|prop| Grouped {
        prop: prop.clone(),
        click: click(prop),
    });
    each.collect()
}

fn measures(widget: &Widget) -> Vec<Measured> {
    let Some(query) = &widget.query else {
        return Vec::new();
    };
    let measured = |metric: Metric, prop: &Option<String>| Measured {
        metric,
        prop: prop.clone().filter(|_| metric.needs_numeric_prop()),
    };
    let second = query.second_metric;
    std::iter::once(measured(query.metric, &query.numeric_prop))
        .chain(second.map(|metric| measured(metric, &query.second_numeric_prop)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What a click on each group of a widget does in a session, and whether the widget has rows.
    fn clicks(query: Value, chart: (&str, &str), granted: Value) -> (Value, bool) {
        let document: DashboardDocument = serde_json::from_value(json!({
            "name": "d", "filters": { "dimensions": [{ "prop": "plan" }] },
            "widgets": [{ "id": "w", "kind": chart.0, "chart": chart.1, "query": query, "layout": { "x": 0, "y": 0, "w": 1, "h": 1 } }],
        }))
        .unwrap();
        let permissions = serde_json::from_value(granted).unwrap();
        let viewer = Viewer {
            dashboard: &DashboardId::new("dash_a").unwrap(),
            permissions: &permissions,
            now: UnixMillis(0),
            expires_in: 60,
        };
        let widget = surface_for(&document, 1, &viewer).widgets.remove(0);
        (
            serde_json::to_value(&widget.groups).unwrap(),
            widget.drillable,
        )
    }

    #[test]
    fn a_click_filters_by_what_the_dashboard_offers_and_else_shows_rows() {
        let two = json!({ "event_name": "e", "group_by": ["plan", "region"] });
        let of = |granted| clicks(two.clone(), ("table", "pivot"), granted);
        let both =
            json!([{ "prop": "plan", "click": "filter" }, { "prop": "region", "click": "rows" }]);
        assert_eq!(of(json!({})), (both, true));
        let none = json!([{ "prop": "plan" }, { "prop": "region" }]);
        assert_eq!(of(json!({ "allow_drill_down": false })), (none, false));
        let one = json!([{ "prop": "plan", "click": "filter" }, { "prop": "region" }]);
        assert_eq!(of(json!({ "allowed_dimensions": ["plan"] })), (one, true));
        let locked = json!([{ "prop": "plan" }, { "prop": "region", "click": "rows" }]);
        assert_eq!(
            of(json!({ "locked_filters": { "plan": "pro" } })),
            (locked, true)
        );
    }

    #[test]
    fn the_steps_of_a_funnel_have_rows_and_a_conversion_has_none() {
        let steps = json!({ "steps": [{ "event_name": "a" }, { "event_name": "b" }] });
        let (groups, has_rows) = clicks(steps.clone(), ("breakdown", "funnel"), json!({}));
        assert_eq!((groups, has_rows), (json!([]), true));
        let mut conversion = steps;
        conversion["metric"] = json!("conversion");
        assert!(!clicks(conversion, ("kpi", "stat"), json!({})).1);
    }
}
