//! What an edge has to be told.

use emban_contract::{IdError, OrganisationId};

/// How this edge is set up.
#[derive(Debug, Clone)]
pub(crate) struct EdgeConfig {
    /// Scheme, host and port of the origin, without a slash at the end.
    pub(crate) origin_url: String,
    /// What the origin and its edges share: guards the feed.
    pub(crate) edge_secret: String,
    /// Whose sessions are accepted.
    pub(crate) organisation: OrganisationId,
}

/// Why an edge cannot start. Names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("`{name}` is not set")]
    Missing { name: &'static str },
    #[error("`{name}` has to be a URL such as https://origin.example.com")]
    NotAUrl { name: &'static str },
    #[error("`{name}`: {error}")]
    NotAnId { name: &'static str, error: IdError },
}

impl EdgeConfig {
    /// Reads `ORIGIN_URL`, `EDGE_SECRET` and `ORGANISATION` (`default` when not set).
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
        Ok(Self {
            origin_url,
            edge_secret,
            organisation,
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
    }
}
