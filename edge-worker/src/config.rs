//! What an edge has to be told.

use emban_contract::{IdError, OrganisationId};

use crate::pace::REQUESTS_PER_MINUTE;

/// How this edge is set up.
#[derive(Debug, Clone)]
pub(crate) struct EdgeConfig {
    /// Scheme, host and port of the origin, without a slash at the end.
    pub(crate) origin_url: String,
    /// What the origin and its edges share: guards the feed.
    pub(crate) edge_secret: String,
    /// Whose sessions are accepted.
    pub(crate) organisation: OrganisationId,
    /// Requests that one session may make a minute; 0 is no limit.
    pub(crate) session_requests_per_minute: u32,
    /// Bytes of answers kept in the isolate's memory.
    pub(crate) answer_bytes: usize,
}

/// MiB of answers in memory when the operator does not say: a quarter of the 128 MB that Workers grant.
const ANSWER_MIB: u32 = 32;

/// MiB of answers in memory at most: the rest of the isolate needs about as much again.
const MOST_ANSWER_MIB: u32 = 64;

/// Why an edge cannot start. Names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("`{name}` is not set")]
    Missing { name: &'static str },
    #[error("`{name}` has to be a URL such as https://origin.example.com")]
    NotAUrl { name: &'static str },
    #[error("`{name}`: {error}")]
    NotAnId { name: &'static str, error: IdError },
    #[error("`{name}` has to be a whole number from 0 to {most}")]
    NotANumber { name: &'static str, most: u32 },
}

impl EdgeConfig {
    /// Reads `ORIGIN_URL`, `EDGE_SECRET`, `ORGANISATION` (`default` when not set), `SESSION_REQUESTS_PER_MINUTE` (600,
    /// 0 is no limit) and `ANSWER_MEMORY_MIB` (32, at most 64).
    pub(crate) fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let needed = |name: &'static str| {
            var(name)
                .filter(|value| !value.is_empty())
                .ok_or(ConfigError::Missing { name })
        };
        let origin_url = needed("ORIGIN_URL")?.trim_end_matches('/').to_owned();
        let host = origin_url
            .strip_prefix("https://")
            .or_else(|| origin_url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@'])) {
            return Err(ConfigError::NotAUrl { name: "ORIGIN_URL" });
        }
        let edge_secret = needed("EDGE_SECRET")?;
        let organisation =
            OrganisationId::new(var("ORGANISATION").unwrap_or_else(|| "default".to_owned()))
                .map_err(|error| ConfigError::NotAnId {
                    name: "ORGANISATION",
                    error,
                })?;
        let number = |name: &'static str, default: u32, most: u32| match var(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if number <= most => Ok(number),
                Ok(_) | Err(_) => Err(ConfigError::NotANumber { name, most }),
            },
        };
        let requests = number("SESSION_REQUESTS_PER_MINUTE", REQUESTS_PER_MINUTE, u32::MAX)?;
        let mebibytes = number("ANSWER_MEMORY_MIB", ANSWER_MIB, MOST_ANSWER_MIB)?;
        Ok(Self {
            origin_url,
            edge_secret,
            organisation,
            session_requests_per_minute: requests,
            answer_bytes: mebibytes as usize * 1024 * 1024,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(vars: &[(&str, &str)]) -> Result<EdgeConfig, ConfigError> {
        EdgeConfig::from_vars(|name| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            read(&[]).unwrap_err(),
            ConfigError::Missing { name: "ORIGIN_URL" }
        );
        let error = read(&[("ORIGIN_URL", "https://o")]).unwrap_err();
        assert_eq!(
            error,
            ConfigError::Missing {
                name: "EDGE_SECRET"
            }
        );
        for url in [
            "o",
            "ftp://o",
            "https://",
            "https://o/path",
            "https://user@o",
        ] {
            let error = read(&[("ORIGIN_URL", url), ("EDGE_SECRET", "s")]).unwrap_err();
            assert_eq!(error, ConfigError::NotAUrl { name: "ORIGIN_URL" }, "{url}");
        }
    }

    #[test]
    fn a_full_set_is_read() {
        let config = read(&[
            ("ORIGIN_URL", "http://127.0.0.1:8080/"),
            ("EDGE_SECRET", "s"),
        ])
        .unwrap();
        assert_eq!(config.origin_url, "http://127.0.0.1:8080");
        assert_eq!(config.organisation.as_str(), "default");
        assert_eq!(config.session_requests_per_minute, 600);
        assert_eq!(config.answer_bytes, 32 * 1024 * 1024);
    }

    #[test]
    fn every_variable_stands_where_an_edge_is_set_up() {
        let asked = std::cell::RefCell::new(Vec::new());
        let given = [("ORIGIN_URL", "http://o"), ("EDGE_SECRET", "s")];
        let config = EdgeConfig::from_vars(|name| {
            asked.borrow_mut().push(name.to_owned());
            let found = given.iter().find(|(n, _)| *n == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        config.unwrap();
        let cloudflare = include_str!("../../wrangler.toml");
        let workerd = include_str!("../workerd/emban.capnp");
        let manual = include_str!("../../docs/OPERATIONS.md");
        for name in asked.borrow().iter() {
            // A secret is put there by hand: a variable of the same name in the file would be readable by everyone.
            let expected = if name == "EDGE_SECRET" {
                "wrangler secret put EDGE_SECRET".to_owned()
            } else {
                format!("\n{name} = \"")
            };
            assert!(cloudflare.contains(&expected), "wrangler.toml: {name}");
            let binding = format!("(name = \"{name}\", fromEnvironment = \"{name}\")");
            assert!(workerd.contains(&binding), "emban.capnp: {name}");
            assert!(
                manual.contains(&format!("| `{name}` |")),
                "OPERATIONS.md: {name}"
            );
        }
        let bindings = workerd.matches("fromEnvironment").count();
        assert_eq!(bindings, asked.borrow().len(), "one that nobody reads");
    }

    #[test]
    fn a_number_that_cannot_be_used_is_named() {
        let with = |name: &'static str, value: &'static str| {
            read(&[
                ("ORIGIN_URL", "http://o"),
                ("EDGE_SECRET", "s"),
                (name, value),
            ])
        };
        let unlimited = with("SESSION_REQUESTS_PER_MINUTE", "0").unwrap();
        assert_eq!(unlimited.session_requests_per_minute, 0);
        for value in ["", "-1", "1.5", "many", "65"] {
            let error = with("ANSWER_MEMORY_MIB", value).unwrap_err();
            assert!(
                error.to_string().contains("`ANSWER_MEMORY_MIB`"),
                "{value:?} {error}"
            );
        }
    }
}
