//! The control plane on a real SQLite file and on a real PostgreSQL server, by the same cases: what was committed is
//! there after a restart, nobody sees another environment's objects, and every revocation reaches the feed.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod cases;
mod place;

macro_rules! on_both_databases {
    ($($name:ident,)*) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() {
                crate::cases::$name(&crate::place::Place::sqlite()).await;
            })*
        }

        mod postgresql {
            $(#[tokio::test] async fn $name() {
                crate::cases::$name(&crate::place::Place::postgresql()).await;
            })*
        }
    };
}

on_both_databases! {
    a_key_is_found_until_it_expires_or_is_revoked,
    the_raw_key_is_nowhere_in_the_database,
    an_edit_of_the_draft_does_not_show_before_the_next_publish,
    another_environment_neither_sees_nor_changes_a_dashboard,
    what_ends_a_session_reaches_the_feed_in_order,
    a_single_use_session_opens_once,
    what_was_sent_again_is_kept_once,
    the_audit_log_is_read_newest_first,
    two_openings_at_once_prepare_one_database,
}

/// Servers that are rented are reached over TLS.
#[tokio::test]
async fn a_postgresql_server_is_reached_over_tls_and_only_when_its_authority_is_known() {
    use emban_server::control::Control;
    let (_place, url, authority) = place::Place::postgresql_with_tls();
    let authority = authority.display();
    let checked = format!("{url}?sslmode=verify-full&sslrootcert={authority}");
    Control::open_url(&checked)
        .await
        .unwrap()
        .ping()
        .await
        .unwrap();
    for refused in ["sslmode=disable", "sslmode=verify-full"] {
        let opened = Control::open_url(&format!("{url}?{refused}")).await;
        assert!(opened.is_err(), "{refused}");
    }
}
