//! The origin's program over HTTP, with the embedded ClickHouse and a real SQLite file.
//!
//! libchdb.so is taken from `EMBAN_TEST_LIBCHDB`, or found under `~/.cache/emban`.

// The attribute tells clippy that all of it is test code; it is always true here.
#[cfg(test)]
mod answers;
#[cfg(test)]
mod company;
#[cfg(test)]
mod dashboards;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod engine;
#[cfg(test)]
mod erasure;
#[cfg(test)]
mod events;
#[cfg(test)]
mod export;
#[cfg(test)]
mod files;
#[cfg(test)]
mod first_steps;
#[cfg(test)]
mod forgeries;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod origin;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod starting;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod torture;
#[cfg(test)]
mod traces;
