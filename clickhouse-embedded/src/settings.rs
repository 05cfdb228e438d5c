//! The ClickHouse settings that a request may carry, and the one `SET` statement they become.
//!
//! An allow-list, because the engine's own answer to a name it does not know depends on the way it comes in (a
//! connection argument is dropped without a word), and because a mistyped limit that is ignored is no limit.

use crate::exception::Exception;

/// Settings that are handed to the engine.
const ALLOWED: &[&str] = &[
    "additional_table_filters",
    "allow_experimental_json_type",
    "async_insert",
    "async_insert_deduplicate",
    "cancel_http_readonly_queries_on_client_close",
    "date_time_input_format",
    "date_time_output_format",
    "deduplicate_blocks_in_dependent_materialized_views",
    "describe_include_subcolumns",
    "enable_json_type",
    "group_by_overflow_mode",
    "input_format_binary_read_json_as_string",
    "insert_deduplicate",
    "insert_deduplication_token",
    "join_use_nulls",
    "json_type_escape_dots_in_keys",
    "lightweight_deletes_sync",
    "max_block_size",
    "max_bytes_to_read",
    "max_concurrent_queries_for_user",
    "max_execution_time",
    "max_insert_block_size",
    "max_insert_threads",
    "max_memory_usage",
    "max_result_bytes",
    "max_result_rows",
    "max_rows_to_group_by",
    "max_rows_to_read",
    "max_threads",
    "min_insert_block_size_bytes",
    "min_insert_block_size_rows",
    "mutations_sync",
    "optimize_use_projections",
    "output_format_binary_write_json_as_string",
    "output_format_json_quote_64bit_integers",
    "output_format_json_quote_denormals",
    "prefer_column_name_to_alias",
    "read_overflow_mode",
    "readonly",
    "result_overflow_mode",
    "session_timezone",
    "timeout_overflow_mode",
    "type_json_skip_duplicated_paths",
    "use_uncompressed_cache",
    "wait_for_async_insert",
];

/// Settings that are known and change nothing here: answers are always whole and uncompressed, there is no
/// query log, and `log_comment` is how the helper finds a query to kill.
const WITHOUT_EFFECT: &[&str] = &[
    "wait_end_of_query",
    "enable_http_compression",
    "send_progress_in_http_headers",
    "log_comment",
];

/// The settings of one request, in the order in which they came.
#[derive(Debug, Default, Clone)]
pub struct Settings {
    values: Vec<(&'static str, String)>,
}

impl Settings {
    /// Takes one setting; errors with code 115 if the helper does not know its name.
    pub fn push(&mut self, name: &str, value: String) -> Result<(), Exception> {
        if WITHOUT_EFFECT.contains(&name) {
            return Ok(());
        }
        let known = ALLOWED.iter().find(|allowed| **allowed == name);
        let known = known.ok_or_else(|| Exception::unknown_setting(name))?;
        self.values.push((known, value));
        Ok(())
    }

    /// Whether the request asked for `readonly=1`, which forbids writes and changes of settings.
    pub fn is_read_only(&self) -> bool {
        self.values
            .iter()
            .rev()
            .find(|(name, _)| *name == "readonly")
            .is_some_and(|(_, value)| value == "1")
    }

    /// Makes the request read-only, as ClickHouse does for GET.
    pub fn make_read_only(&mut self) {
        self.values.push(("readonly", "1".to_owned()));
    }

    /// The `SET` statement for all of them; `None` if there are none.
    ///
    /// `readonly` stands last: the engine checks the list from left to right, and behind it no setting may change.
    pub fn statement(&self) -> Option<String> {
        let (last, first): (Vec<_>, Vec<_>) = self
            .values
            .iter()
            .partition(|(name, _)| *name == "readonly");
        let assignments: Vec<String> = first
            .into_iter()
            .chain(last)
            .map(|(name, value)| format!("{name} = {}", literal(value)))
            .collect();
        (!assignments.is_empty()).then(|| format!("SET {}", assignments.join(", ")))
    }
}

/// A ClickHouse string literal; settings of every type are read from one.
fn literal(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in pairs {
            settings.push(name, (*value).to_owned()).unwrap();
        }
        settings
    }

    #[test]
    fn readonly_is_set_after_everything_else() {
        let set = settings(&[("readonly", "1"), ("max_threads", "2")])
            .statement()
            .unwrap();
        assert_eq!(set, "SET max_threads = '2', readonly = '1'");
    }

    #[test]
    fn quotes_and_backslashes_stay_inside_the_literal() {
        let set = settings(&[("additional_table_filters", r"{'t':'a = \'b\''}")])
            .statement()
            .unwrap();
        assert_eq!(
            set,
            r"SET additional_table_filters = '{\'t\':\'a = \\\'b\\\'\'}'"
        );
    }

    #[test]
    fn a_name_outside_the_list_is_refused_by_name() {
        let refused = Settings::default()
            .push("max_execution_tme", "1".to_owned())
            .unwrap_err();
        assert_eq!(refused.code(), 115);
        assert!(
            refused.text().contains("max_execution_tme"),
            "{}",
            refused.text()
        );
    }

    #[test]
    fn the_last_readonly_counts() {
        assert!(settings(&[("readonly", "0"), ("readonly", "1")]).is_read_only());
        assert!(!settings(&[("readonly", "1"), ("readonly", "0")]).is_read_only());
        assert_eq!(
            settings(&[("log_comment", "x"), ("wait_end_of_query", "1")]).statement(),
            None
        );
    }
}
