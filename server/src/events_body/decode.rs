//! Undoes `Content-Encoding`, bounded as it runs.

use std::borrow::Cow;
use std::io::{self, Read};

use emban_contract::limits;
use flate2::read::MultiGzDecoder;

use super::BodyError;

/// Largest window of a zstd frame, as a power of two: 8 MiB, which RFC 9659 sets for HTTP. The window is memory that
/// the sender makes us take.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Undoes `Content-Encoding`, never producing more than the limit.
pub fn decode<'a>(body: &'a [u8], encoding: Option<&str>) -> Result<Cow<'a, [u8]>, BodyError> {
    let encoding = encoding.unwrap_or_default().trim().to_ascii_lowercase();
    let plain = match encoding.as_str() {
        "" | "identity" => Cow::Borrowed(body),
        "gzip" | "x-gzip" => Cow::Owned(
            bounded(MultiGzDecoder::new(body))
                .map_err(|_| BodyError::Malformed("it is not sound gzip".to_owned()))?,
        ),
        "zstd" => Cow::Owned(
            zstd_frames(body)
                .and_then(bounded)
                .map_err(|_| BodyError::Malformed("it is not sound zstd".to_owned()))?,
        ),
        other => {
            let shown: String = other.chars().take(40).collect();
            return Err(BodyError::UnsupportedEncoding(shown));
        }
    };
    if plain.len() > limits::EVENTS_BODY_BYTES {
        Err(BodyError::TooLarge)
    } else {
        Ok(plain)
    }
}

/// One byte more than the limit at most, however much a small body promises.
fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    reader
        .take(limits::EVENTS_BODY_BYTES as u64 + 1)
        .read_to_end(&mut plain)?;
    Ok(plain)
}

fn zstd_frames(body: &[u8]) -> io::Result<impl Read> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_small_body_cannot_unpack_to_a_large_one() {
        let large = vec![b' '; limits::EVENTS_BODY_BYTES + 1];
        let zstd = zstd::encode_all(&large[..], 3).unwrap();
        for (bomb, encoding) in [(gzip(&large), "gzip"), (zstd, "zstd")] {
            assert!(bomb.len() < 100_000);
            assert!(matches!(
                decode(&bomb, Some(encoding)),
                Err(BodyError::TooLarge)
            ));
        }
        let fits = &large[1..];
        assert_eq!(decode(&gzip(fits), Some("gzip")).unwrap(), fits);
        let zstd = zstd::encode_all(fits, 3).unwrap();
        assert_eq!(decode(&zstd, Some("Zstd")).unwrap(), fits);
    }

    #[test]
    fn a_frame_that_asks_for_a_large_window_is_refused() {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(ZSTD_WINDOW_LOG + 1).unwrap();
        encoder.write_all(&vec![7; 1 << 20]).unwrap();
        let frame = encoder.finish().unwrap();
        assert!(matches!(
            decode(&frame, Some("zstd")),
            Err(BodyError::Malformed(_))
        ));
    }

    #[test]
    fn what_is_cut_or_unknown_is_refused() {
        let zstd = zstd::encode_all(&b"[1,2,3]"[..], 3).unwrap();
        for (bytes, encoding) in [
            (&b"x"[..], "gzip"),
            (b"x", "zstd"),
            (&zstd[..zstd.len() - 1], "zstd"),
        ] {
            assert!(
                matches!(decode(bytes, Some(encoding)), Err(BodyError::Malformed(_))),
                "{encoding}"
            );
        }
        for unknown in ["br", "gzip, zstd"] {
            assert!(matches!(
                decode(b"x", Some(unknown)),
                Err(BodyError::UnsupportedEncoding(_))
            ));
        }
        assert_eq!(decode(b"x", None).unwrap(), &b"x"[..]);
    }
}
