CREATE TABLE IF NOT EXISTS rollup_catalog
(
    rollup_id UInt64,
    shape String,
    state LowCardinality(String),
    changed_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = MergeTree
ORDER BY (rollup_id, changed_at)
