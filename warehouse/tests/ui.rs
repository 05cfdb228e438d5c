//! What must not compile.

#[test]
fn a_scope_cannot_be_forged_and_no_query_runs_without_one() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
