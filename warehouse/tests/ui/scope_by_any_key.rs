//! A company's key gives a scope only when it was verified and may read.

use emban_contract::TenantId;
use emban_session::{KeptKey, VerifiedKey};
use emban_warehouse::TenantScope;

fn by_a_key_that_was_not_shown(kept: &KeptKey, tenant: TenantId) {
    let _scope = TenantScope::named_by(kept, tenant);
}

fn by_a_key_that_may_not_read(key: &VerifiedKey, tenant: TenantId) {
    let _scope = TenantScope::named_by(key, tenant);
}

fn main() {}
