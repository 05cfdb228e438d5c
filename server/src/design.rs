//! A dashboard out of what was seen: which figures are worth showing, and where they stand.
//!
//! Pure. Knows names and numbers of events and properties, never a value of one: a dashboard is every tenant's, and a
//! value is some tenant's.

mod choose;
mod grid;
mod words;

use emban_contract::UnixMillis;
use emban_contract::dashboard::{
    Chart, Compare, DashboardDocument, DashboardFilters, DimensionFilter, GroupBy, Metric,
    NumericRangeFilter, Period, PeriodUnit, Widget, WidgetKind, WidgetOptions, WidgetQuery,
};
use emban_contract::discover::{Discovery, SeenEvent};

use choose::{Measure, Split};
use grid::Grid;

/// Characters of a name that is made from an event's.
const NAME_CHARS: usize = 120;
/// Filters offered at most: more than these nobody reads.
const DIMENSIONS: usize = 6;
/// Numeric ranges offered at most.
const RANGES: usize = 2;
/// Further events that get a tile of their own.
const FURTHER_EVENTS: usize = 3;
/// Rows of the table.
const TABLE_ROWS: u32 = 25;
/// Values that a donut still shows apart.
const DONUT_VALUES: u64 = 6;
/// Events below which a week of hours is mostly empty.
const HEATMAP_EVENTS: u64 = 200;

/// Makes a document that may be published as it is. `None` when nothing was seen, or none of `asked.event_names`.
pub fn design(
    seen: &Discovery,
    name: Option<&str>,
    event_names: Option<&[String]>,
) -> Option<DashboardDocument> {
    let events: Vec<&SeenEvent> = match event_names {
        None => seen.events.iter().collect(),
        Some(names) => names
            .iter()
            .filter_map(|name| seen.events.iter().find(|event| event.event_name == *name))
            .collect(),
    };
    let (main, further) = events.split_first()?;
    let plan = Design {
        main,
        further: further.iter().take(FURTHER_EVENTS).copied().collect(),
        measures: choose::measures(main),
        splits: choose::splits(main),
    };
    Some(DashboardDocument {
        name: name.map_or_else(|| usual_name(main), str::to_owned),
        description: None,
        filters: plan.filters(),
        theme: None,
        refresh: None,
        widgets: plan.widgets(),
    })
}

/// The main event's name as a title, which has to be there and to be short.
fn usual_name(main: &SeenEvent) -> String {
    let title: String = words::title(&main.event_name)
        .chars()
        .take(NAME_CHARS)
        .collect();
    match title.trim() {
        "" => "Dashboard".to_owned(),
        name => name.to_owned(),
    }
}

/// What is worth showing.
struct Design<'a> {
    main: &'a SeenEvent,
    further: Vec<&'a SeenEvent>,
    measures: Vec<Measure<'a>>,
    splits: Vec<Split<'a>>,
}

impl Design<'_> {
    fn widgets(&self) -> Vec<Widget> {
        let mut grid = Grid::default();
        grid.row(2, self.numbers());
        grid.row(4, self.trend());
        grid.row(4, self.details());
        grid.row(4, self.patterns());
        grid.row(3, self.others());
        grid.row(5, self.table().into_iter().collect());
        grid.widgets()
    }

    /// Up to four numbers, each compared with the period before.
    fn numbers(&self) -> Vec<Widget> {
        let mut tiles = vec![kpi(
            "total",
            &words::counted(&self.main.event_name),
            self.query(Metric::Count),
        )];
        if self.main.users > 0 {
            tiles.push(kpi(
                "users",
                "Active users",
                self.query(Metric::CountUnique),
            ));
        }
        for (index, measure) in self.measures.iter().enumerate() {
            for (suffix, metric) in measure.shown().iter().enumerate() {
                let id = format!("measure_{}_{}", index + 1, suffix + 1);
                let query = self.measured(measure, *metric);
                let tile = kpi(&id, &measure.title(*metric), query);
                tiles.push(Widget {
                    options: Some(measure.options(*metric)),
                    ..tile
                });
            }
        }
        tiles.truncate(4);
        tiles
    }

    /// The main event by time, beside its clearest split.
    fn trend(&self) -> Vec<Widget> {
        let title = format!("{} over time", words::counted(&self.main.event_name));
        let query = WidgetQuery {
            compare: Some(Compare::PreviousPeriod),
            ..self.query(Metric::Count)
        };
        let mut tiles = vec![tile(
            "trend",
            (WidgetKind::Timeseries, Chart::Area),
            &title,
            query,
            8,
        )];
        if let Some(split) = self.splits.first() {
            tiles.push(self.split("split_1", split, 4));
        }
        tiles
    }

    /// The second split, and how the first measure runs.
    fn details(&self) -> Vec<Widget> {
        let mut tiles = Vec::new();
        if let Some(measure) = self.measures.first()
            && let Some(metric) = measure.shown().last()
        {
            let title = format!("{} over time", measure.title(*metric));
            let query = self.measured(measure, *metric);
            let chart = (WidgetKind::Timeseries, Chart::Line);
            tiles.push(Widget {
                options: Some(measure.options(*metric)),
                ..tile("measure_trend", chart, &title, query, 6)
            });
        }
        if let Some(split) = self.splits.get(1) {
            tiles.push(self.split("split_2", split, 6));
        }
        tiles
    }

    /// What changes in the mix, and at which hours.
    fn patterns(&self) -> Vec<Widget> {
        let mut tiles = Vec::new();
        if let Some(split) = self.splits.iter().find(|split| split.stacks()) {
            let title = format!(
                "{} by {} over time",
                words::counted(&self.main.event_name),
                words::label(split.name())
            );
            let query = WidgetQuery {
                group_by: Some(GroupBy::One(split.name().to_owned())),
                ..self.query(Metric::Count)
            };
            let chart = (WidgetKind::Timeseries, Chart::StackedBar);
            tiles.push(tile("mix", chart, &title, query, 6));
        }
        if self.main.count >= HEATMAP_EVENTS && self.days() >= 2 {
            let chart = (WidgetKind::Heatmap, Chart::Heatmap);
            let query = self.query(Metric::Count);
            tiles.push(tile("hours", chart, "When it happens", query, 6));
        }
        tiles
    }

    fn others(&self) -> Vec<Widget> {
        let tile = |(index, event): (usize, &&SeenEvent)| {
            let query = WidgetQuery {
                event_name: event.event_name.clone(),
                ..self.query(Metric::Count)
            };
            let id = format!("event_{}", index + 2);
            let chart = (WidgetKind::Timeseries, Chart::Bar);
            tile(&id, chart, &words::counted(&event.event_name), query, 4)
        };
        self.further.iter().enumerate().map(tile).collect()
    }

    /// The two clearest splits together; the users when nothing splits.
    fn table(&self) -> Option<Widget> {
        let mut groups: Vec<String> = self
            .splits
            .iter()
            .take(2)
            .map(|split| split.name().to_owned())
            .collect();
        if groups.is_empty() && self.main.users > 1 {
            groups.push("user_id".to_owned());
        }
        let labels: Vec<String> = groups.iter().map(|name| words::label(name)).collect();
        let title = format!("By {}", labels.join(" and "));
        let second = self.measures.first();
        let second_metric = second.and_then(|measure| measure.shown().first()).copied();
        let query = WidgetQuery {
            group_by: Some(GroupBy::Many(groups.clone())),
            limit: Some(TABLE_ROWS),
            second_metric,
            second_numeric_prop: second.map(|measure| measure.name().to_owned()),
            ..self.query(Metric::Count)
        };
        let options = WidgetOptions {
            label: Some(words::counted(&self.main.event_name)),
            second_label: second
                .zip(second_metric)
                .map(|(measure, metric)| measure.title(metric)),
            ..WidgetOptions::default()
        };
        let chart = (WidgetKind::Table, Chart::Table);
        (!groups.is_empty()).then(|| Widget {
            options: Some(options),
            ..tile("table", chart, &title, query, 12)
        })
    }

    fn split(&self, id: &str, split: &Split<'_>, width: u32) -> Widget {
        let chart = match split.cardinality() {
            0..=DONUT_VALUES => Chart::Donut,
            _ => Chart::HorizontalBar,
        };
        let query = WidgetQuery {
            group_by: Some(GroupBy::One(split.name().to_owned())),
            limit: Some(8),
            ..self.query(Metric::Count)
        };
        let title = format!("By {}", words::label(split.name()));
        tile(id, (WidgetKind::Breakdown, chart), &title, query, width)
    }

    fn query(&self, metric: Metric) -> WidgetQuery {
        WidgetQuery {
            event_name: self.main.event_name.clone(),
            metric,
            numeric_prop: None,
            group_by: None,
            period: None,
            granularity: None,
            compare: None,
            limit: None,
            second_metric: None,
            second_numeric_prop: None,
            where_: Vec::new(),
            numerator: Vec::new(),
            steps: Vec::new(),
            window: None,
        }
    }

    fn measured(&self, measure: &Measure<'_>, metric: Metric) -> WidgetQuery {
        WidgetQuery {
            numeric_prop: Some(measure.name().to_owned()),
            ..self.query(metric)
        }
    }

    fn filters(&self) -> DashboardFilters {
        let dimension = |split: &Split<'_>| DimensionFilter {
            prop: split.name().to_owned(),
            label: Some(words::title(split.name())),
            multi: true,
        };
        let range = |measure: &Measure<'_>| NumericRangeFilter {
            prop: measure.name().to_owned(),
            label: Some(words::measure(measure.name()).0),
        };
        let days = |count| Period {
            count,
            unit: PeriodUnit::Day,
        };
        let day = Period {
            count: 24,
            unit: PeriodUnit::Hour,
        };
        let default = match self.days() {
            0..=1 => day,
            2..=9 => days(7),
            _ => days(30),
        };
        DashboardFilters {
            periods: vec![day, days(7), days(30), days(90)],
            default_period: Some(default),
            dimensions: self.splits.iter().take(DIMENSIONS).map(dimension).collect(),
            numeric_ranges: self.measures.iter().take(RANGES).map(range).collect(),
            date_range: true,
        }
    }

    /// Whole days between the first and the last of the main event.
    fn days(&self) -> i64 {
        let UnixMillis(first) = self.main.first_seen;
        (self.main.last_seen.0 - first) / 86_400_000
    }
}

fn kpi(id: &str, title: &str, query: WidgetQuery) -> Widget {
    let query = WidgetQuery {
        compare: Some(Compare::PreviousPeriod),
        ..query
    };
    // The grid widens what stands in a row of fewer than four.
    tile(id, (WidgetKind::Kpi, Chart::Stat), title, query, 3)
}

fn tile(
    id: &str,
    (kind, chart): (WidgetKind, Chart),
    title: &str,
    query: WidgetQuery,
    width: u32,
) -> Widget {
    grid::tile(id, kind, chart, title, query, width)
}

#[cfg(test)]
mod tests;
