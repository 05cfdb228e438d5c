//! Labels of a grouping's values.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Labels by value, in the order of the values; an object on the wire.
///
/// A list, since the code of a map is 5 KB in the browser, and the labels of a widget are few.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(transparent)
)]
pub struct Labels(
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, String>"))]
    Vec<(String, String)>,
);

impl Labels {
    /// The label of a value.
    pub fn get(&self, value: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == value)
            .map(|(_, label)| label.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<(String, String)>> for Labels {
    fn from(labels: Vec<(String, String)>) -> Self {
        Self(labels)
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(value, label)| (value, label)))
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let labels = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(labels.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_an_object_on_the_wire() {
        let labels: Labels = serde_json::from_str(r#"{"b":"Two","a":"One"}"#).unwrap();
        assert_eq!((labels.get("a"), labels.get("c")), (Some("One"), None));
        assert_eq!(
            serde_json::to_string(&labels).unwrap(),
            r#"{"a":"One","b":"Two"}"#
        );
        assert!(serde_json::from_str::<Labels>(r#"{"a":1}"#).is_err());
    }
}
