//! Which filters apply: those of the session, of the viewer, of the widget.

use std::collections::BTreeSet;

use emban_contract::dashboard::{Condition, DashboardDocument, Widget};
use emban_contract::filters::ViewerFilters;
use emban_contract::limits;
use emban_contract::permissions::Permissions;
use emban_contract::problem::{Detail, pointer_segment};

use super::{Field, PlanError, Predicate};
use crate::property::PropertyPath;

/// The session's own filters. The viewer neither sees nor changes them.
pub(crate) fn locked(permissions: &Permissions) -> Vec<Predicate> {
    let each = permissions.locked_filters.iter();
    each.map(|(prop, values)| Predicate::In {
        field: Field::of(prop),
        values: values.values().to_vec(),
    })
    .collect()
}

/// The properties that the session locks.
pub(crate) fn locked_names(permissions: &Permissions) -> Vec<String> {
    permissions.locked_filters.keys().cloned().collect()
}

/// A widget's fixed filters.
pub(crate) fn fixed(conditions: &[Condition]) -> Vec<Predicate> {
    let mut predicates = Vec::new();
    for condition in conditions {
        predicates.push(match condition {
            Condition::In { prop, values } => Predicate::In {
                field: Field::of(prop),
                values: values.clone(),
            },
            Condition::NotIn { prop, values } => Predicate::NotIn {
                field: Field::of(prop),
                values: values.clone(),
            },
            // A document with no bound at all is not published; it would filter nothing.
            Condition::Between {
                min: None,
                max: None,
                ..
            } => continue,
            Condition::Between { prop, min, max } => Predicate::Between {
                path: PropertyPath::of(prop),
                min: *min,
                max: *max,
            },
        });
    }
    predicates
}

/// The properties that hidden widgets show, and neither another widget, nor a filter, nor a permission names.
pub(crate) fn hidden_names(
    document: &DashboardDocument,
    permissions: &Permissions,
) -> BTreeSet<String> {
    let (seen, hidden): (Vec<&Widget>, Vec<&Widget>) = document
        .widgets
        .iter()
        .partition(|widget| permissions.shows(&widget.id));
    let filters = &document.filters;
    let dimensions = filters.dimensions.iter().map(|dimension| &dimension.prop);
    let ranges = filters.numeric_ranges.iter().map(|range| &range.prop);
    let named: BTreeSet<&String> = seen
        .into_iter()
        .flat_map(shown_props)
        .chain(dimensions)
        .chain(ranges)
        .chain(permissions.allowed_dimensions.iter().flatten())
        .collect();
    let of_hidden = hidden.into_iter().flat_map(shown_props);
    of_hidden
        .filter(|prop| !named.contains(prop))
        .cloned()
        .collect()
}

/// What a widget groups by and measures.
fn shown_props(widget: &Widget) -> impl Iterator<Item = &String> {
    let measured = widget
        .query
        .iter()
        .flat_map(|query| [&query.numeric_prop, &query.second_numeric_prop]);
    group_props(widget).chain(measured.flatten())
}

fn group_props(widget: &Widget) -> impl Iterator<Item = &String> {
    widget
        .query
        .iter()
        .filter_map(|query| query.group_by.as_ref())
        .flat_map(|group| group.props())
}

/// The properties that the viewer may filter by: those that the document offers, and those that a click on a widget names.
pub(crate) fn dimensions<'a>(
    document: &'a DashboardDocument,
    permissions: &Permissions,
) -> BTreeSet<&'a str> {
    let offered = document
        .filters
        .dimensions
        .iter()
        .map(|dimension| dimension.prop.as_str());
    let clickable = document
        .widgets
        .iter()
        .filter(|widget| permissions.allow_drill_down && permissions.shows(&widget.id))
        .flat_map(|widget| group_props(widget).map(String::as_str));
    offered
        .chain(clickable)
        .filter(|prop| permissions.allows_dimension(prop))
        .collect()
}

/// The viewer's choice of values and ranges; `but` names a dimension whose choice does not count.
///
/// Errors: `NotPermitted` for a dimension that the session forbids or locks, `Invalid` for one that nobody offers.
pub(crate) fn chosen(
    filters: &ViewerFilters,
    document: &DashboardDocument,
    permissions: &Permissions,
    but: Option<&str>,
) -> Result<Vec<Predicate>, PlanError> {
    let mut predicates = Vec::new();
    let mut details = Vec::new();
    let offered = dimensions(document, permissions);
    for (prop, values) in &filters.dimensions {
        let path = ["/filters/dimensions/", &pointer_segment(prop)].concat();
        if !permissions.allows_dimension(prop) {
            return Err(PlanError::NotPermitted {
                what: "this dimension",
            });
        }
        let values = values.values();
        let single = document
            .filters
            .dimensions
            .iter()
            .any(|dimension| dimension.prop == *prop && !dimension.multi);
        if !offered.contains(prop.as_str()) {
            details.push(Detail::new(path, "is not a dimension of this dashboard"));
        } else if values.len() > limits::FILTER_VALUES {
            details.push(Detail::new(path, "holds more than 200 values"));
        } else if single && values.len() > 1 {
            details.push(Detail::new(path, "takes one value"));
        } else if !values.is_empty() && but != Some(prop.as_str()) {
            predicates.push(Predicate::In {
                field: Field::of(prop),
                values: values.to_vec(),
            });
        }
    }
    for (prop, range) in &filters.numeric_ranges {
        let path = ["/filters/numericRanges/", &pointer_segment(prop)].concat();
        if permissions.locked_filters.contains_key(prop) {
            return Err(PlanError::NotPermitted {
                what: "this property",
            });
        }
        match (range.min, range.max) {
            _ if !document
                .filters
                .numeric_ranges
                .iter()
                .any(|offered| offered.prop == *prop) =>
            {
                details.push(Detail::new(
                    path,
                    "is not a numeric filter of this dashboard",
                ));
            }
            (Some(min), Some(max)) if min > max => {
                details.push(Detail::new(path, "has its bounds the wrong way round"))
            }
            (None, None) => {}
            (min, max) => predicates.push(Predicate::Between {
                path: PropertyPath::of(prop),
                min,
                max,
            }),
        }
    }
    if details.is_empty() {
        Ok(predicates)
    } else {
        Err(PlanError::Invalid(details))
    }
}
