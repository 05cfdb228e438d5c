CREATE TABLE IF NOT EXISTS events
(
    tenant_id LowCardinality(String),
    event_name LowCardinality(String),
    timestamp DateTime64(3, 'UTC'),
    event_id String,
    user_id String,
    string_props JSON,
    number_props JSON
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (tenant_id, event_name, timestamp)
SETTINGS non_replicated_deduplication_window = 10000
