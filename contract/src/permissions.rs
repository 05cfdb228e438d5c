//! What a session may do. Permissions narrow; the tenant isolates. An unknown permission is an error.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dashboard::Period;
use crate::filters::OneOrMany;
use crate::{UnixMillis, WidgetId};

/// The permissions of an embed session, as asked for at minting and as signed into the token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// Click-to-filter and detail rows.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub allow_drill_down: bool,
    /// Applied to every query; the viewer can neither see nor change them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub locked_filters: BTreeMap<String, OneOrMany>,
    /// Widgets that do not exist for this session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden_widgets: Vec<WidgetId>,
    /// Dimensions that the viewer may filter, group or drill by; all when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_dimensions: Option<Vec<String>>,
    /// Periods that the viewer may choose; all when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_periods: Option<Vec<Period>>,
    /// Longest range of any query, in days; 0 is no limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub max_date_range_days: u32,
    /// Rows of drill-down that the session may see of one point; the default limit when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_drill_rows: Option<u32>,
    /// Downloads of figures.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub allow_export: bool,
    /// Nothing before this instant can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<UnixMillis>,
    /// IANA time zone of days and hours; UTC when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// BCP 47 tag for numbers, dates and texts; the browser's own when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Origins that may frame or script-embed the session; any when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
    /// Who looks, for the audit log; has no effect on what is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The document can be opened once; a second opening is refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub single_use: bool,
}

impl Default for Permissions {
    fn default() -> Self {
        Self {
            allow_drill_down: true,
            locked_filters: BTreeMap::new(),
            hidden_widgets: Vec::new(),
            allowed_dimensions: None,
            allowed_periods: None,
            max_date_range_days: 0,
            max_drill_rows: None,
            allow_export: true,
            not_before: None,
            timezone: None,
            locale: None,
            allowed_origins: None,
            user_id: None,
            single_use: false,
        }
    }
}

impl Permissions {
    /// Whether the viewer may filter, group or drill by a dimension. A locked dimension is never the viewer's.
    pub fn allows_dimension(&self, prop: &str) -> bool {
        !self.locked_filters.contains_key(prop)
            && self
                .allowed_dimensions
                .as_ref()
                .is_none_or(|allowed| allowed.iter().any(|a| a == prop))
    }

    /// Whether the viewer may choose a period.
    pub fn allows_period(&self, period: Period) -> bool {
        self.allowed_periods
            .as_ref()
            .is_none_or(|allowed| allowed.contains(&period))
    }

    /// Days that dates of the viewer's own may cover; `None` is no limit.
    ///
    /// The bound that is given, or else the longest period that may be chosen: dates are no way around it.
    pub fn longest_dates(&self) -> Option<u32> {
        if self.max_date_range_days > 0 {
            return Some(self.max_date_range_days);
        }
        let periods = self.allowed_periods.as_ref()?;
        Some(periods.iter().map(|p| p.max_days()).max().unwrap_or(0))
    }

    /// Whether a widget exists for this session.
    pub fn shows(&self, widget: &WidgetId) -> bool {
        !self.hidden_widgets.contains(widget)
    }
}

fn yes() -> bool {
    true
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_true(value: &bool) -> bool {
    *value
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_asked_for_is_everything_but_the_wall() {
        let permissions: Permissions = serde_json::from_str("{}").unwrap();
        assert_eq!(permissions, Permissions::default());
        assert!(permissions.allow_drill_down && permissions.allow_export);
        assert_eq!(serde_json::to_string(&permissions).unwrap(), "{}");
    }

    #[test]
    fn an_unknown_permission_is_an_error() {
        let error = serde_json::from_str::<Permissions>(r#"{"tenant_id":"other"}"#).unwrap_err();
        assert!(error.to_string().contains("tenant_id"), "{error}");
    }

    #[test]
    fn a_locked_dimension_is_not_the_viewers_even_when_allowed() {
        let permissions: Permissions = serde_json::from_str(
            r#"{"locked_filters":{"plan":"pro"},"allowed_dimensions":["plan","model"]}"#,
        )
        .unwrap();
        assert!(!permissions.allows_dimension("plan"));
        assert!(permissions.allows_dimension("model"));
        assert!(!permissions.allows_dimension("endpoint"));
    }
}
