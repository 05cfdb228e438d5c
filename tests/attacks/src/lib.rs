//! What an attacker sends, in one place for the tests of every tier: forged tokens, hostile texts, mutated documents.

pub mod forgery;
pub mod fuzz;
pub mod mutation;

/// Texts that mean something to SQL, to URLs, to templates or to JSON, and are valid wherever a text is.
pub const TEXTS: &[&str] = &[
    "' OR 1=1 --",
    "'; DROP TABLE events; --",
    "\" OR \"\"=\"",
    "victim' UNION ALL SELECT * FROM events --",
    "\\",
    "\\'",
    "{tenant:String}",
    "{x:String}",
    "{{0}}",
    "%",
    "%' OR '1'='1",
    "_",
    "victim ",
    " victim",
    "VICTIM",
    "vict\u{131}m",
    "victim\u{200b}",
    "\u{202e}mitciv",
    "__proto__",
    "constructor",
    "..%2f..%2fvictim",
    "../victim",
    "*",
    "NULL",
    "0",
    "`victim`",
    "$1",
    "?",
    "🙂",
];

/// Texts with characters that tenants' names may not have.
pub const CONTROL_TEXTS: &[&str] = &["a\u{0}b", "tab\tline\n", ""];
