//! The viewer's choices: how filters change, and what of them a surface offers.

use emban_contract::UnixMillis;
use emban_contract::dashboard::{DimensionFilter, Period};
use emban_contract::embed::Surface;
use emban_contract::filters::{DateRange, NumericRange};
use emban_contract::limits::FILTER_VALUES;
use emban_contract::time::{DAY_MS, civil_from_days};

/// What a viewer has chosen: the browser's form of [`emban_contract::filters::ViewerFilters`].
///
/// A handful of names is searched as fast in a list as in a tree, and a tree's code is 10 KB a type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Choice {
    /// Length of time that ends with the running day, or hour; none beside [`Self::dates`].
    pub period: Option<Period>,
    /// Chosen values by dimension, by name; none without a value.
    pub dimensions: Vec<(String, Vec<String>)>,
    /// Bounds by numeric property, by name; none without a bound.
    pub ranges: Vec<(String, NumericRange)>,
    /// Dates of the viewer's own, instead of a period.
    pub dates: Option<DateRange>,
}

const HOUR_MS: i64 = DAY_MS / 24;

impl Choice {
    /// What a dashboard opens with.
    pub fn initial(surface: &Surface) -> Self {
        Self {
            period: Some(surface.filters.default_period),
            ..Self::default()
        }
    }

    /// Chooses a period; dates of the viewer's own give way.
    pub fn with_period(&self, period: Period) -> Self {
        Self {
            period: Some(period),
            dates: None,
            ..self.clone()
        }
    }

    /// Chooses dates; the period gives way.
    pub fn with_dates(&self, range: DateRange) -> Self {
        Self {
            period: None,
            dates: Some(range),
            ..self.clone()
        }
    }

    /// Adds a value to a dimension, or takes it away if it is chosen. A dimension of one choice keeps only the last.
    pub fn with_toggled(&self, dimension: &DimensionFilter, value: &str) -> Self {
        let mut values = self.chosen(&dimension.prop).to_vec();
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
        self.with_values(&dimension.prop, values)
    }

    /// Replaces the values of a dimension; none clears it.
    pub fn with_values(&self, prop: &str, values: Vec<String>) -> Self {
        let mut changed = self.clone();
        put(
            &mut changed.dimensions,
            prop,
            Some(values).filter(|values| !values.is_empty()),
        );
        changed
    }

    /// Replaces the bounds of a numeric property; two open bounds clear it. Bounds that are the wrong way round are meant the
    /// other way: nobody asks for nothing.
    pub fn with_range(&self, prop: &str, range: NumericRange) -> Self {
        let mut changed = self.clone();
        put(
            &mut changed.ranges,
            prop,
            Some(ordered(range)).filter(is_bound),
        );
        changed
    }

    /// Takes back everything but the time.
    pub fn reset(&self) -> Self {
        Self {
            period: self.period,
            dates: self.dates,
            ..Self::default()
        }
    }

    /// The chosen values of a dimension.
    pub fn chosen(&self, prop: &str) -> &[String] {
        find(&self.dimensions, prop)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The chosen bounds of a numeric property.
    pub fn range(&self, prop: &str) -> Option<NumericRange> {
        find(&self.ranges, prop).copied()
    }

    /// Whether anything but the time is chosen.
    pub fn narrows(&self) -> bool {
        !self.dimensions.is_empty() || !self.ranges.is_empty()
    }

    /// Whether another choice covers a different time.
    pub fn moves_time(&self, other: &Self) -> bool {
        self.period != other.period || self.dates != other.dates
    }
}

fn find<'l, T>(list: &'l [(String, T)], name: &str) -> Option<&'l T> {
    list.iter()
        .find(|(found, _)| found == name)
        .map(|(_, value)| value)
}

/// Puts a value at its name's place in the order of names, or takes it away.
fn put<T>(list: &mut Vec<(String, T)>, name: &str, value: Option<T>) {
    let at = list.partition_point(|(found, _)| found.as_str() < name);
    if list.get(at).is_some_and(|(found, _)| found == name) {
        list.remove(at);
    }
    if let Some(value) = value {
        list.insert(at, (name.to_owned(), value));
    }
}

fn ordered(range: NumericRange) -> NumericRange {
    match (range.min, range.max) {
        (Some(min), Some(max)) if min > max => NumericRange {
            min: Some(max),
            max: Some(min),
        },
        _ => range,
    }
}

fn is_bound(range: &NumericRange) -> bool {
    range.min.is_some() || range.max.is_some()
}

/// The choice of a host, without what the surface does not offer; the second part names what was left out.
///
/// The server would refuse the whole query for one such name, and the viewer would see nothing.
pub fn admitted(surface: &Surface, asked: Choice) -> (Choice, Vec<String>) {
    let offer = &surface.filters;
    let mut refused = Vec::new();
    let mut kept = asked;
    kept.dimensions.retain(|(prop, values)| {
        let found = offer.dimensions.iter().find(|d| d.prop == *prop);
        let most = found.map_or(0, |d| if d.multi { FILTER_VALUES } else { 1 });
        let too_many = values.len() > most;
        if too_many {
            let why = if most > 0 { " (too many values)" } else { "" };
            refused.push([prop, why].concat());
        }
        !too_many
    });
    let known: Vec<&str> = offer
        .numeric_ranges
        .iter()
        .map(|r| r.prop.as_str())
        .collect();
    kept.ranges
        .retain(|(prop, _)| keep(&known, prop, &mut refused));
    kept.ranges.retain(|(_, range)| is_bound(range));
    let longest = match (offer.date_range, offer.max_date_range_days) {
        (false, _) => 0,
        (true, 0) => i64::MAX,
        // A change of clocks makes days longer; whether it lies in these is for the server to see.
        (true, days) => i64::from(days) * DAY_MS + HOUR_MS,
    };
    if kept
        .dates
        .is_some_and(|dates| dates.to.0 - dates.from.0 > longest)
    {
        refused.push(
            if longest > 0 {
                "timestamp (too long)"
            } else {
                "timestamp"
            }
            .to_owned(),
        );
        kept.dates = None;
    }
    if let Some(period) = kept
        .period
        .filter(|p| *p != offer.default_period && !offer.periods.contains(p))
    {
        refused.push(period.to_string());
        kept.period = None;
    }
    if kept.dates.is_some() {
        kept.period = None;
    } else if kept.period.is_none() {
        kept.period = Some(offer.default_period);
    }
    (kept, refused)
}

fn keep(known: &[&str], name: &str, refused: &mut Vec<String>) -> bool {
    let known = known.contains(&name);
    if !known {
        refused.push(name.to_owned());
    }
    known
}

/// Why dates cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatesError {
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
pub fn date_range(
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

/// `YYYY-MM-DD` of an instant, so many seconds east of UTC, as date fields want it.
pub fn day_at(at: UnixMillis, offset_seconds: i32) -> String {
    let date = civil_from_days((at.0 + i64::from(offset_seconds) * 1000).div_euclid(DAY_MS));
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    let (month, day) = (two(date.month.into()), two(date.day.into()));
    [&date.year.to_string(), "-", &month, "-", &day].concat()
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
        let one = Choice::initial(&surface).with_toggled(model, "m-1");
        let two = one.with_toggled(model, "m-2");
        assert_eq!(two.chosen("model"), ["m-1", "m-2"]);
        let back = two.with_toggled(model, "m-1").with_toggled(model, "m-2");
        assert_eq!(back, Choice::initial(&surface));
    }

    #[test]
    fn a_dimension_of_one_choice_keeps_the_last() {
        let surface = surface();
        let plan = &surface.filters.dimensions[1];
        let choice = Choice::initial(&surface)
            .with_toggled(plan, "free")
            .with_toggled(plan, "pro");
        assert_eq!(choice.chosen("plan"), ["pro"]);
    }

    #[test]
    fn dates_and_period_stand_for_each_other() {
        let surface = surface();
        let range = DateRange {
            from: UnixMillis(0),
            to: UnixMillis(DAY_MS),
        };
        let dated = Choice::initial(&surface).with_dates(range);
        assert_eq!((dated.period, dated.dates), (None, Some(range)));
        let back = dated.with_period(surface.filters.periods[0]);
        assert_eq!(back.dates, None);
        assert!(dated.moves_time(&back));
    }

    #[test]
    fn what_the_surface_does_not_offer_is_left_out_and_named() {
        let asked = Choice {
            period: Period::parse("90d").ok(),
            dimensions: vec![
                ("model".into(), vec!["m-1".into()]),
                ("secret".into(), vec!["x".into()]),
            ],
            ranges: vec![
                (
                    "cost".into(),
                    NumericRange {
                        min: Some(1.0),
                        max: None,
                    },
                ),
                (
                    "tokens".into(),
                    NumericRange {
                        min: Some(1.0),
                        max: None,
                    },
                ),
            ],
            dates: None,
        };
        let (kept, refused) = admitted(&surface(), asked);
        assert_eq!(refused, ["secret", "cost", "90d"]);
        assert_eq!(kept.chosen("model"), ["m-1"]);
        assert_eq!(kept.period.map(|p| p.to_string()).as_deref(), Some("7d"));
        assert_eq!(kept.ranges.len(), 1);
    }

    #[test]
    fn dates_beyond_the_most_days_are_left_out_and_named() {
        let days = |days: i64| Choice {
            dates: Some(DateRange {
                from: UnixMillis(0),
                to: UnixMillis(days * DAY_MS),
            }),
            ..Choice::default()
        };
        assert!(admitted(&surface(), days(31)).1.is_empty());
        assert_eq!(admitted(&surface(), days(32)).1, ["timestamp (too long)"]);
    }

    #[test]
    fn more_values_than_a_filter_takes_are_left_out_and_named() {
        let values = |n: usize| (0..n).map(|v| v.to_string()).collect::<Vec<_>>();
        let of = |model, plan| Choice {
            dimensions: vec![
                ("model".into(), values(model)),
                ("plan".into(), values(plan)),
            ],
            ..Choice::default()
        };
        let (kept, refused) = admitted(&surface(), of(201, 2));
        assert_eq!(
            refused,
            ["model (too many values)", "plan (too many values)"]
        );
        assert!(!kept.narrows());
        let (kept, refused) = admitted(&surface(), of(200, 1));
        assert_eq!(
            (kept.chosen("model").len(), kept.chosen("plan").len()),
            (200, 1)
        );
        assert!(refused.is_empty());
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

    #[test]
    fn names_stand_in_their_order_and_an_empty_choice_is_none() {
        let turned = NumericRange {
            min: Some(2000.0),
            max: Some(100.0),
        };
        let found = Choice::default().with_range("n", turned).range("n");
        assert_eq!(
            found.map(|range| (range.min, range.max)),
            Some((Some(100.0), Some(2000.0)))
        );
        let range = |min| NumericRange { min, max: None };
        let choice = Choice::default()
            .with_range("b", range(Some(1.0)))
            .with_range("a", range(Some(2.0)));
        assert_eq!(
            choice
                .ranges
                .iter()
                .map(|(name, _)| name.as_str())
                .collect::<Vec<_>>(),
            ["a", "b"]
        );
        let less = choice
            .with_range("a", range(None))
            .with_values("x", Vec::new());
        assert_eq!(
            (less.ranges.len(), less.dimensions.len(), less.narrows()),
            (1, 0, true)
        );
        assert!(!less.reset().narrows());
    }
}
