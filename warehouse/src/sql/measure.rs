//! How each measure is computed, in one step or by way of states that can be merged.
//!
//! A measure is one or two aggregates and an expression over them. Merging states rather than summing values is what makes
//! `other` right for every metric: the distinct users of the rest are not the sum of the users of its groups.

use emban_contract::dashboard::Metric;

use super::Sql;
use crate::plan::{Fed, Measure};
use crate::property::PropertyPath;

/// One aggregate function.
#[derive(Debug, Clone, Copy)]
struct Aggregate {
    function: &'static str,
    /// Parameters in front of the arguments.
    level: &'static str,
    input: Input,
    kind: Kind,
}

/// The column that an aggregate reads; those of numbers and flags carry the measure's place in their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Nothing,
    User,
    Sketch,
    Events,
    Number,
    NumberCount,
    Least,
    Greatest,
    Flag,
}

/// Whether the column that is read holds values or states of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Values,
    States,
}

/// In what form an aggregate is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// From the rows to the result.
    Direct,
    /// From the rows to a state, of every era.
    State,
    /// From the rows to a state, of the time shown only.
    StateShown,
    /// From the rows to a state, of the time compared with only.
    StateCompared,
    /// From one state to its result.
    Finalize(Era),
    /// From many states to one result.
    Merge(Era),
    /// As `Merge`, over the window that follows.
    MergeOver(&'static str),
}

/// Which column a state stands in, and by which combinator it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Made by `State`.
    Both,
    /// Made by `StateShown`.
    Shown,
    /// Made by `StateCompared`.
    Compared,
}

const fn of_values(function: &'static str, input: Input) -> Aggregate {
    Aggregate {
        function,
        level: "",
        input,
        kind: Kind::Values,
    }
}

const fn of_states(function: &'static str, input: Input) -> Aggregate {
    Aggregate {
        function,
        level: "",
        input,
        kind: Kind::States,
    }
}

/// Linear interpolation between neighbours, as PERCENTILE_CONT of SQL and most spreadsheets.
const fn quantile(level: &'static str) -> Aggregate {
    Aggregate {
        function: "quantileExactInclusive",
        level,
        input: Input::Number,
        kind: Kind::Values,
    }
}

impl Measure {
    fn aggregates(&self) -> Vec<Aggregate> {
        match self.fed {
            Fed::Events => self.of_events(),
            Fed::Parts => self.of_parts(),
        }
    }

    fn of_events(&self) -> Vec<Aggregate> {
        let events = of_values("count", Input::Nothing);
        // Compensated summation: the result does not depend on the order in which threads and merges add.
        let sum = of_values("sumKahan", Input::Number);
        match self.metric {
            Metric::Count | Metric::Conversion => vec![events],
            Metric::CountUnique => vec![of_values("uniqExact", Input::User)],
            Metric::CountUniqueApprox => vec![of_values("uniqCombined64", Input::User)],
            Metric::Sum => vec![sum],
            Metric::Avg => vec![sum, of_values("count", Input::Number)],
            Metric::Min => vec![of_values("min", Input::Number)],
            Metric::Max => vec![of_values("max", Input::Number)],
            Metric::P50 => vec![quantile("(0.5)")],
            Metric::P90 => vec![quantile("(0.9)")],
            Metric::P95 => vec![quantile("(0.95)")],
            Metric::P99 => vec![quantile("(0.99)")],
            Metric::Ratio => vec![of_values("sum", Input::Flag), events],
        }
    }

    /// The same figures from those of a rollup. Percentiles are never asked of one.
    fn of_parts(&self) -> Vec<Aggregate> {
        let events = of_values("sum", Input::Events);
        let sum = of_states("sumKahan", Input::Number);
        match self.metric {
            Metric::CountUnique => vec![of_values("uniqExactArray", Input::User)],
            Metric::CountUniqueApprox => vec![of_states("uniqCombined64", Input::Sketch)],
            Metric::Sum => vec![sum],
            Metric::Avg => vec![sum, of_values("sum", Input::NumberCount)],
            Metric::Min => vec![of_values("min", Input::Least)],
            Metric::Max => vec![of_values("max", Input::Greatest)],
            Metric::Ratio => vec![of_values("sum", Input::Flag), events],
            Metric::Count
            | Metric::Conversion
            | Metric::P50
            | Metric::P90
            | Metric::P95
            | Metric::P99 => vec![events],
        }
    }

    fn reads(&self, input: Input) -> bool {
        self.aggregates()
            .iter()
            .any(|aggregate| aggregate.input == input)
    }

    pub(super) fn reads_user(&self) -> bool {
        self.reads(Input::User)
    }

    pub(super) fn reads_sketch(&self) -> bool {
        self.reads(Input::Sketch)
    }

    pub(super) fn reads_flag(&self) -> bool {
        self.reads(Input::Flag)
    }

    pub(super) fn number(&self) -> Option<&PropertyPath> {
        if self.metric.needs_numeric_prop() {
            self.path.as_ref()
        } else {
            None
        }
    }
}

/// Writes the value of the measure at `place`, 0 or 1.
pub(super) fn value(sql: &mut Sql, measure: &Measure, place: usize, form: Form) {
    match measure.aggregates().as_slice() {
        // The sum of nothing is 0, also in the order of the groups.
        [only] if measure.metric == Metric::Sum => {
            sql.push("ifNull(");
            aggregate(sql, *only, place, 0, form);
            sql.push(", 0)");
        }
        [above, below] => {
            aggregate(sql, *above, place, 0, form);
            sql.push(" / nullIf(");
            aggregate(sql, *below, place, 1, form);
            sql.push(", 0)");
        }
        aggregates => {
            sql.list(aggregates.iter().enumerate(), "", |sql, (index, one)| {
                aggregate(sql, *one, place, index, form)
            });
        }
    }
}

/// Writes the values of all measures, each after a comma.
pub(super) fn values(sql: &mut Sql, measures: &[Measure], form: Form) {
    for (place, measure) in measures.iter().enumerate() {
        sql.push(", ");
        value(sql, measure, place, form);
    }
}

/// Writes the states of all measures with their column names, each after a comma.
pub(super) fn states(sql: &mut Sql, measures: &[Measure], era: Era) {
    let form = match era {
        Era::Both => Form::State,
        Era::Shown => Form::StateShown,
        Era::Compared => Form::StateCompared,
    };
    each_state(measures, |one, place, index| {
        sql.push(", ");
        aggregate(sql, one, place, index, form);
        sql.push(" AS ");
        column(sql, era, place, index);
    });
}

/// Writes the column names of all states, each after a comma.
pub(super) fn state_columns(sql: &mut Sql, measures: &[Measure], era: Era) {
    each_state(measures, |_, place, index| {
        sql.push(", ");
        column(sql, era, place, index);
    });
}

fn each_state(measures: &[Measure], mut write: impl FnMut(Aggregate, usize, usize)) {
    for (place, measure) in measures.iter().enumerate() {
        for (index, one) in measure.aggregates().into_iter().enumerate() {
            write(one, place, index);
        }
    }
}

fn aggregate(sql: &mut Sql, one: Aggregate, place: usize, index: usize, form: Form) {
    let (combinator, condition) = match (form, one.kind) {
        (Form::Direct, Kind::Values) => ("", ""),
        (Form::State, Kind::Values) => ("State", ""),
        (Form::StateShown, Kind::Values) => ("IfState", "era = 1"),
        (Form::StateCompared, Kind::Values) => ("IfState", "era = 0"),
        (Form::Direct, Kind::States) => ("Merge", ""),
        (Form::State, Kind::States) => ("MergeState", ""),
        (Form::StateShown, Kind::States) => ("MergeStateIf", "era = 1"),
        (Form::StateCompared, Kind::States) => ("MergeStateIf", "era = 0"),
        (Form::Finalize(era), _) => {
            sql.push("finalizeAggregation(");
            column(sql, era, place, index);
            sql.push(")");
            return;
        }
        (Form::Merge(era), _) => return merge(sql, one, era, place, index),
        (Form::MergeOver(window), _) => {
            merge(sql, one, Era::Both, place, index);
            sql.push(window);
            return;
        }
    };
    sql.push(one.function)
        .push(combinator)
        .push(one.level)
        .push("(");
    argument(sql, one.input, place);
    let both = one.input != Input::Nothing && !condition.is_empty();
    sql.push(if both { ", " } else { "" })
        .push(condition)
        .push(")");
}

fn merge(sql: &mut Sql, one: Aggregate, era: Era, place: usize, index: usize) {
    let combinator = match (era, one.kind) {
        (Era::Shown | Era::Compared, Kind::Values) => "IfMerge",
        // States of states are those of the function itself, whatever made the choice among them.
        (Era::Both, _) | (_, Kind::States) => "Merge",
    };
    sql.push(one.function)
        .push(combinator)
        .push(one.level)
        .push("(");
    column(sql, era, place, index);
    sql.push(")");
}

fn argument(sql: &mut Sql, input: Input, place: usize) {
    let name = match input {
        Input::Nothing => "",
        Input::User => "u",
        Input::Sketch => "w",
        Input::Events => "c",
        Input::Number => "x",
        Input::NumberCount => "y",
        Input::Least => "l",
        Input::Greatest => "h",
        Input::Flag => "n",
    };
    sql.push(name);
    match input {
        Input::Nothing | Input::User | Input::Sketch | Input::Events => {}
        Input::Number | Input::NumberCount | Input::Least | Input::Greatest | Input::Flag => {
            sql.push(place_name(place));
        }
    }
}

/// Name of a state's column: `s` for all eras, `a` for the time shown, `b` for the time compared with; then the
/// measure's place and the aggregate's.
fn column(sql: &mut Sql, era: Era, place: usize, index: usize) {
    sql.push(match era {
        Era::Both => "s",
        Era::Shown => "a",
        Era::Compared => "b",
    });
    sql.push(place_name(place)).push(place_name(index));
}

/// Measures of one statement at most.
pub(crate) const MEASURES: usize = 10;

const PLACES: [&str; MEASURES] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/// The part of a column's name that says whose it is.
pub(super) fn place_name(place: usize) -> &'static str {
    PLACES.get(place).copied().unwrap_or("_too_many_measures")
}
