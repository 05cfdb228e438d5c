//! The one form in which a question is asked, kept and compared.

use emban_contract::embed::QueryRequest;
use emban_contract::filters::{OneOrMany, ViewerFilters};

/// Writes a query in its canonical form, so that equal questions have equal bytes: members by name, widgets and
/// chosen values sorted and each once, no default spelled out.
///
/// Errors: a number that JSON cannot express.
pub fn canonical(mut request: QueryRequest) -> Result<Vec<u8>, serde_json::Error> {
    if let Some(widgets) = &mut request.widgets {
        widgets.sort();
        widgets.dedup();
    }
    sort_values(&mut request.filters);
    serde_json::to_vec(&request)
}

/// The values of one dimension are joined by OR: their order and number of mentions mean nothing.
fn sort_values(filters: &mut ViewerFilters) {
    for chosen in filters.dimensions.values_mut() {
        let mut values = chosen.values().to_vec();
        values.sort();
        values.dedup();
        *chosen = OneOrMany::Many(values);
    }
}
