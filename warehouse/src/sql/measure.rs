//! How each measure is computed, in one step or by way of states that can be merged.
//!
//! A measure is one or two aggregates and an expression over them. Merging states rather than summing values is what makes
//! `other` right for every metric: the distinct users of the rest are not the sum of the users of its groups.

use emban_contract::dashboard::Metric;

use super::Sql;
use crate::plan::Measure;
use crate::property::PropertyPath;

/// One aggregate function.
#[derive(Debug, Clone, Copy)]
struct Aggregate {
    function: &'static str,
    /// Parameters in front of the arguments.
    level: &'static str,
    input: Input,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Nothing,
    User,
    Number,
    Flag,
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

/// Columns of the states: measure, then aggregate.
const STATES: [[&str; 2]; 2] = [["s00", "s01"], ["s10", "s11"]];
const SHOWN: [[&str; 2]; 2] = [["a00", "a01"], ["a10", "a11"]];
const COMPARED: [[&str; 2]; 2] = [["b00", "b01"], ["b10", "b11"]];

impl Measure {
    fn aggregates(&self) -> Vec<Aggregate> {
        let plain = |function, input| Aggregate {
            function,
            level: "",
            input,
        };
        // Linear interpolation between neighbours, as PERCENTILE_CONT of SQL and most spreadsheets.
        let quantile = |level| Aggregate {
            function: "quantileExactInclusive",
            level,
            input: Input::Number,
        };
        match self.metric {
            Metric::Count | Metric::Conversion => vec![plain("count", Input::Nothing)],
            Metric::CountUnique => vec![plain("uniqExact", Input::User)],
            Metric::CountUniqueApprox => vec![plain("uniqCombined64", Input::User)],
            // Compensated summation: the result does not depend on the order in which threads and merges add.
            Metric::Sum => vec![plain("sumKahan", Input::Number)],
            Metric::Avg => vec![
                plain("sumKahan", Input::Number),
                plain("count", Input::Number),
            ],
            Metric::Min => vec![plain("min", Input::Number)],
            Metric::Max => vec![plain("max", Input::Number)],
            Metric::P50 => vec![quantile("(0.5)")],
            Metric::P90 => vec![quantile("(0.9)")],
            Metric::P95 => vec![quantile("(0.95)")],
            Metric::P99 => vec![quantile("(0.99)")],
            Metric::Ratio => vec![plain("sum", Input::Flag), plain("count", Input::Nothing)],
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

    pub(super) fn reads_flag(&self) -> bool {
        self.reads(Input::Flag)
    }

    pub(super) fn number(&self) -> Option<&PropertyPath> {
        if self.reads(Input::Number) {
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
        sql.push(" AS ").push(column(era, place, index));
    });
}

/// Writes the column names of all states, each after a comma.
pub(super) fn state_columns(sql: &mut Sql, measures: &[Measure], era: Era) {
    each_state(measures, |_, place, index| {
        sql.push(", ").push(column(era, place, index));
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
    let (combinator, condition) = match form {
        Form::Direct => ("", ""),
        Form::State => ("State", ""),
        Form::StateShown => ("IfState", "era = 1"),
        Form::StateCompared => ("IfState", "era = 0"),
        Form::Finalize(era) => {
            sql.push("finalizeAggregation(")
                .push(column(era, place, index))
                .push(")");
            return;
        }
        Form::Merge(era) => return merge(sql, one, era, place, index),
        Form::MergeOver(window) => {
            merge(sql, one, Era::Both, place, index);
            sql.push(window);
            return;
        }
    };
    let argument = argument(one.input, place);
    sql.push(one.function)
        .push(combinator)
        .push(one.level)
        .push("(")
        .push(argument);
    sql.push(if argument.is_empty() || condition.is_empty() {
        ""
    } else {
        ", "
    })
    .push(condition)
    .push(")");
}

fn merge(sql: &mut Sql, one: Aggregate, era: Era, place: usize, index: usize) {
    let combinator = match era {
        Era::Both => "Merge",
        Era::Shown | Era::Compared => "IfMerge",
    };
    sql.push(one.function)
        .push(combinator)
        .push(one.level)
        .push("(")
        .push(column(era, place, index))
        .push(")");
}

fn argument(input: Input, place: usize) -> &'static str {
    match (input, place) {
        (Input::Nothing, _) => "",
        (Input::User, _) => "u",
        (Input::Number, 0) => "x0",
        (Input::Number, _) => "x1",
        (Input::Flag, 0) => "n0",
        (Input::Flag, _) => "n1",
    }
}

fn column(era: Era, place: usize, index: usize) -> &'static str {
    let names = match era {
        Era::Both => STATES,
        Era::Shown => SHOWN,
        Era::Compared => COMPARED,
    };
    names
        .get(place)
        .and_then(|of_measure| of_measure.get(index))
        .copied()
        .unwrap_or_default()
}
