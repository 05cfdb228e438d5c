//! The sixth wall: what a session may not see does not leave the origin.

mod closing;

use emban_contract::dashboard::{DashboardDocument, Layout, Metric, Widget, WidgetKind};
use emban_contract::embed::{Measured, Surface, SurfaceFilters, SurfaceWidget};
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
            ..surface_widget(widget, permissions)
        })
        .collect()
}

fn surface_widget(widget: &Widget, permissions: &Permissions) -> SurfaceWidget {
    let grouping = widget
        .query
        .as_ref()
        .and_then(|query| query.group_by.as_ref());
    let click = grouping
        .and_then(|group| group.props().first())
        .filter(|prop| permissions.allows_dimension(prop));
    let asks_rows = widget.kind != WidgetKind::Text
        && widget.query.as_ref().is_some_and(|q| q.steps.is_empty());
    SurfaceWidget {
        id: widget.id.clone(),
        kind: widget.kind,
        chart: widget.chart,
        title: widget.title.clone(),
        layout: widget.layout,
        options: widget.options.clone(),
        click_dimension: click.filter(|_| permissions.allow_drill_down).cloned(),
        period: widget.query.as_ref().and_then(|query| query.period),
        drillable: permissions.allow_drill_down && asks_rows,
        measures: if asks_rows {
            measures(widget)
        } else {
            Vec::new()
        },
    }
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
