# How Schemathesis writes a body that it has no way of its own for: events, one a line.
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
