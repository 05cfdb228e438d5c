//! A connection runs no query and gives its client to nobody.

use emban_contract::embed::RowsAnswer;
use emban_warehouse::{RowsPlan, ScopedWarehouse, Warehouse};

async fn unscoped(warehouse: Warehouse, plan: RowsPlan) -> RowsAnswer {
    let _client = &warehouse.client;
    let _query = warehouse.query("SELECT * FROM events");
    warehouse.rows(&plan).await.unwrap()
}

async fn sql_of_ones_own(scoped: ScopedWarehouse) {
    let _client = &scoped.client;
    let _query = scoped.query("SELECT * FROM events");
    scoped.run("SELECT * FROM events").await;
}

fn main() {}
