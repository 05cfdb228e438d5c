CREATE TABLE IF NOT EXISTS rollups
(
    tenant_id LowCardinality(String),
    rollup_id UInt64,
    timestamp DateTime64(3, 'UTC'),
    absent UInt8,
    d0 String,
    d1 String,
    d2 String,
    d3 String,
    d4 String,
    d5 String,
    events SimpleAggregateFunction(sum, UInt64),
    users AggregateFunction(uniqExact, Nullable(String)),
    users_approx AggregateFunction(uniqCombined64, Nullable(String)),
    count0 SimpleAggregateFunction(sum, UInt64),
    sum0 AggregateFunction(sumKahan, Nullable(Float64)),
    min0 SimpleAggregateFunction(min, Nullable(Float64)),
    max0 SimpleAggregateFunction(max, Nullable(Float64)),
    count1 SimpleAggregateFunction(sum, UInt64),
    sum1 AggregateFunction(sumKahan, Nullable(Float64)),
    min1 SimpleAggregateFunction(min, Nullable(Float64)),
    max1 SimpleAggregateFunction(max, Nullable(Float64)),
    count2 SimpleAggregateFunction(sum, UInt64),
    sum2 AggregateFunction(sumKahan, Nullable(Float64)),
    min2 SimpleAggregateFunction(min, Nullable(Float64)),
    max2 SimpleAggregateFunction(max, Nullable(Float64))
)
ENGINE = AggregatingMergeTree
PARTITION BY rollup_id
ORDER BY (tenant_id, rollup_id, timestamp, absent, d0, d1, d2, d3, d4, d5)
SETTINGS non_replicated_deduplication_window = 100000, index_granularity = 1024
