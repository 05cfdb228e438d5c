//! A configuration file beside the environment: TOML, the names of the variables without `EMBAN_`, in lower case.

use toml::{Table, Value};

use super::ConfigError;

/// Names the file.
const VARIABLE: &str = "EMBAN_CONFIG";

/// Adds what the file of `EMBAN_CONFIG` says to the variables; a variable that is set wins over the file.
///
/// `read` gives the text of a file. Errors: every member that is neither a text, a number, a truth value nor a list of
/// texts; whether its name is known is checked with the variables themselves.
pub fn with_file(
    vars: Vec<(String, String)>,
    read: impl Fn(&str) -> std::io::Result<String>,
) -> Result<Vec<(String, String)>, ConfigError> {
    let (mut vars, named): (Vec<_>, Vec<_>) =
        vars.into_iter().partition(|(name, _)| name != VARIABLE);
    let Some((_, path)) = named.into_iter().find(|(_, path)| !path.is_empty()) else {
        return Ok(vars);
    };
    let problem = |problem: String| ConfigError {
        problems: vec![problem],
    };
    let text =
        read(&path).map_err(|error| problem(format!("{VARIABLE}: cannot read {path}: {error}")))?;
    // What is wrong is told without the line itself, which may hold a secret.
    let table: Table = toml::from_str(&text).map_err(|error| {
        problem(format!(
            "{VARIABLE}: {path} is not TOML: {}",
            error.message()
        ))
    })?;
    let mut problems = Vec::new();
    for (key, value) in table {
        let name = format!("EMBAN_{}", key.to_ascii_uppercase());
        match plain(&value) {
            Some(_) if vars.iter().any(|(set, _)| *set == name) => {}
            Some(text) => vars.push((name, text)),
            None => problems.push(format!(
                "{key} in {path} must be a text, a number or a list of texts"
            )),
        }
    }
    if problems.is_empty() {
        Ok(vars)
    } else {
        Err(ConfigError { problems })
    }
}

/// A value as a variable would have it; lists are separated by commas.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(truth) => Some(truth.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "listen = \"127.0.0.1:9\"\nrate_per_key = 50\nenvironments = [\"production\", \"test\"]\n";

    fn read(text: &'static str) -> impl Fn(&str) -> std::io::Result<String> {
        move |path| match path {
            "emban.toml" => Ok(text.to_owned()),
            _ => Err(std::io::ErrorKind::NotFound.into()),
        }
    }

    fn vars(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn a_variable_wins_over_the_file() {
        let set = vars(&[("EMBAN_CONFIG", "emban.toml"), ("EMBAN_RATE_PER_KEY", "7")]);
        let mut found = with_file(set, read(FILE)).unwrap();
        found.sort();
        let expect = [
            ("EMBAN_ENVIRONMENTS", "production,test"),
            ("EMBAN_LISTEN", "127.0.0.1:9"),
            ("EMBAN_RATE_PER_KEY", "7"),
        ];
        assert_eq!(found, vars(&expect));
        let without = vars(&[("EMBAN_LISTEN", "x")]);
        assert_eq!(with_file(without.clone(), read(FILE)).unwrap(), without);
    }

    #[test]
    fn what_is_wrong_with_the_file_is_told_without_its_secrets() {
        let named = |path| vars(&[("EMBAN_CONFIG", path)]);
        let problems = |path, text| with_file(named(path), read(text)).unwrap_err().problems;
        assert!(
            problems("missing.toml", "")
                .first()
                .unwrap()
                .contains("cannot read missing.toml")
        );
        let found = problems("emban.toml", "edge_secret = hunter2hunter2\n");
        assert!(found.first().unwrap().contains("is not TOML"), "{found:?}");
        assert!(!found.concat().contains("hunter2"), "{found:?}");
        let found = problems("emban.toml", "a = 1.5\nb = { c = 1 }\n");
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
