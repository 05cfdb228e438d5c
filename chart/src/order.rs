//! The one sort of a dashboard.

use std::cmp::Ordering;

/// The positions `0..count` in the order of what stands there; equals keep theirs.
///
/// `compare` orders what stands at two positions. One function for all lists, since every use of the standard sort is
/// five kilobytes of its own in the browser. Cost: O(n log n) calls, two lists of positions.
pub fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..count).collect();
    let mut run = 1;
    while run < count {
        let mut merged = Vec::with_capacity(count);
        for pair in sorted.chunks(run * 2) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let (Some((a, lefts)), Some((b, rights))) =
                (left.split_first(), right.split_first())
            {
                if compare(*b, *a) == Ordering::Less {
                    merged.push(*b);
                    right = rights;
                } else {
                    merged.push(*a);
                    left = lefts;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        sorted = merged;
        run *= 2;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_the_standard_stable_sort(values in proptest::collection::vec(0_u8..9, 0..70)) {
            let mut expected: Vec<usize> = (0..values.len()).collect();
            expected.sort_by_key(|at| values[*at]);
            prop_assert_eq!(order(values.len(), &|a, b| values[a].cmp(&values[b])), expected);
        }
    }
}
