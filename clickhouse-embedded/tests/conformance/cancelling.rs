//! A query whose client has gone must not go on using the machine.

use std::time::Duration;

use super::harness::Target;

const ENDLESS: &str = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1";
const RUNNING: &str = "SELECT count() FROM system.processes WHERE current_database = currentDatabase() \
                       AND query LIKE '%numbers(1000000000000)%' AND query NOT LIKE '%system.processes%'";

#[tokio::test]
async fn a_query_whose_client_goes_away_is_killed() {
    let target = Target::start("killed").await;
    // A server kills such queries only when it is asked to; the helper always does.
    let asked = ("cancel_http_readonly_queries_on_client_close", "1");
    for (name, value) in [asked, ("readonly", "1")] {
        let parameters = [asked, (name, value)];
        let query = target.post(&parameters[..if name == asked.0 { 1 } else { 2 }], ENDLESS);
        let started = target.wait_for(RUNNING, "1");
        tokio::select! {
            response = query => panic!("the query ended: {}", response.text().await.unwrap()),
            () = started => {}
        }
        // The select has dropped the request, which closes its connection.
        target.wait_for(RUNNING, "0").await;
    }
}

#[tokio::test]
async fn abandoned_queries_do_not_use_up_the_places() {
    let target = Target::start("places").await;
    let asked = [("cancel_http_readonly_queries_on_client_close", "1")];
    for _ in 0..40 {
        let query = target.post(&asked, ENDLESS);
        assert!(
            tokio::time::timeout(Duration::from_millis(20), query)
                .await
                .is_err()
        );
    }
    target.wait_for(RUNNING, "0").await;
}
