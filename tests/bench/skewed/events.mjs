// Events of a thousand tenants of very different size, made by the engine itself.
export const LARGE = "tenant_0";
export const SMALL = "tenant_999";
export const TENANTS = 1000;
const SMALL_EVENTS = 1000;
const CHUNK = 1_000_000;
const DAYS = 90;

/** A number from 0 to `most`, the smaller the more often. */
const skewed = (most, seed) => `toUInt32(${most} * pow(rand(${seed}) / 4294967296, 2))`;

/**
 * Writes `events` events of the last 90 days into the origin's table: a fifth of them the first tenant's, a thousand the
 * last's, between them the fewer the later. Numbers are multiples of a quarter, so that sums are exact in any order.
 */
export async function fillSkewed(engine, database, events) {
  const large = events / 5;
  const others = `1 + toUInt32(11 * exp(rand(1) / 4294967296 * log(1007 / 11)) - 11)`;
  const users = `greatest(5, toUInt32(if(number < ${large}, ${large}, ${events} / 1000) / 400))`;
  for (let from = 0; from < events; from += CHUNK) {
    await engine.sql(`INSERT INTO events (tenant_id, event_name, timestamp, event_id, user_id, string_props, number_props)
      SELECT concat('tenant_', toString(multiIf(number < ${large}, 0, number < ${large + SMALL_EVENTS}, 999, ${others}))),
        multiIf(rand(2) % 100 < 80, 'api.call', rand(2) % 100 < 95, 'page.view', 'signup'),
        now64(3, 'UTC') - toIntervalSecond(60 + rand(3) % (${DAYS} * 86400)), toString(number),
        concat('user-', toString(toUInt32(${users} * pow(rand(4) / 4294967296, 2)))),
        concat('{"model":"m-', toString(${skewed(6, 5)}), '","endpoint":"/v1/e', toString(${skewed(12, 6)}), '","region":"r-',
          toString(${skewed(5, 7)}), '","plan":"p-', toString(${skewed(3, 8)}), '"}'),
        concat('{"tokens":', toString(rand(9) % 4000), '.25,"latency_ms":', toString(20 + toUInt32(pow(rand(10) % 8000, 0.9))),
          '.5,"cost":', toString(rand(11) % 500), '.75}')
      FROM numbers(${from}, ${Math.min(CHUNK, events - from)})`, `database=${database}`);
  }
}
