//! The fields of a scope are its own.

use emban_contract::{EnvironmentName, TenantId};
use emban_warehouse::TenantScope;

fn main() {
    let tenant = TenantId::new("victim").unwrap();
    let environment = EnvironmentName::new("production").unwrap();
    let _scope = TenantScope { tenant, environment };
}
