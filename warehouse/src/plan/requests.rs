//! Plans of drill-down and of the values of a dimension.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emban_contract::dashboard::{Chart, Metric, Widget, WidgetKind, WidgetQuery};
use emban_contract::embed::{Point, RowsRequest, ValuesRequest};
use emban_contract::limits;

use super::view::Planner;
use super::{
    Feed, Field, Funnel, Plan, PlanError, Predicate, Question, RowsPlan, Source, ValuesPlan, View,
    VisibleProperties, filters, offsets, widget,
};

impl View<'_> {
    /// Plans a page of the events behind a number.
    ///
    /// Errors: `NotPermitted` without `allow_drill_down`, or when the point names the value of a dimension that is not the
    /// viewer's; `Invalid` for a point that the widget does not have, a bad cursor, a page over the limit.
    pub fn rows(&self, request: &RowsRequest) -> Result<RowsPlan, PlanError> {
        if !self.permissions.allow_drill_down {
            return Err(PlanError::NotPermitted {
                what: "detail rows",
            });
        }
        let planner = self.planner()?;
        let chosen = planner.chosen(&request.filters, None)?;
        let window = planner.viewer_window(&request.filters)?;
        let widget = self.widget(&request.widget)?;
        let query = widget::asking(widget)?;
        let counts_users = widget.chart == Chart::Funnel || query.metric == Metric::Conversion;
        if counts_users && (widget.chart != Chart::Funnel || request.point.is_none()) {
            return Err(PlanError::invalid(
                "/widget",
                "counts users, not events: only the steps of a funnel have detail rows",
            ));
        }
        let Plan {
            mut source,
            question,
        } = widget::plan(&planner, widget, window, &chosen)?;
        source.previous = None;
        match (&request.point, &question) {
            (Some(point), Question::Funnel(funnel)) => narrow_to_step(&mut source, funnel, point)?,
            (Some(point), _) => planner.narrow(&mut source, &question, widget, query, point)?,
            (None, _) => {}
        }
        let limit = request.limit.unwrap_or(limits::DRILL_PAGE_ROWS);
        if !(1..=limits::DRILL_PAGE_MAX_ROWS).contains(&limit) {
            return Err(PlanError::invalid("/limit", "must be 1 to 500"));
        }
        let after = request.cursor.as_deref().map(parse_cursor).transpose()?;
        Ok(RowsPlan {
            source,
            after,
            limit,
            most: self.permissions.max_drill_rows,
            visible: self.visible_properties(query),
        })
    }

    /// Plans the values of a dimension, among the events that the dashboard's widgets count.
    ///
    /// Errors: `NotPermitted` for a dimension that the session forbids or locks, `Invalid` for one that nobody offers.
    pub fn values(&self, request: &ValuesRequest) -> Result<ValuesPlan, PlanError> {
        if !self.permissions.allows_dimension(&request.dimension) {
            return Err(PlanError::NotPermitted {
                what: "this dimension",
            });
        }
        if !self.dimensions().contains(&request.dimension.as_str()) {
            return Err(PlanError::invalid(
                "/dimension",
                "is not a dimension of this dashboard",
            ));
        }
        let limit = request.limit.unwrap_or(limits::DIMENSION_VALUES);
        if !(1..=limits::DIMENSION_VALUES).contains(&limit) {
            return Err(PlanError::invalid("/limit", "must be 1 to 200"));
        }
        let mut event_names: Vec<String> = self
            .document
            .widgets
            .iter()
            .filter(|widget| self.shows(widget))
            .filter_map(|widget| Some(widget::event_names(widget, widget.query.as_ref()?)))
            .flatten()
            .collect();
        event_names.sort_unstable();
        event_names.dedup();
        let planner = self.planner()?;
        let source = Source {
            feed: Feed::Events,
            event_names,
            filters: planner.chosen(&request.filters, Some(&request.dimension))?,
            current: planner.readable(planner.viewer_window(&request.filters)?.span),
            previous: None,
        };
        let search = request.search.clone().filter(|search| !search.is_empty());
        Ok(ValuesPlan {
            source,
            field: Field::of(&request.dimension),
            search,
            limit,
        })
    }

    /// Locked properties never, nor those that only hidden widgets show; with `allowed_dimensions`, nothing but those and the numbers that the widget itself shows.
    fn visible_properties(&self, query: &WidgetQuery) -> VisibleProperties {
        let texts = self.permissions.allowed_dimensions.clone();
        let numbers = texts.clone().map(|mut names| {
            names.extend(
                [&query.numeric_prop, &query.second_numeric_prop]
                    .into_iter()
                    .flatten()
                    .cloned(),
            );
            names
        });
        let mut withheld = filters::locked_names(self.permissions);
        withheld.extend(filters::hidden_names(self.document, self.permissions));
        VisibleProperties {
            withheld,
            texts,
            numbers,
        }
    }
}

impl Planner<'_> {
    /// Narrows a source to one point of its widget.
    fn narrow(
        &self,
        source: &mut Source,
        question: &Question,
        widget: &Widget,
        query: &WidgetQuery,
        point: &Point,
    ) -> Result<(), PlanError> {
        if let Some(time) = point.time {
            let step = match question {
                Question::Series(series) => series.buckets.starting_at(time.0),
                _ => None,
            };
            let step = step.ok_or_else(|| {
                PlanError::invalid("/point/time", "is not the start of a step of this widget")
            })?;
            source.current.from = source.current.from.max(step.from);
            source.current.to = source.current.to.min(step.to);
        }
        let Some(values) = &point.group else {
            return Ok(());
        };
        if widget.kind == WidgetKind::Heatmap {
            source.filters.push(self.wall_clock(source, values)?);
            return Ok(());
        }
        let props = query
            .group_by
            .as_ref()
            .map(|group| group.props())
            .unwrap_or_default();
        if values.len() > props.len() {
            return Err(PlanError::invalid(
                "/point/group",
                "names more values than the widget groups by",
            ));
        }
        for (prop, value) in props.iter().zip(values) {
            if !self.view.permissions.allows_dimension(prop) {
                return Err(PlanError::NotPermitted {
                    what: "this dimension",
                });
            }
            source.filters.push(Predicate::Is {
                field: Field::of(prop),
                value: value.clone(),
            });
        }
        Ok(())
    }

    /// A cell of a heatmap: day of the week and hour, as its labels name them.
    fn wall_clock(
        &self,
        source: &Source,
        labels: &[Option<String>],
    ) -> Result<Predicate, PlanError> {
        let [Some(day), Some(hour)] = labels else {
            return Err(PlanError::invalid(
                "/point/group",
                "must name a day of the week and an hour",
            ));
        };
        let cell = day
            .parse::<u8>()
            .ok()
            .filter(|day| (1..=7).contains(day))
            .zip(hour.parse::<u8>().ok().filter(|hour| *hour < 24));
        let (day, hour) = cell.ok_or_else(|| {
            PlanError::invalid("/point/group", "must name a day 1 to 7 and an hour 0 to 23")
        })?;
        Ok(Predicate::WallClock {
            offsets: offsets(source.current, &self.zone),
            day,
            hour,
        })
    }
}

/// Narrows a source to the events of one step of a funnel, whoever passed the steps before it. Steps are named by number,
/// from 1: two may have the same label.
fn narrow_to_step(source: &mut Source, funnel: &Funnel, point: &Point) -> Result<(), PlanError> {
    if point.time.is_some() {
        return Err(PlanError::invalid(
            "/point/time",
            "is not the start of a step of this widget",
        ));
    }
    let number = match point.group.as_deref() {
        Some([Some(number)]) => number.parse::<usize>().ok(),
        _ => None,
    };
    let step = number
        .and_then(|number| number.checked_sub(1))
        .and_then(|at| funnel.steps.get(at));
    let step = step.ok_or_else(|| {
        PlanError::invalid(
            "/point/group",
            "must name a step of the funnel by its number",
        )
    })?;
    source.event_names = vec![step.event_name.clone()];
    source.filters.extend(step.filters.iter().cloned());
    Ok(())
}

/// Writes where a page ended. Opaque to clients, but no secret: it can only name a place within what a session sees.
pub(crate) fn cursor(at: i64, event_id: &str) -> String {
    let mut bytes = at.to_be_bytes().to_vec();
    bytes.extend_from_slice(event_id.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn parse_cursor(text: &str) -> Result<(i64, String), PlanError> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (at, event_id) = bytes.split_first_chunk::<8>()?;
        Some((
            i64::from_be_bytes(*at),
            String::from_utf8(event_id.to_vec()).ok()?,
        ))
    };
    read().ok_or_else(|| PlanError::invalid("/cursor", "is not one of ours"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        for (at, id) in [(1_774_000_000_000, "evt_1"), (-1, "ünï:'"), (i64::MAX, "")] {
            assert_eq!(parse_cursor(&cursor(at, id)).unwrap(), (at, id.to_owned()));
        }
        for bad in ["", "AAAA", "***", "AAAAAAAAAAD_"] {
            assert!(parse_cursor(bad).is_err(), "{bad}");
        }
    }
}
