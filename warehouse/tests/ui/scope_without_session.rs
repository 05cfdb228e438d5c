//! A scope comes from a verified session and from nowhere else.

use emban_contract::TenantId;
use emban_warehouse::TenantScope;

fn main() {
    let tenant = TenantId::new("victim").unwrap();
    let _scope = TenantScope::from(&tenant);
    let _scope = TenantScope::default();
    let _scope = TenantScope::new(tenant);
}
