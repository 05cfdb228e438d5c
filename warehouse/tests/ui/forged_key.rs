//! The proofs of a key cannot be made by hand.

use emban_contract::EnvironmentName;
use emban_contract::keys::KeyScope;
use emban_session::{ReadKey, VerifiedKey};

fn main() {
    let environment = EnvironmentName::new("production").unwrap();
    let _key = ReadKey {
        environment: environment.clone(),
    };
    let _key = VerifiedKey {
        scope: KeyScope::Admin,
        environment,
        expires_at: None,
    };
}
