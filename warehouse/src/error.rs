//! Why the warehouse gave no answer.

use emban_contract::ProblemCode;

/// ClickHouse error codes that name a limit of the query itself: too many rows (158), too many bytes (307), memory (241),
/// too large a result (396), too large sets (191), too many columns or rows for a key (36 is not among them).
const TOO_LARGE: &[u32] = &[158, 191, 241, 307, 396];

/// `TIMEOUT_EXCEEDED`.
const TIMEOUT: &[u32] = &[159, 160];

/// The server is there but cannot serve now: too many queries (202), sockets and networks (209, 210), no connections
/// (203, 279), refused credentials (192, 193, 194, 516: an operator can mend them), not migrated yet (60, 81), keeper (999).
const UNAVAILABLE: &[u32] = &[60, 81, 192, 193, 194, 202, 203, 209, 210, 279, 516, 999];

/// Why a query gave no answer. `Display` is fit for a browser; the source is for the log.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// It reads or answers more than one query may.
    #[error("the query reads more than one query may: choose a shorter period or fewer groups")]
    TooLarge(#[source] clickhouse::error::Error),
    /// It ran longer than [`emban_contract::limits::QUERY_SECONDS`].
    #[error("the query took too long")]
    Timeout(#[source] Option<clickhouse::error::Error>),
    /// The warehouse cannot be reached, or cannot serve now.
    #[error("the warehouse did not answer")]
    Unavailable(#[source] clickhouse::error::Error),
    /// The warehouse refused a query that we wrote: a fault of ours.
    #[error("the query failed")]
    Refused(#[source] clickhouse::error::Error),
    /// The query that answers several widgets failed; the first of them says why.
    #[error("the query failed")]
    Shared(ProblemCode),
    /// The answer is not what the query asks for: a fault of ours.
    #[error("the answer could not be read")]
    Unreadable(#[source] Option<serde_json::Error>),
}

impl QueryError {
    /// The code that a browser sees.
    pub fn code(&self) -> ProblemCode {
        match self {
            Self::TooLarge(_) => ProblemCode::QueryTooLarge,
            Self::Timeout(_) => ProblemCode::Timeout,
            Self::Unavailable(_) => ProblemCode::WarehouseUnavailable,
            Self::Shared(code) => *code,
            Self::Refused(_) | Self::Unreadable(_) => ProblemCode::Internal,
        }
    }

    /// Whether another query may fare better at the same moment.
    pub(crate) fn is_of_the_query(&self) -> bool {
        match self {
            Self::TooLarge(_) | Self::Refused(_) | Self::Unreadable(_) => true,
            Self::Timeout(_) | Self::Unavailable(_) | Self::Shared(_) => false,
        }
    }
}

impl From<clickhouse::error::Error> for QueryError {
    fn from(error: clickhouse::error::Error) -> Self {
        use clickhouse::error::Error;
        match (&error, exception_code(&error)) {
            (_, Some(code)) if TOO_LARGE.contains(&code) => Self::TooLarge(error),
            (_, Some(code)) if TIMEOUT.contains(&code) => Self::Timeout(Some(error)),
            (_, Some(code)) if UNAVAILABLE.contains(&code) => Self::Unavailable(error),
            (_, Some(_)) => Self::Refused(error),
            (Error::TimedOut, None) => Self::Timeout(Some(error)),
            (Error::Network(_) | Error::BadResponse(_) | Error::Decompression(_), None) => {
                Self::Unavailable(error)
            }
            (_, None) => Self::Refused(error),
        }
    }
}

/// The number of a ClickHouse exception: `Code: 241. DB::Exception: …`.
pub(crate) fn exception_code(error: &clickhouse::error::Error) -> Option<u32> {
    let clickhouse::error::Error::BadResponse(text) = error else {
        return None;
    };
    let (_, rest) = text.split_once("Code: ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use clickhouse::error::Error;

    use super::*;

    fn check(text: &str, expect: ProblemCode) {
        assert_eq!(
            QueryError::from(Error::BadResponse(text.to_owned())).code(),
            expect,
            "{text}"
        );
    }

    #[test]
    fn an_exception_becomes_a_code_that_says_what_to_do() {
        check(
            "Code: 241. DB::Exception: (for query) would use 1 GiB (MEMORY_LIMIT_EXCEEDED)",
            ProblemCode::QueryTooLarge,
        );
        check(
            "Code: 396. DB::Exception: Limit for result exceeded",
            ProblemCode::QueryTooLarge,
        );
        check(
            "Code: 159. DB::Exception: Timeout exceeded",
            ProblemCode::Timeout,
        );
        check(
            "Code: 202. DB::Exception: Too many simultaneous queries",
            ProblemCode::WarehouseUnavailable,
        );
        check(
            "Code: 62. DB::Exception: Syntax error",
            ProblemCode::Internal,
        );
        check(
            "<html>bad gateway</html>",
            ProblemCode::WarehouseUnavailable,
        );
    }

    #[test]
    fn the_text_for_the_browser_names_nothing_of_the_engine() {
        let error = QueryError::from(Error::BadResponse(
            "Code: 62. DB::Exception: near 'tenant_id'".to_owned(),
        ));
        assert_eq!(error.to_string(), "the query failed");
    }
}
