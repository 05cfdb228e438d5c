# The same edge on one's own machines: `workerd serve emban.capnp` beside the files of `cargo xtask edge build`.
#
# Variables: ORIGIN_URL, EDGE_SECRET, ORGANISATION, SESSION_REQUESTS_PER_MINUTE, ANSWER_MEMORY_MIB, as in wrangler.toml.
# It speaks plain HTTP, and the URL of a document holds its token: it must be behind a proxy that ends TLS, and be reached
# by nobody else. Hence it listens on this machine alone. Where the proxy is on another one, bind it to the one address
# by which the proxy comes: `workerd serve emban.capnp --socket-addr http=10.0.0.5:8787`. `http=*:8787` is every address
# of the machine, for containers whose network lets only the proxy in.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "edge", worker = .edge),
    (name = "cache", worker = .cache),
    # The origin may be on a private network, by HTTP or by HTTPS with a certificate that browsers accept.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  # TLS is the proxy's; it says by this header what the browser used, and has to write over what a client sent of it.
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (forwardedProtoHeader = "X-Forwarded-Proto"), service = "edge")],
);

const edge :Workerd.Worker = (
  modules = [
    (name = "index.js", esModule = embed "index.js"),
    (name = "index_bg.wasm", wasm = embed "index_bg.wasm"),
  ],
  compatibilityDate = "2026-04-01",
  cacheApiOutbound = "cache",
  bindings = [
    (name = "ORIGIN_URL", fromEnvironment = "ORIGIN_URL"),
    (name = "EDGE_SECRET", fromEnvironment = "EDGE_SECRET"),
    (name = "ORGANISATION", fromEnvironment = "ORGANISATION"),
    (name = "SESSION_REQUESTS_PER_MINUTE", fromEnvironment = "SESSION_REQUESTS_PER_MINUTE"),
    (name = "ANSWER_MEMORY_MIB", fromEnvironment = "ANSWER_MEMORY_MIB"),
  ],
);

# What `caches.default` is on Cloudflare: workerd leaves it to a service.
const cache :Workerd.Worker = (
  modules = [(name = "cache.js", esModule = embed "cache.js")],
  compatibilityDate = "2026-04-01",
);
