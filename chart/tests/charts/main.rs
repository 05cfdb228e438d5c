//! The charts as their callers see them: scenes, SVG text, hits and words.

mod every;
mod odd;
mod page;
mod palette;
mod properties;
mod right_to_left;
mod snapshots;
