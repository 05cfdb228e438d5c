//! A page that is compressed once, for answers that each hold values of their own.
//!
//! What all answers share stands in blocks that end on a byte and look back at nothing before them; what is an answer's
//! own stands between them as it is, in stored blocks (RFC 1951 section 3.2.4). So no answer's value ever meets the
//! compressor, and the checksum at the end is put together from those of the parts.

use std::ops::Range;

use flate2::{Compress, Compression, Crc, FlushCompress};

/// The head of a gzip file (RFC 1952 section 2.3.1) without a name or a time, from an unknown system.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// An empty stored block, the last one.
const LAST_BLOCK: [u8; 5] = [1, 0, 0, 0xff, 0xff];

/// Bytes of a stored block at most.
const STORED: usize = u16::MAX as usize;

/// The shared parts; between each two of them is a gap for a value.
#[derive(Debug)]
pub(crate) struct Packed {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    blocks: Vec<u8>,
    checksum: Crc,
}

impl Packed {
    /// Compresses a body without the bytes of its `gaps`.
    ///
    /// Missing: `None` when these are not in order, or not within the body.
    pub(crate) fn new(body: &[u8], gaps: &[Range<usize>]) -> Option<Self> {
        if gaps.iter().any(|gap| gap.start > gap.end) {
            return None;
        }
        let starts = std::iter::once(0).chain(gaps.iter().map(|gap| gap.end));
        let ends = gaps.iter().map(|gap| gap.start).chain([body.len()]);
        let parts = starts.zip(ends).map(|(start, end)| {
            let text = body.get(start..end)?;
            let mut checksum = Crc::new();
            checksum.update(text);
            let blocks = deflated(text)?;
            Some(Part { blocks, checksum })
        });
        Some(Self {
            parts: parts.collect::<Option<_>>()?,
        })
    }

    /// The gzip file with a value in each gap, in order.
    pub(crate) fn with(&self, values: &[&[u8]]) -> Vec<u8> {
        let blocks: usize = self.parts.iter().map(|part| part.blocks.len()).sum();
        let own: usize = values.iter().map(|value| value.len() + 5).sum();
        let mut file = Vec::with_capacity(HEAD.len() + blocks + own + LAST_BLOCK.len() + 8);
        let mut checksum = Crc::new();
        let mut values = values.iter();
        file.extend(HEAD);
        for part in &self.parts {
            file.extend(&part.blocks);
            checksum.combine(&part.checksum);
            for block in values
                .next()
                .into_iter()
                .flat_map(|value| value.chunks(STORED))
            {
                // A chunk's length fits.
                let size = block.len() as u16;
                file.push(0);
                file.extend(size.to_le_bytes());
                file.extend((!size).to_le_bytes());
                file.extend(block);
                checksum.update(block);
            }
        }
        file.extend(LAST_BLOCK);
        file.extend(checksum.sum().to_le_bytes());
        file.extend(checksum.amount().to_le_bytes());
        file
    }
}

/// Compressed blocks that end on a byte, none of them the last of a file.
///
/// Missing: `None` if the compressor fails, which it does for no input.
fn deflated(text: &[u8]) -> Option<Vec<u8>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    // More than any text takes, so that one call does it all: 5 bytes for each stored block of 32 KiB, and the end.
    let mut blocks = Vec::with_capacity(text.len() + text.len() / 1024 + 64);
    let mut stream = Compress::new(Compression::default(), false);
    stream
        .compress_vec(text, &mut blocks, FlushCompress::Sync)
        .ok()?;
    blocks.shrink_to_fit();
    (stream.total_in() == text.len() as u64).then_some(blocks)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;

    fn unpacked(file: &[u8]) -> String {
        let mut text = String::new();
        GzDecoder::new(file).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn each_answer_holds_its_own_values() {
        let body = "<style nonce=AAAA>a{} a{} a{}</style><i>120</i><script nonce=AAAA></script>";
        let gaps = [13..17, 40..43, 61..65];
        let packed = Packed::new(body.as_bytes(), &gaps).unwrap();
        for [nonce, seconds] in [["AAAA", "120"], ["BBBB", "  7"], ["", "100000"]] {
            let values = [nonce, seconds, nonce].map(str::as_bytes);
            assert_eq!(
                unpacked(&packed.with(&values)),
                body.replace("AAAA", nonce).replace("120", seconds)
            );
        }
    }

    #[test]
    fn any_body_comes_out_as_it_was() {
        // Noise, which does not compress, and longer than a stored block.
        let noise: String = (0..90_000_u32)
            .map(|n| char::from(32 + (n.wrapping_mul(2_654_435_761) >> 13) as u8 % 90))
            .collect();
        for body in ["", "a", &"ab".repeat(50_000), &noise] {
            let end = body.len();
            for gaps in [
                vec![],
                vec![0..0],
                vec![end..end],
                vec![0..end],
                vec![0..end / 2, end / 2..end],
            ] {
                let values: Vec<&[u8]> = gaps
                    .iter()
                    .map(|gap| &body.as_bytes()[gap.clone()])
                    .collect();
                let packed = Packed::new(body.as_bytes(), &gaps).unwrap();
                assert_eq!(unpacked(&packed.with(&values)), body);
            }
        }
    }

    #[test]
    fn a_page_gets_smaller_and_no_value_meets_the_compressor() {
        let page = "<section class=\"card\"><h3>Calls</h3></section>".repeat(200);
        let packed = Packed::new(page.as_bytes(), &[9..9]).unwrap();
        let file = packed.with(&[b"section class"]);
        assert!(file.len() < page.len() / 10, "{}", file.len());
        let as_it_is = |value: &[u8]| {
            packed
                .with(&[value])
                .windows(value.len())
                .any(|part| part == value)
        };
        assert!(as_it_is(b"section class"));
    }

    #[test]
    fn gaps_out_of_order_or_outside_are_refused() {
        for gaps in [vec![4..5, 1..2], vec![2..4, 3..5], vec![9..10], vec![5..2]] {
            assert!(Packed::new(b"0123456", &gaps).is_none(), "{gaps:?}");
        }
    }
}
