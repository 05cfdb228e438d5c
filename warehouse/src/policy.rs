//! The engine's own wall on a ClickHouse server: a user that only reads, under a row policy that names the tenant.
//!
//! The embedded engine has neither users nor policies; there the fourth wall is `additional_table_filters` alone.

use std::fmt;

use emban_contract::EnvironmentName;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::connection::database_name;
use crate::schema::TENANT_TABLES;

/// The setting with which a read names its tenant. `SQL_` is the prefix of custom settings that servers allow by default
/// (ClickHouse, server settings, `custom_settings_prefixes`).
pub const TENANT_SETTING: &str = "SQL_emban_tenant";

/// Characters of a user's name at most.
const NAME_CHARS: usize = 60;

/// A ClickHouse user's name that needs no quotes: letters, digits and `_`, not beginning with a digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// Checks a text; none when it would need quotes.
    pub fn new(text: &str) -> Option<Self> {
        let begins = text
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (begins && plain && text.len() <= NAME_CHARS).then(|| Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A user with its password.
#[derive(Debug, Clone)]
pub struct Login {
    /// Its name.
    pub user: UserName,
    /// Its password.
    pub password: SecretString,
}

impl Login {
    /// How a statement names the password without telling it: SHA-256 in hexadecimal. A guess costs one hash, so the
    /// password must be random and long.
    fn identified(&self) -> String {
        let digest = Sha256::digest(self.password.expose_secret().as_bytes());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("IDENTIFIED WITH sha256_hash BY '{hex}'")
    }
}

/// The statements that make the reading user and the policies of these environments. May be run any number of times.
///
/// `reader` reads one tenant at a time, `writer` everything, everyone else nothing. They hold hashes, no passwords.
pub fn statements(
    environments: &[EnvironmentName],
    reader: &Login,
    writer: &UserName,
) -> Vec<String> {
    let Login { user, .. } = reader;
    let identified = reader.identified();
    let mut statements = vec![
        format!("CREATE USER IF NOT EXISTS {user} {identified}"),
        format!("ALTER USER {user} {identified}"),
        format!("REVOKE ALL ON *.* FROM {user}"),
    ];
    let tables = environments.iter().flat_map(|environment| {
        let database = database_name(environment);
        TENANT_TABLES.map(|table| format!("{database}.{table}"))
    });
    for table in tables {
        statements.extend([
            format!("GRANT SELECT ON {table} TO {user}"),
            policy("emban_owner", &table, "1", writer.as_str()),
            policy("emban_tenant", &table, &named_tenant(), user.as_str()),
            policy(
                "emban_nobody",
                &table,
                "0",
                &format!("ALL EXCEPT {user}, {writer}"),
            ),
        ]);
    }
    statements
}

fn named_tenant() -> String {
    format!("tenant_id = getSetting('{TENANT_SETTING}')")
}

fn policy(name: &str, table: &str, condition: &str, users: &str) -> String {
    format!("CREATE ROW POLICY OR REPLACE {name} ON {table} USING {condition} TO {users}")
}

/// The statements that make, and end, a user whom no policy of ours names. To prove that such a user reads nothing.
pub(crate) fn stranger(environment: &EnvironmentName, login: &Login) -> ([String; 2], String) {
    let Login { user, .. } = login;
    let table = format!("{}.events", database_name(environment));
    let make = [
        format!("CREATE USER {user} {}", login.identified()),
        format!("GRANT SELECT ON {table} TO {user}"),
    ];
    (make, format!("DROP USER IF EXISTS {user}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_need_quotes_is_none() {
        for good in ["emban_reader", "_a", "A1"] {
            assert!(UserName::new(good).is_some(), "{good}");
        }
        for bad in ["", "1a", "a-b", "a b", "a'", "a;b", "ä", &"a".repeat(61)] {
            assert!(UserName::new(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn everyone_but_reader_and_writer_reads_nothing() {
        let environments = ["production".parse().unwrap(), "a-b".parse().unwrap()];
        let reader = Login {
            user: UserName::new("reader").unwrap(),
            password: SecretString::from("of the reader"),
        };
        let writer = UserName::new("writer").unwrap();
        let all = statements(&environments, &reader, &writer).join("\n");
        insta::assert_snapshot!(all, @r"
        CREATE USER IF NOT EXISTS reader IDENTIFIED WITH sha256_hash BY '3d9d1bac73e85b21c05400cd6878c48052d3fb44925c1391fc04d4806cc57c13'
        ALTER USER reader IDENTIFIED WITH sha256_hash BY '3d9d1bac73e85b21c05400cd6878c48052d3fb44925c1391fc04d4806cc57c13'
        REVOKE ALL ON *.* FROM reader
        GRANT SELECT ON emban_production.events TO reader
        CREATE ROW POLICY OR REPLACE emban_owner ON emban_production.events USING 1 TO writer
        CREATE ROW POLICY OR REPLACE emban_tenant ON emban_production.events USING tenant_id = getSetting('SQL_emban_tenant') TO reader
        CREATE ROW POLICY OR REPLACE emban_nobody ON emban_production.events USING 0 TO ALL EXCEPT reader, writer
        GRANT SELECT ON emban_production.rollups TO reader
        CREATE ROW POLICY OR REPLACE emban_owner ON emban_production.rollups USING 1 TO writer
        CREATE ROW POLICY OR REPLACE emban_tenant ON emban_production.rollups USING tenant_id = getSetting('SQL_emban_tenant') TO reader
        CREATE ROW POLICY OR REPLACE emban_nobody ON emban_production.rollups USING 0 TO ALL EXCEPT reader, writer
        GRANT SELECT ON emban_a_mb.events TO reader
        CREATE ROW POLICY OR REPLACE emban_owner ON emban_a_mb.events USING 1 TO writer
        CREATE ROW POLICY OR REPLACE emban_tenant ON emban_a_mb.events USING tenant_id = getSetting('SQL_emban_tenant') TO reader
        CREATE ROW POLICY OR REPLACE emban_nobody ON emban_a_mb.events USING 0 TO ALL EXCEPT reader, writer
        GRANT SELECT ON emban_a_mb.rollups TO reader
        CREATE ROW POLICY OR REPLACE emban_owner ON emban_a_mb.rollups USING 1 TO writer
        CREATE ROW POLICY OR REPLACE emban_tenant ON emban_a_mb.rollups USING tenant_id = getSetting('SQL_emban_tenant') TO reader
        CREATE ROW POLICY OR REPLACE emban_nobody ON emban_a_mb.rollups USING 0 TO ALL EXCEPT reader, writer
        ");
        assert!(!all.contains("of the reader"));
    }
}
