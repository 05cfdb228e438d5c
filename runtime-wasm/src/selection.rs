//! The viewer's choices: how filters change, and how they read back as chips.

use std::collections::BTreeMap;

use emban_contract::UnixMillis;
use emban_contract::dashboard::{DimensionFilter, Period};
use emban_contract::embed::Surface;
use emban_contract::filters::{DateRange, NumericRange, OneOrMany, ViewerFilters};
use emban_contract::time::DAY_MS;

/// The key of `dateRanges` that the contract knows.
pub(crate) const TIMESTAMP: &str = "timestamp";

/// The filters a dashboard opens with.
pub(crate) fn initial(surface: &Surface) -> ViewerFilters {
    ViewerFilters {
        period: Some(surface.filters.default_period),
        ..ViewerFilters::default()
    }
}

/// Chooses a period; dates of the viewer's own give way.
pub(crate) fn with_period(filters: &ViewerFilters, period: Period) -> ViewerFilters {
    ViewerFilters {
        period: Some(period),
        date_ranges: BTreeMap::new(),
        ..filters.clone()
    }
}

/// Chooses dates; the period gives way.
pub(crate) fn with_dates(filters: &ViewerFilters, range: DateRange) -> ViewerFilters {
    ViewerFilters {
        period: None,
        date_ranges: BTreeMap::from([(TIMESTAMP.to_owned(), range)]),
        ..filters.clone()
    }
}

/// Adds a value to a dimension, or takes it away if it is chosen. A dimension of one choice keeps only the last.
pub(crate) fn with_toggled(
    filters: &ViewerFilters,
    dimension: &DimensionFilter,
    value: &str,
) -> ViewerFilters {
    let mut values = chosen(filters, &dimension.prop).to_vec();
    match values.iter().position(|v| v == value) {
        Some(at) => {
            values.remove(at);
        }
        None => {
            if !dimension.multi {
                values.clear();
            }
            values.push(value.to_owned());
        }
    }
    with_values(filters, &dimension.prop, values)
}

/// Replaces the values of a dimension; none clears it.
pub(crate) fn with_values(
    filters: &ViewerFilters,
    prop: &str,
    values: Vec<String>,
) -> ViewerFilters {
    let mut changed = filters.clone();
    if values.is_empty() {
        changed.dimensions.remove(prop);
    } else {
        changed
            .dimensions
            .insert(prop.to_owned(), OneOrMany::Many(values));
    }
    changed
}

/// Replaces the bounds of a numeric property; two open bounds clear it.
pub(crate) fn with_range(
    filters: &ViewerFilters,
    prop: &str,
    range: NumericRange,
) -> ViewerFilters {
    let mut changed = filters.clone();
    if range.min.is_none() && range.max.is_none() {
        changed.numeric_ranges.remove(prop);
    } else {
        changed.numeric_ranges.insert(prop.to_owned(), range);
    }
    changed
}

/// The chosen values of a dimension.
pub(crate) fn chosen<'f>(filters: &'f ViewerFilters, prop: &str) -> &'f [String] {
    filters
        .dimensions
        .get(prop)
        .map(OneOrMany::values)
        .unwrap_or_default()
}

/// The dates of the viewer's own, if any.
pub(crate) fn dates(filters: &ViewerFilters) -> Option<DateRange> {
    filters.date_ranges.get(TIMESTAMP).copied()
}

/// The filters of a host, without what the surface does not offer; the second part names what was left out.
///
/// The server would refuse the whole query for one such name, and the viewer would see nothing.
pub(crate) fn admitted(surface: &Surface, asked: ViewerFilters) -> (ViewerFilters, Vec<String>) {
    let offer = &surface.filters;
    let mut refused = Vec::new();
    let mut kept = asked;
    kept.dimensions.retain(|prop, _| {
        keep(
            offer.dimensions.iter().any(|d| d.prop == *prop),
            prop,
            &mut refused,
        )
    });
    kept.numeric_ranges.retain(|prop, _| {
        keep(
            offer.numeric_ranges.iter().any(|r| r.prop == *prop),
            prop,
            &mut refused,
        )
    });
    kept.date_ranges
        .retain(|key, _| keep(offer.date_range && key == TIMESTAMP, key, &mut refused));
    if let Some(period) = kept
        .period
        .filter(|p| *p != offer.default_period && !offer.periods.contains(p))
    {
        refused.push(period.to_string());
        kept.period = None;
    }
    if !kept.date_ranges.is_empty() {
        kept.period = None;
    } else if kept.period.is_none() {
        kept.period = Some(offer.default_period);
    }
    (kept, refused)
}

fn keep(known: bool, name: &str, refused: &mut Vec<String>) -> bool {
    if !known {
        refused.push(name.to_owned());
    }
    known
}

/// Whether anything but the period is chosen.
pub(crate) fn narrows(filters: &ViewerFilters) -> bool {
    !filters.dimensions.is_empty() || !filters.numeric_ranges.is_empty()
}

/// Whether two choices cover different times.
pub(crate) fn moves_time(one: &ViewerFilters, other: &ViewerFilters) -> bool {
    one.period != other.period || one.date_ranges != other.date_ranges
}

/// Why dates cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatesError {
    /// A date is missing or is no date.
    Unreadable,
    /// The last day lies before the first.
    Backwards,
    /// More days than the session may see at once.
    TooLong(u32),
}

/// The range from the begin of one day to the end of another, both `YYYY-MM-DD` in the session's zone.
///
/// `offset_at` gives seconds east of UTC at an instant; `max_days` 0 is no limit.
pub(crate) fn date_range(
    first: &str,
    last: &str,
    max_days: u32,
    offset_at: impl Fn(UnixMillis) -> i32,
) -> Result<DateRange, DatesError> {
    let day =
        |text: &str| UnixMillis::parse(&format!("{text}T00:00:00Z")).ok_or(DatesError::Unreadable);
    let (first, last) = (day(first)?, day(last)?);
    let days = (last.0 - first.0) / DAY_MS + 1;
    if days < 1 {
        return Err(DatesError::Backwards);
    }
    if max_days > 0 && days > i64::from(max_days) {
        return Err(DatesError::TooLong(max_days));
    }
    let instant = |local: UnixMillis| {
        let guess = local.plus_seconds(-i64::from(offset_at(local)));
        // A second look, since the offset at the guess counts, and it may lie across a change of clocks.
        local.plus_seconds(-i64::from(offset_at(guess)))
    };
    Ok(DateRange {
        from: instant(first),
        to: instant(UnixMillis(last.0 + DAY_MS)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface() -> Surface {
        serde_json::from_value(serde_json::json!({
            "dashboard_id": "dash_a", "version": 1, "name": "Usage",
            "filters": {
                "periods": ["24h", "7d"], "default_period": "7d",
                "dimensions": [{ "prop": "model", "multi": true }, { "prop": "plan" }],
                "numeric_ranges": [{ "prop": "tokens" }], "date_range": true, "max_date_range_days": 31
            },
            "widgets": [], "allow_drill_down": true, "allow_export": true, "timezone": "UTC", "refresh": 15, "expires_in": 60
        }))
        .unwrap()
    }

    #[test]
    fn a_second_click_takes_a_value_away() {
        let surface = surface();
        let model = &surface.filters.dimensions[0];
        let one = with_toggled(&initial(&surface), model, "m-1");
        let two = with_toggled(&one, model, "m-2");
        assert_eq!(chosen(&two, "model"), ["m-1", "m-2"]);
        let back = with_toggled(&with_toggled(&two, model, "m-1"), model, "m-2");
        assert_eq!(back, initial(&surface));
    }

    #[test]
    fn a_dimension_of_one_choice_keeps_the_last() {
        let surface = surface();
        let plan = &surface.filters.dimensions[1];
        let filters = with_toggled(&with_toggled(&initial(&surface), plan, "free"), plan, "pro");
        assert_eq!(chosen(&filters, "plan"), ["pro"]);
    }

    #[test]
    fn dates_and_period_stand_for_each_other() {
        let surface = surface();
        let range = DateRange {
            from: UnixMillis(0),
            to: UnixMillis(DAY_MS),
        };
        let dated = with_dates(&initial(&surface), range);
        assert_eq!((dated.period, dates(&dated)), (None, Some(range)));
        let back = with_period(&dated, surface.filters.periods[0]);
        assert_eq!(dates(&back), None);
        assert!(moves_time(&dated, &back));
    }

    #[test]
    fn what_the_surface_does_not_offer_is_left_out_and_named() {
        let asked: ViewerFilters = serde_json::from_value(serde_json::json!({
            "period": "90d", "dimensions": { "model": "m-1", "secret": "x" }, "numericRanges": { "tokens": { "min": 1.0 }, "cost": {} }
        }))
        .unwrap();
        let (kept, refused) = admitted(&surface(), asked);
        assert_eq!(refused, ["secret", "cost", "90d"]);
        assert_eq!(chosen(&kept, "model"), ["m-1"]);
        assert_eq!(kept.period.map(|p| p.to_string()).as_deref(), Some("7d"));
        assert_eq!(kept.numeric_ranges.len(), 1);
    }

    #[test]
    fn days_begin_at_midnight_of_the_sessions_zone() {
        // Berlin, 2026: summer time from 29 March 01:00 UTC.
        let berlin = |t: UnixMillis| {
            if t.0 >= UnixMillis::parse("2026-03-29T01:00:00Z").unwrap().0 {
                7200
            } else {
                3600
            }
        };
        let range = date_range("2026-03-29", "2026-03-29", 0, berlin).unwrap();
        assert_eq!(
            (
                range.from.to_string().as_str(),
                range.to.to_string().as_str()
            ),
            ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")
        );
        assert_eq!(
            date_range("2026-03-02", "2026-03-01", 0, |_| 0),
            Err(DatesError::Backwards)
        );
        assert_eq!(
            date_range("2026-03-01", "2026-04-01", 31, |_| 0),
            Err(DatesError::TooLong(31))
        );
        assert_eq!(
            date_range("", "2026-04-01", 31, |_| 0),
            Err(DatesError::Unreadable)
        );
    }
}
