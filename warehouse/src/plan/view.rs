//! A published dashboard as one session sees it at one moment.

use emban_contract::dashboard::{DashboardDocument, Period, Widget, WidgetKind};
use emban_contract::embed::QueryRequest;
use emban_contract::filters::ViewerFilters;
use emban_contract::permissions::Permissions;
use emban_contract::{UnixMillis, WidgetId};

use super::period::{Window, Zone};
use super::{Plan, PlanError, Predicate, Span, filters, widget};

/// The choices of the period selector when the document names none, in hours and days.
const USUAL_PERIODS: [&str; 4] = ["24h", "7d", "30d", "90d"];

/// A published dashboard as one session sees it at one moment. Everything a session asks is planned here.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The published version.
    pub document: &'a DashboardDocument,
    /// Of the session that asks.
    pub permissions: &'a Permissions,
    /// The server's clock.
    pub now: UnixMillis,
}

/// A view with its time zone looked up.
#[derive(Debug)]
pub(crate) struct Planner<'a> {
    pub(crate) view: View<'a>,
    pub(crate) zone: Zone,
}

/// One widget of a request and what became of its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Which widget.
    pub id: WidgetId,
    /// Its plan, or why there is none. A hidden widget and one that never was are the same.
    pub plan: Result<Plan, PlanError>,
}

impl<'a> View<'a> {
    /// The choices of the period selector: the document's (or the usual ones) that the session allows, as in the surface.
    pub fn periods(&self) -> Vec<Period> {
        let usual = || {
            USUAL_PERIODS
                .iter()
                .filter_map(|text| Period::parse(text).ok())
                .collect()
        };
        let listed = &self.document.filters.periods;
        let offered: Vec<Period> = if listed.is_empty() {
            usual()
        } else {
            listed.clone()
        };
        offered
            .into_iter()
            .filter(|period| self.may_choose(*period))
            .collect()
    }

    /// The period that applies when the viewer chooses none: the document's if the session allows it, else the first that is
    /// both offered and allowed, else the longest allowed; a session that allows none sees the document's, or as much of it
    /// as its longest range covers.
    pub fn default_period(&self) -> Period {
        let wanted = self
            .document
            .filters
            .default_period
            .unwrap_or(Period::DEFAULT);
        if self.may_choose(wanted) {
            return wanted;
        }
        let allowed = self
            .permissions
            .allowed_periods
            .iter()
            .flatten()
            .copied()
            .filter(|period| self.may_choose(*period));
        let longest = || allowed.max_by_key(|period| (period.max_days(), period.count));
        let last_resort = || {
            if wanted.max_days() <= self.longest_days() {
                wanted
            } else {
                Period {
                    count: self.longest_days().min(9999),
                    ..Period::DEFAULT
                }
            }
        };
        self.periods()
            .first()
            .copied()
            .or_else(longest)
            .unwrap_or_else(last_resort)
    }

    /// The dimensions that the viewer may filter by and list values of, sorted.
    pub fn dimensions(&self) -> Vec<&'a str> {
        filters::dimensions(self.document, self.permissions)
            .into_iter()
            .collect()
    }

    /// Whether a widget is there for this session.
    ///
    /// One that groups by a locked property is: the filter narrows its groups, as it does every query's.
    pub fn shows(&self, widget: &Widget) -> bool {
        self.permissions.shows(&widget.id)
    }

    /// Plans the widgets of a request, in its order; all that ask something when it names none.
    ///
    /// Errors: filters that are not valid or not permitted fail the whole request; anything else only its own widget.
    pub fn widgets(&self, request: &QueryRequest) -> Result<Vec<Planned>, PlanError> {
        let planner = self.planner()?;
        let chosen = planner.chosen(&request.filters, None)?;
        let window = planner.viewer_window(&request.filters)?;
        let all = || {
            let asking = self
                .document
                .widgets
                .iter()
                .filter(|widget| self.shows(widget) && widget.kind != WidgetKind::Text);
            asking.map(|widget| widget.id.clone()).collect()
        };
        let ids: Vec<WidgetId> = request.widgets.clone().unwrap_or_else(all);
        let plan = |id: &WidgetId| widget::plan(&planner, self.widget(id)?, window, &chosen);
        Ok(ids
            .into_iter()
            .map(|id| Planned {
                plan: plan(&id),
                id,
            })
            .collect())
    }

    /// Errors: `Invalid` if the session names a time zone that does not exist.
    pub(crate) fn planner(&self) -> Result<Planner<'a>, PlanError> {
        let zone = match &self.permissions.timezone {
            None => Zone::utc(),
            Some(name) => Zone::named(name).ok_or_else(|| {
                PlanError::invalid("/permissions/timezone", "is not an IANA time zone")
            })?,
        };
        let zone = zone.with_weeks_of(self.permissions.locale.as_deref());
        Ok(Planner { view: *self, zone })
    }

    /// Finds a widget that the session sees.
    pub(crate) fn widget(&self, id: &WidgetId) -> Result<&'a Widget, PlanError> {
        let found = self
            .document
            .widgets
            .iter()
            .find(|widget| widget.id == *id && self.shows(widget));
        found.ok_or(PlanError::NotFound)
    }

    /// Whether the document lets its viewers see a period: any, unless it lists some and takes no dates.
    fn offers(&self, period: Period) -> bool {
        let filters = &self.document.filters;
        filters.date_range
            || filters.periods.is_empty()
            || filters.periods.contains(&period)
            || period == self.default_period()
    }

    fn may_choose(&self, period: Period) -> bool {
        self.permissions.allows_period(period) && period.max_days() <= self.longest_days()
    }

    fn longest_days(&self) -> u32 {
        match self.permissions.max_date_range_days {
            0 => u32::MAX,
            days => days,
        }
    }
}

impl Planner<'_> {
    /// The session's filters and the viewer's.
    pub(crate) fn chosen(
        &self,
        filters: &ViewerFilters,
        but: Option<&str>,
    ) -> Result<Vec<Predicate>, PlanError> {
        let mut predicates = filters::locked(self.view.permissions);
        predicates.extend(filters::chosen(
            filters,
            self.view.document,
            self.view.permissions,
            but,
        )?);
        Ok(predicates)
    }

    /// The time that the viewer has chosen.
    pub(crate) fn viewer_window(&self, filters: &ViewerFilters) -> Result<Window, PlanError> {
        if let Some(name) = filters.date_ranges.keys().find(|name| *name != "timestamp") {
            let path = [
                "/filters/dateRanges/",
                &emban_contract::problem::pointer_segment(name),
            ]
            .concat();
            return Err(PlanError::invalid(path, "is not `timestamp`"));
        }
        if let Some(range) = filters.date_ranges.get("timestamp") {
            if !self.view.document.filters.date_range {
                return Err(PlanError::invalid(
                    "/filters/dateRanges",
                    "this dashboard takes no dates of the viewer's own",
                ));
            }
            if range.from >= range.to {
                return Err(PlanError::invalid(
                    "/filters/dateRanges/timestamp",
                    "must begin before it ends",
                ));
            }
            let dates = Window::of_dates(Span {
                from: range.from.0,
                to: range.to.0,
            });
            return self.bounded(dates, self.view.permissions.longest_dates());
        }
        let Some(period) = filters.period else {
            return self.window(self.view.default_period());
        };
        if !self.view.permissions.allows_period(period) {
            return Err(PlanError::NotPermitted {
                what: "this period",
            });
        }
        if !self.view.offers(period) {
            return Err(PlanError::invalid(
                "/filters/period",
                "is none of the periods that this dashboard offers",
            ));
        }
        self.window(period)
    }

    /// A period's time, if the session may see so long a range.
    pub(crate) fn window(&self, period: Period) -> Result<Window, PlanError> {
        let most = self.view.permissions.max_date_range_days;
        let window = Window::of_period(period, self.view.now.0, &self.zone);
        self.bounded(window, (most > 0).then_some(most))
    }

    /// The part of a span that the session may read.
    pub(crate) fn readable(&self, span: Span) -> Span {
        let first = self
            .view
            .permissions
            .not_before
            .map_or(i64::MIN, |instant| instant.0);
        Span {
            from: span.from.max(first).min(span.to.max(first)),
            to: span.to.max(first),
        }
    }

    /// The window, if it covers at most so many days.
    fn bounded(&self, window: Window, most: Option<u32>) -> Result<Window, PlanError> {
        if most.is_none_or(|most| window.fits_days(most, &self.zone)) {
            Ok(window)
        } else {
            Err(PlanError::NotPermitted {
                what: "so long a range of time",
            })
        }
    }
}
