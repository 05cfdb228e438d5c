//! Sends the parts of a batch; halves what is refused until single events stand alone.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::batch::Prepared;
use super::pace::{Backoff, Stop};
use super::{Flusher, Sink, SinkError, Step};
use crate::checkpoint::Part;

/// Refused single events in a row after which each further one waits for the longest backoff.
///
/// A sink that refuses everything is broken rather than fed bad events; going slowly leaves time to see it.
const REFUSALS_BEFORE_PAUSE: u32 = 16;

impl<S: Sink> Flusher<S> {
    /// Sends what the plan still holds.
    pub(super) async fn deliver(
        &self,
        prepared: &Arc<Prepared>,
        stop: &mut Stop,
    ) -> Result<Step, String> {
        let mut parts: VecDeque<Part> = self.core.parts().into();
        let mut in_a_row = 0;
        while let Some(part) = parts.pop_front() {
            let range = indices(&prepared.offsets, part);
            if range.is_empty() {
                continue;
            }
            let Some(outcome) = self.send(prepared, part, range.clone(), stop).await else {
                return Ok(Step::Stopped);
            };
            let Err(why) = outcome else {
                in_a_row = 0;
                continue;
            };
            if let Some((left, right)) = halves(&prepared.offsets, part, &range) {
                parts.push_front(right);
                parts.push_front(left);
                let parts = parts.iter().copied().collect();
                self.work(move |core| core.store_parts(parts)).await?;
                continue;
            }
            in_a_row += 1;
            tracing::warn!(reason = %why, "event refused by the sink; it is kept in quarantine");
            let (kept, left) = (prepared.clone(), parts.iter().copied().collect());
            self.work(move |core| core.keep_refused(&kept, range.start, &why, left))
                .await?;
            if in_a_row >= REFUSALS_BEFORE_PAUSE && stop.sleep(self.config.backoff_max).await {
                return Ok(Step::Stopped);
            }
        }
        Ok(Step::Flushed)
    }

    /// Sends one part until the sink takes or refuses it. `None` if it was stopped while the sink was unavailable.
    async fn send(
        &self,
        prepared: &Prepared,
        part: Part,
        range: Range<usize>,
        stop: &mut Stop,
    ) -> Option<Result<(), String>> {
        let events = prepared.events.get(range).unwrap_or_default();
        let token = self.core.token(prepared.start, part);
        let mut backoff = Backoff::new(self.config.backoff_min, self.config.backoff_max);
        loop {
            match self.sink.insert(events, &token).await {
                Ok(()) => return Some(Ok(())),
                Err(SinkError::Refused(why)) => return Some(Err(why)),
                Err(SinkError::Unavailable(why)) => {
                    let wait = backoff.next();
                    tracing::warn!(reason = %why, retry_ms = wait.as_millis() as u64, "sink is unavailable");
                    self.core
                        .backlog()
                        .report(format!("sink is unavailable: {why}"));
                    if stop.sleep(wait).await {
                        return None;
                    }
                }
            }
        }
    }
}

/// The events of a part.
fn indices(offsets: &[u32], part: Part) -> Range<usize> {
    let index = |bound: u32| offsets.partition_point(|offset| *offset < bound);
    index(part.start)..index(part.end)
}

/// Two parts with half the events each; `None` for a single event.
fn halves(offsets: &[u32], part: Part, range: &Range<usize>) -> Option<(Part, Part)> {
    if range.len() < 2 {
        return None;
    }
    let middle = *offsets.get(range.start + range.len() / 2)?;
    Some((
        Part {
            start: part.start,
            end: middle,
        },
        Part {
            start: middle,
            end: part.end,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_cover_a_part_with_gaps_without_overlap() {
        let offsets = [0, 1, 5, 9];
        let whole = Part { start: 0, end: 10 };
        assert_eq!(indices(&offsets, whole), 0..4);
        let (left, right) = halves(&offsets, whole, &(0..4)).unwrap();
        assert_eq!(
            (indices(&offsets, left), indices(&offsets, right)),
            (0..2, 2..4)
        );
        assert_eq!(halves(&offsets, Part { start: 5, end: 6 }, &(2..3)), None);
    }
}
