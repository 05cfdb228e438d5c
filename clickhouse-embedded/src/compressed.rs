//! ClickHouse's own compressed blocks, as `decompress=1` sends them.
//!
//! A block is: 16 bytes CityHash128 (v1.0.2) of what follows; 1 byte method; 4 bytes length of method, lengths and
//! data; 4 bytes length of the decompressed data; the data. A body is any number of blocks. Numbers are little-endian.
//! Source: <https://clickhouse.com/docs/native-protocol/basics#compression>; written by the `clickhouse` crate in
//! `src/compression/lz4/mod.rs`.

use bytes::{Buf, Bytes, BytesMut};

use crate::exception::Exception;

const CHECKSUM_BYTES: usize = 16;
/// Method and the two lengths.
const HEADER_BYTES: usize = 9;
const METHOD_NONE: u8 = 0x02;
const METHOD_LZ4: u8 = 0x82;
/// Largest block that is accepted, before or after decompression: clients send 256 KiB to 1 MiB.
const MAX_BLOCK_BYTES: usize = 256 << 20;

/// Puts blocks together from pieces of a body and gives their contents.
#[derive(Debug, Default)]
pub struct BlockDecoder {
    pending: BytesMut,
}

impl BlockDecoder {
    /// Takes the next piece of the body and returns what has become whole, in order.
    ///
    /// Errors: 40 for a wrong checksum, 89 for a method other than LZ4 and NONE, 271 for a block that is too large
    /// or does not decode to the length it states.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Bytes>, Exception> {
        self.pending.extend_from_slice(piece);
        let mut whole = Vec::new();
        while let Some(block) = self.next_block()? {
            whole.push(decode(&block)?);
        }
        Ok(whole)
    }

    /// Errors if the body ended inside a block.
    pub fn finish(&self) -> Result<(), Exception> {
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(Exception::cannot_decompress(
            "The body ends inside a compressed block.",
        ))
    }

    fn next_block(&mut self) -> Result<Option<Bytes>, Exception> {
        let Some(header) = self
            .pending
            .get(CHECKSUM_BYTES..CHECKSUM_BYTES + HEADER_BYTES)
        else {
            return Ok(None);
        };
        let stated = Header::read(header);
        if !(HEADER_BYTES..=MAX_BLOCK_BYTES).contains(&stated.length)
            || stated.decompressed > MAX_BLOCK_BYTES
        {
            return Err(Exception::cannot_decompress(
                "A compressed block states an impossible length.",
            ));
        }
        let total = CHECKSUM_BYTES + stated.length;
        if self.pending.len() < total {
            return Ok(None);
        }
        Ok(Some(self.pending.split_to(total).freeze()))
    }
}

struct Header {
    method: u8,
    length: usize,
    decompressed: usize,
}

impl Header {
    /// `bytes` holds at least [`HEADER_BYTES`].
    fn read(mut bytes: &[u8]) -> Self {
        let method = bytes.get_u8();
        let length = bytes.get_u32_le() as usize;
        let decompressed = bytes.get_u32_le() as usize;
        Self {
            method,
            length,
            decompressed,
        }
    }
}

fn decode(block: &Bytes) -> Result<Bytes, Exception> {
    let hashed = block.slice(CHECKSUM_BYTES..);
    let stated = block.slice(..CHECKSUM_BYTES).get_u128_le();
    // The crate's hash has its two halves the other way round than ClickHouse writes them.
    if cityhash_rs::cityhash_102_128(&hashed).rotate_right(64) != stated {
        return Err(Exception::checksum_mismatch());
    }
    let header = Header::read(&hashed);
    let data = hashed.slice(HEADER_BYTES..);
    let decoded = match header.method {
        METHOD_NONE => data,
        METHOD_LZ4 => lz4_flex::block::decompress(&data, header.decompressed)
            .map(Bytes::from)
            .map_err(|error| {
                Exception::cannot_decompress(&format!("An LZ4 block does not decode: {error}."))
            })?,
        other => {
            return Err(Exception::unknown_compression(&format!(
                "Unknown compression method 0x{other:02x} of a block: LZ4 (0x82) and NONE (0x02) are supported."
            )));
        }
    };
    if decoded.len() != header.decompressed {
        return Err(Exception::cannot_decompress(
            "A compressed block is not of the length that it states.",
        ));
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BufMut;

    fn block(method: u8, content: &[u8]) -> Vec<u8> {
        let data = if method == METHOD_LZ4 {
            lz4_flex::block::compress(content)
        } else {
            content.to_vec()
        };
        let mut hashed = BytesMut::new();
        hashed.put_u8(method);
        hashed.put_u32_le((data.len() + HEADER_BYTES) as u32);
        hashed.put_u32_le(content.len() as u32);
        hashed.put_slice(&data);
        let mut block = BytesMut::new();
        block.put_u128_le(cityhash_rs::cityhash_102_128(&hashed).rotate_right(64));
        block.put_slice(&hashed);
        block.to_vec()
    }

    fn decode_in_pieces(body: &[u8], piece: usize) -> Result<Vec<u8>, Exception> {
        let mut decoder = BlockDecoder::default();
        let mut out = Vec::new();
        for part in body.chunks(piece) {
            out.extend(decoder.push(part)?.concat());
        }
        decoder.finish().map(|()| out)
    }

    #[test]
    fn every_block_of_a_body_is_decoded_whatever_its_pieces() {
        let contents: Vec<Vec<u8>> = (0..5_u8).map(|n| vec![n; 1000 + usize::from(n)]).collect();
        let body: Vec<u8> = contents
            .iter()
            .zip([METHOD_LZ4, METHOD_NONE].into_iter().cycle())
            .flat_map(|(c, m)| block(m, c))
            .collect();
        for piece in [1, 7, 24, 25, 26, 1024, body.len()] {
            assert_eq!(
                decode_in_pieces(&body, piece).unwrap(),
                contents.concat(),
                "pieces of {piece}"
            );
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_an_error() {
        let body = block(
            METHOD_LZ4,
            b"some rows that compress, some rows that compress",
        );
        for at in 0..body.len() {
            let mut broken = body.clone();
            broken[at] ^= 1;
            assert!(
                decode_in_pieces(&broken, broken.len()).is_err(),
                "byte {at}"
            );
        }
    }

    #[test]
    fn a_body_that_ends_inside_a_block_is_an_error() {
        let body = block(METHOD_NONE, b"abc");
        assert_eq!(
            decode_in_pieces(&body[..body.len() - 1], 8)
                .unwrap_err()
                .code(),
            271
        );
    }

    #[test]
    fn zstd_blocks_are_refused_by_their_number() {
        assert_eq!(
            decode_in_pieces(&block(0x90, b"abc"), 8)
                .unwrap_err()
                .code(),
            89
        );
    }
}
