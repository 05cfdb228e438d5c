//! Making rollups, filling them, taking them away. Runs for the company, never for a session.

use std::collections::BTreeSet;
use std::time::Duration;

use clickhouse::Client;
use emban_contract::UnixMillis;

use super::{Bucket, Catalog, Keeper, Ready, Shape};
use crate::error::QueryError;
use crate::schema::BACKFILL_PREFIX;
use crate::sql::{Param, Sql, rollup as sql};

/// Rollups of one environment at most: every insert passes through the view of each.
const MOST: usize = 60;

/// Events of the largest tenant below which any rollup is small enough.
const FEW_EVENTS: u64 = 50_000;

/// Events, or rows of the finest buckets, that a row of a rollup must stand for in the largest tenant for the rollup to be
/// worth its upkeep.
const EVENTS_PER_ROW: u64 = 2;

/// How long a rollup that nobody wants is kept fed. Other origins notice within the time that they trust their list for.
const RETIREMENT: Duration = Duration::from_secs(600);

/// Why the rollups of an environment are not as the dashboards want them.
#[derive(Debug, thiserror::Error)]
pub enum RollupError {
    /// The warehouse failed; a later attempt goes on from there.
    #[error("the rollups could not be changed")]
    Warehouse(#[from] QueryError),
    /// A tenant is being erased; none is made meanwhile.
    #[error("no rollup is made while a tenant is being erased")]
    Paused,
    /// A rollup has not counted what the events are: another origin wrote while it was made.
    #[error(
        "a rollup of `{event_name}` counted {counted} of {events} events and is made anew next time"
    )]
    Differs {
        /// Of which event.
        event_name: String,
        /// Events that there are.
        events: u64,
        /// Events that the rollup has.
        counted: u64,
    },
}

/// State of a rollup, as the table `rollup_catalog` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Building,
    Ready,
    Retired,
    Dropped,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Ready => "ready",
            Self::Retired => "retired",
            Self::Dropped => "dropped",
        }
    }

    fn read(name: &str) -> Option<Self> {
        [Self::Building, Self::Ready, Self::Retired, Self::Dropped]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// A line of the catalog.
struct Entry {
    id: u64,
    shape: Shape,
    state: State,
    changed: UnixMillis,
    /// Whether the view that feeds it is there.
    fed: bool,
    rows: u64,
}

impl Entry {
    fn is_ready(&self) -> bool {
        self.state == State::Ready && self.fed
    }

    /// Whether it holds what is wanted, or will as soon as it is looked at.
    fn serves(&self, shape: &Shape, now: UnixMillis) -> bool {
        let lives = matches!(self.state, State::Ready | State::Retired);
        lives && self.fed && !self.is_left_behind(now) && self.shape == *shape
    }

    fn is_left_behind(&self, now: UnixMillis) -> bool {
        let age = now.0.saturating_sub(self.changed.0);
        let old = i64::try_from(RETIREMENT.as_millis()).is_ok_and(|most| age > most);
        match self.state {
            State::Building | State::Retired => old,
            State::Ready => !self.fed,
            State::Dropped => false,
        }
    }
}

/// Reads which rollups there are.
pub(super) async fn read(client: &Client) -> Result<Catalog, QueryError> {
    let entries = entries(client).await?;
    let building = entries
        .iter()
        .filter(|entry| entry.state == State::Building)
        .map(|entry| entry.shape.clone())
        .collect();
    let ready = entries
        .into_iter()
        .filter(Entry::is_ready)
        .map(|entry| Ready {
            id: entry.id,
            shape: entry.shape,
            rows: entry.rows,
        })
        .collect();
    Ok(Catalog::new(ready, building))
}

/// Makes the rollups that are wanted and lacking, retires those that nobody wants, and removes what is left behind.
///
/// Returns the shapes that are not worth a rollup. Errors leave what was done; calling again goes on from there.
pub(super) async fn rebuild(
    client: &Client,
    keeper: &Keeper,
    wanted: &[Shape],
    now: UnixMillis,
) -> Result<Vec<Shape>, RollupError> {
    keeper.check_pause()?;
    let entries = entries(client).await?;
    for entry in entries.iter().filter(|entry| entry.is_left_behind(now)) {
        take_away(client, entry.id, &entry.shape).await?;
    }
    if !entries
        .iter()
        .any(|entry| entry.state == State::Building && !entry.is_left_behind(now))
    {
        remove_copies(client).await?;
    }
    let kept = |entry: &&Entry| entry.fed && !entry.is_left_behind(now);
    for entry in entries.iter().filter(kept) {
        match (entry.state, wanted.contains(&entry.shape)) {
            (State::Ready, false) => note(client, entry.id, &entry.shape, State::Retired).await?,
            // It was fed all the time.
            (State::Retired, true) => note(client, entry.id, &entry.shape, State::Ready).await?,
            _ => {}
        }
    }
    let mut declined = Vec::new();
    let mut lacking = Vec::new();
    for shape in wanted.iter().take(MOST) {
        if entries.iter().any(|entry| entry.serves(shape, now)) {
            continue;
        }
        if is_worthwhile(client, shape).await? {
            lacking.push(shape.clone());
        } else {
            declined.push(shape.clone());
        }
    }
    if wanted.len() > MOST {
        tracing::warn!(
            wanted = wanted.len(),
            most = MOST,
            "more rollups are wanted than may be kept"
        );
        declined.extend(wanted.iter().skip(MOST).cloned());
    }
    if !lacking.is_empty() {
        // Unique within an origin, and another origin would have to begin in the same millisecond.
        let by_clock = u64::try_from(now.0).unwrap_or_default() * 1000;
        let known = entries.iter().map(|entry| entry.id + 1);
        let first = known.fold(by_clock, u64::max);
        build(client, keeper, (first..).zip(lacking).collect()).await?;
    }
    Ok(declined)
}

/// A rollup on its way.
struct New {
    id: u64,
    shape: Shape,
    /// The rollup of quarters that its figures are made of; the events themselves when there is none.
    quarters: Option<u64>,
}

/// Makes rollups: first those of quarters, then those of longer buckets, from the figures of the quarters.
async fn build(
    client: &Client,
    keeper: &Keeper,
    numbered: Vec<(u64, Shape)>,
) -> Result<(), RollupError> {
    let all = numbered.into_iter().map(|(id, shape)| New {
        id,
        shape,
        quarters: None,
    });
    let (finest, mut longer): (Vec<New>, Vec<New>) =
        all.partition(|new| new.shape.bucket == Bucket::Quarter);
    build_at_once(client, keeper, finest).await?;
    let entries = entries(client).await?;
    for new in &mut longer {
        let quarters = new.shape.of(Bucket::Quarter);
        let source = entries
            .iter()
            .find(|entry| entry.is_ready() && entry.shape == quarters);
        new.quarters = source.map(|entry| entry.id);
    }
    let (merged, counted) = longer.into_iter().partition(|new| new.quarters.is_some());
    build_at_once(client, keeper, merged).await?;
    build_at_once(client, keeper, counted).await
}

/// Begins all of them at one moment, and fills them from a copy of what there was at that moment.
async fn build_at_once(client: &Client, keeper: &Keeper, all: Vec<New>) -> Result<(), RollupError> {
    let Some(first) = all.first() else {
        return Ok(());
    };
    let gate = &keeper.gate;
    let copy = [BACKFILL_PREFIX, &first.id.to_string()].concat();
    note_building(client, &all).await?;
    gate.between(begin(client, &copy, &all)).await?;
    let mut differing = None;
    for (place, new) in all.iter().enumerate() {
        for statement in filling(client, &copy, new).await? {
            keeper.check_pause()?;
            run(client, &statement).await?;
            note_building(client, all.get(place..).unwrap_or_default()).await?;
        }
        let check = sql::check(new.id, &new.shape);
        let (events, counted) = gate.between(pair(client, &check)).await?;
        if events == counted {
            note(client, new.id, &new.shape, State::Ready).await?;
        } else {
            take_away(client, new.id, &new.shape).await?;
            differing = Some(RollupError::Differs {
                event_name: new.shape.event_name.clone(),
                events,
                counted,
            });
        }
    }
    drop_table(client, &copy).await?;
    differing.map_or(Ok(()), Err)
}

/// The copy shares the files of its original, so that it costs no time and no space.
async fn begin(client: &Client, copy: &str, all: &[New]) -> Result<(), QueryError> {
    let mut create = Sql::default();
    create
        .push("CREATE TABLE ")
        .param(Param::Table(copy.to_owned()));
    let mut attach = Sql::default();
    attach
        .push("ALTER TABLE ")
        .param(Param::Table(copy.to_owned()));
    let sources: BTreeSet<u64> = all.iter().filter_map(|new| new.quarters).collect();
    if sources.is_empty() {
        create.push(" AS events");
        attach.push(" ATTACH PARTITION ALL FROM events");
    } else {
        create.push(" AS rollups");
        attach.list(sources, ",", |sql, source| {
            sql.push(" ATTACH PARTITION ")
                .param(Param::UInt(source))
                .push(" FROM rollups");
        });
    }
    run(client, &create).await?;
    run(client, &attach).await?;
    for new in all {
        run(client, &sql::view(&feed(new.id), new.id, &new.shape)).await?;
    }
    Ok(())
}

/// Says that they are on their way: whoever sees that it was said long ago takes them for left behind.
async fn note_building(client: &Client, waiting: &[New]) -> Result<(), QueryError> {
    for new in waiting {
        note(client, new.id, &new.shape, State::Building).await?;
    }
    Ok(())
}

/// The statements that fill a rollup: one from quarters, one a partition from events.
async fn filling(client: &Client, copy: &str, new: &New) -> Result<Vec<Sql>, QueryError> {
    if let Some(source) = new.quarters {
        return Ok(vec![sql::merge(copy, source, new.id, &new.shape)]);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "reads names of partitions, not events"
    )]
    let query = client
        .query_raw(
            "SELECT DISTINCT partition_id FROM system.parts \
             WHERE database = currentDatabase() AND table = {copy:String} AND active ORDER BY partition_id",
        )
        .param("copy", copy);
    let partitions = query.fetch_all::<String>().await?;
    let fill = |partition: String| sql::backfill(copy, &partition, new.id, &new.shape);
    Ok(partitions.into_iter().map(fill).collect())
}

async fn is_worthwhile(client: &Client, shape: &Shape) -> Result<bool, QueryError> {
    let (events, rows) = pair(client, &sql::gain(shape)).await?;
    let saves = |more: u64| rows.saturating_mul(EVENTS_PER_ROW) <= more;
    if shape.bucket == Bucket::Quarter {
        return Ok(events < FEW_EVENTS || saves(events));
    }
    let (_, finest) = pair(client, &sql::gain(&shape.of(Bucket::Quarter))).await?;
    Ok(saves(events) && saves(finest))
}

async fn take_away(client: &Client, id: u64, shape: &Shape) -> Result<(), QueryError> {
    drop_table(client, &feed(id)).await?;
    let mut statement = Sql::default();
    statement
        .push("ALTER TABLE rollups DROP PARTITION ")
        .param(Param::UInt(id));
    run(client, &statement).await?;
    note(client, id, shape, State::Dropped).await
}

async fn remove_copies(client: &Client) -> Result<(), QueryError> {
    for table in crate::schema::tenant_tables(client).await? {
        if table.starts_with(BACKFILL_PREFIX) {
            drop_table(client, &table).await?;
        }
    }
    Ok(())
}

/// Drops a table or view that may be gone already.
async fn drop_table(client: &Client, name: &str) -> Result<(), QueryError> {
    let mut statement = Sql::default();
    statement
        .push("DROP TABLE IF EXISTS ")
        .param(Param::Table(name.to_owned()))
        .push(" SYNC");
    run(client, &statement).await
}

/// Name of the view that feeds a rollup.
fn feed(id: u64) -> String {
    ["rollup_feed_", &id.to_string()].concat()
}

async fn entries(client: &Client) -> Result<Vec<Entry>, QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "reads the list of rollups, not events"
    )]
    let query = client.query_raw(
        "SELECT id, last_shape, last_state, changed, \
           concat('rollup_feed_', toString(id)) IN (SELECT name FROM system.tables WHERE database = currentDatabase()), \
           ifNull(rows, 0) \
         FROM ( \
           SELECT rollup_id AS id, argMax(shape, changed_at) AS last_shape, toString(argMax(state, changed_at)) AS last_state, \
             toUnixTimestamp64Milli(max(changed_at)) AS changed \
           FROM rollup_catalog GROUP BY rollup_id \
         ) AS listed LEFT JOIN ( \
           SELECT toUInt64(partition) AS part, toUInt64(sum(rows)) AS rows FROM system.parts \
           WHERE database = currentDatabase() AND table = 'rollups' AND active GROUP BY partition \
         ) AS kept ON listed.id = kept.part \
         ORDER BY id",
    );
    let lines = query
        .fetch_all::<(u64, String, String, i64, u8, u64)>()
        .await?;
    let entry = |(id, shape, state, changed, fed, rows): (u64, String, String, i64, u8, u64)| {
        // A later release may know shapes and states that this one does not: they are left alone.
        Some(Entry {
            id,
            shape: serde_json::from_str(&shape).ok()?,
            state: State::read(&state)?,
            changed: UnixMillis(changed),
            fed: fed != 0,
            rows,
        })
    };
    Ok(lines.into_iter().filter_map(entry).collect())
}

async fn note(client: &Client, id: u64, shape: &Shape, state: State) -> Result<(), QueryError> {
    let shape =
        serde_json::to_string(shape).map_err(|error| QueryError::Unreadable(Some(error)))?;
    let mut statement = Sql::default();
    statement
        .push("INSERT INTO rollup_catalog (rollup_id, shape, state) SELECT ")
        .param(Param::UInt(id))
        .push(", ")
        .param(Param::Text(shape))
        .push(", ")
        .param(Param::Text(state.name().to_owned()));
    run(client, &statement).await
}

async fn run(client: &Client, statement: &Sql) -> Result<(), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "feeds rollups, which keep the tenant of every row; on no session's behalf"
    )]
    let query = client.query_raw(statement.text());
    Ok(statement.bind(query).execute().await?)
}

async fn pair(client: &Client, statement: &Sql) -> Result<(u64, u64), QueryError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "counts for the company itself, on no session's behalf"
    )]
    let query = client
        .query_raw(statement.text())
        .with_setting("readonly", "1");
    Ok(statement.bind(query).fetch_one::<(u64, u64)>().await?)
}
