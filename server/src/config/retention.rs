//! `EMBAN_RETENTION_DAYS`: how long the events of each environment are kept.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use emban_contract::EnvironmentName;

/// Days for which events are kept, by environment; for ever where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Retention {
    everywhere: Option<NonZeroU32>,
    named: BTreeMap<EnvironmentName, NonZeroU32>,
}

impl Retention {
    /// Reads `400`, or `production=400,development=30`, or both: `400,development=30`.
    ///
    /// Errors: a sentence for each part that cannot be read, or that names an environment which is not there.
    pub(super) fn parse(text: &str, environments: &[EnvironmentName]) -> Result<Self, Vec<String>> {
        let (mut retention, mut problems) = (Self::default(), Vec::new());
        for part in text.split(',').map(str::trim) {
            let (name, days) = part.split_once('=').map_or((None, part), |(name, days)| {
                (Some(name.trim()), days.trim())
            });
            let Ok(days) = days.parse::<NonZeroU32>() else {
                problems.push(format!(
                    "EMBAN_RETENTION_DAYS holds {part:?}: days must be a whole number from 1"
                ));
                continue;
            };
            let Some(name) = name else {
                retention.everywhere = Some(days);
                continue;
            };
            match environments.iter().find(|known| known.as_str() == name) {
                Some(known) => {
                    retention.named.insert(known.clone(), days);
                }
                None => problems.push(format!(
                    "EMBAN_RETENTION_DAYS names {name:?}, which is not one of EMBAN_ENVIRONMENTS"
                )),
            }
        }
        if problems.is_empty() {
            Ok(retention)
        } else {
            Err(problems)
        }
    }

    /// Of one environment.
    pub fn days(&self, environment: &EnvironmentName) -> Option<NonZeroU32> {
        self.named.get(environment).copied().or(self.everywhere)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environments_own_days_win_over_those_of_all() {
        let names = ["production", "development"].map(|name| EnvironmentName::new(name).unwrap());
        let days = |text: &str| {
            let retention = Retention::parse(text, &names).unwrap();
            names
                .each_ref()
                .map(|name| retention.days(name).map_or(0, NonZeroU32::get))
        };
        assert_eq!(days("400"), [400, 400]);
        assert_eq!(days("production=400"), [400, 0]);
        assert_eq!(days("400, development = 30"), [400, 30]);
        let problems = |text: &str| Retention::parse(text, &names).unwrap_err().len();
        assert_eq!(problems("0"), 1);
        assert_eq!(problems("a year,test=3,production=x"), 3);
    }
}
