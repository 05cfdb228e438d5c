//! Which requests exist at the edge. Whatever is not in this table is never forwarded.

use emban_contract::DashboardId;

/// Something the edge answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    /// `GET /embed/{dashboard_id}`
    Document(DashboardId),
    /// `GET /v1/embed/surface`
    Surface,
    /// `POST /v1/embed/query`
    Query,
    /// `POST /v1/embed/rows`
    Rows,
    /// `POST /v1/embed/values`
    Values,
    /// `GET /v1/embed/export`
    Export,
    /// `GET /assets/{name}`
    Asset,
    /// `GET /embed.js`
    EmbedScript,
    /// `GET /.well-known/jwks.json`
    Jwks,
    /// `GET /healthz`: the edge's own, says nothing about the origin.
    Health,
}

/// What becomes of a method and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Routing {
    /// A route; `head` when only its headers are wanted.
    Serve { route: Route, head: bool },
    /// A browser asks whether a script may call an embed route.
    Preflight { allow: &'static str },
    /// The path exists for other methods.
    WrongMethod { allow: &'static str },
    /// No such path.
    Unknown,
}

const READ: &str = "GET, HEAD";
const READ_CROSS_ORIGIN: &str = "GET, HEAD, OPTIONS";
const ASK_CROSS_ORIGIN: &str = "POST, OPTIONS";

/// Paths that scripts of other origins call with a session.
pub(crate) fn is_embed_api(path: &str) -> bool {
    path.starts_with("/v1/embed/")
}

/// Looks a request up. `path` is the path of the URL as it was sent, without the query.
pub(crate) fn find(method: &str, path: &str) -> Routing {
    let Some((route, allow)) = row(path) else {
        return Routing::Unknown;
    };
    match method {
        "GET" | "HEAD" if allow != ASK_CROSS_ORIGIN => Routing::Serve {
            route,
            head: method == "HEAD",
        },
        "POST" if allow == ASK_CROSS_ORIGIN => Routing::Serve { route, head: false },
        "OPTIONS" if allow != READ => Routing::Preflight { allow },
        _ => Routing::WrongMethod { allow },
    }
}

fn row(path: &str) -> Option<(Route, &'static str)> {
    match path {
        "/v1/embed/surface" => Some((Route::Surface, READ_CROSS_ORIGIN)),
        "/v1/embed/query" => Some((Route::Query, ASK_CROSS_ORIGIN)),
        "/v1/embed/rows" => Some((Route::Rows, ASK_CROSS_ORIGIN)),
        "/v1/embed/values" => Some((Route::Values, ASK_CROSS_ORIGIN)),
        "/v1/embed/export" => Some((Route::Export, READ_CROSS_ORIGIN)),
        "/embed.js" => Some((Route::EmbedScript, READ)),
        "/.well-known/jwks.json" => Some((Route::Jwks, READ)),
        "/healthz" => Some((Route::Health, READ)),
        _ => {
            if let Some(id) = path.strip_prefix("/embed/") {
                return Some((Route::Document(DashboardId::new(id).ok()?), READ));
            }
            let name = path.strip_prefix("/assets/")?;
            is_asset_name(name).then_some((Route::Asset, READ))
        }
    }
}

/// Segments of letters, digits, `.`, `_` and `-`, none empty, none starting with a dot: no way up, nothing encoded.
fn is_asset_name(name: &str) -> bool {
    name.split('/').all(|segment| {
        !segment.is_empty()
            && !segment.starts_with('.')
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    })
}

impl Route {
    /// The route's name in logs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Document(_) => "document",
            Self::Surface => "surface",
            Self::Query => "query",
            Self::Rows => "rows",
            Self::Values => "values",
            Self::Export => "export",
            Self::Asset => "asset",
            Self::EmbedScript => "embed_script",
            Self::Jwks => "jwks",
            Self::Health => "health",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve(route: Route) -> Routing {
        Routing::Serve { route, head: false }
    }

    #[test]
    fn every_route_of_the_edge_is_found() {
        let id = DashboardId::new("dash_abc").unwrap();
        assert_eq!(
            find("GET", "/embed/dash_abc"),
            serve(Route::Document(id.clone()))
        );
        assert_eq!(
            find("HEAD", "/embed/dash_abc"),
            Routing::Serve {
                route: Route::Document(id),
                head: true
            }
        );
        assert_eq!(find("GET", "/v1/embed/surface"), serve(Route::Surface));
        assert_eq!(find("POST", "/v1/embed/query"), serve(Route::Query));
        assert_eq!(find("POST", "/v1/embed/rows"), serve(Route::Rows));
        assert_eq!(find("POST", "/v1/embed/values"), serve(Route::Values));
        assert_eq!(find("GET", "/v1/embed/export"), serve(Route::Export));
        assert_eq!(
            find("GET", "/assets/emban-0123456789abcdef_bg.wasm"),
            serve(Route::Asset)
        );
        assert_eq!(find("GET", "/embed.js"), serve(Route::EmbedScript));
        assert_eq!(find("GET", "/.well-known/jwks.json"), serve(Route::Jwks));
        assert_eq!(find("GET", "/healthz"), serve(Route::Health));
    }

    #[test]
    fn nothing_of_the_control_plane_exists_here() {
        for path in [
            "/v1/events",
            "/v1/embed-sessions",
            "/v1/dashboards",
            "/v1/query",
            "/v1/keys",
            "/v1/discover",
            "/v1/embed",
            "/v1/embed/",
            "/v1/embed/query/",
            "/v1/embed/../events",
            "/internal/feed",
            "/",
            "/metrics",
            "/.emban-cache/v1/query/x",
            "/embed/",
            "/embed/dash_",
            "/embed/dash_abc/",
            "/embed/dash_%61",
        ] {
            for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS"] {
                assert_eq!(find(method, path), Routing::Unknown, "{method} {path}");
            }
        }
    }

    #[test]
    fn an_asset_cannot_name_anything_else() {
        for name in [
            "",
            "../secrets",
            "a/../b",
            "a//b",
            ".env",
            "a/.git",
            "%2e%2e/x",
            "a?b",
            "a\\b",
        ] {
            assert_eq!(
                find("GET", &format!("/assets/{name}")),
                Routing::Unknown,
                "{name}"
            );
        }
    }

    #[test]
    fn a_wrong_method_names_the_right_ones() {
        assert_eq!(
            find("GET", "/v1/embed/query"),
            Routing::WrongMethod {
                allow: "POST, OPTIONS"
            }
        );
        assert_eq!(
            find("POST", "/v1/embed/surface"),
            Routing::WrongMethod {
                allow: "GET, HEAD, OPTIONS"
            }
        );
        assert_eq!(
            find("OPTIONS", "/embed/dash_abc"),
            Routing::WrongMethod { allow: "GET, HEAD" }
        );
        assert_eq!(
            find("OPTIONS", "/v1/embed/rows"),
            Routing::Preflight {
                allow: "POST, OPTIONS"
            }
        );
    }
}
