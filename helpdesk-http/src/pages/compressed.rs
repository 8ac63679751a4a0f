//! Files made smaller: at the first request for an encoding, and then kept.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::OnceCell;

/// Below so many bytes it is not worth a header.
const WORTH: usize = 1024;
/// Up to so many bytes the best is affordable; above it takes seconds for a few per cent.
const BEST: usize = 256 * 1024;

/// An encoding, by its name in `accept-encoding`. The best comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    pub(super) const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// The encoded forms of a file.
#[derive(Debug, Default)]
pub(super) struct Compressed {
    brotli: OnceCell<Option<Bytes>>,
    gzip: OnceCell<Option<Bytes>>,
}

impl Compressed {
    /// The encoded form. None: it is not smaller, or could not be made.
    pub(super) async fn get(&self, encoding: Encoding, plain: &Bytes) -> Option<Bytes> {
        if plain.len() < WORTH {
            return None;
        }
        let cell = match encoding {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
        };
        let made = cell.get_or_init(|| async {
            let plain = plain.clone();
            let made = tokio::task::spawn_blocking(move || compress(encoding, &plain).filter(|made| made.len() < plain.len()));
            made.await.unwrap_or_default()
        });
        made.await.clone()
    }
}

fn compress(encoding: Encoding, plain: &[u8]) -> Option<Bytes> {
    let mut made = Vec::with_capacity(plain.len() / 3);
    match encoding {
        Encoding::Brotli => {
            let quality = if plain.len() <= BEST { 11 } else { 9 };
            brotli::CompressorWriter::new(&mut made, 4096, quality, 22).write_all(plain).ok()?;
        }
        Encoding::Gzip => {
            let mut writer = GzEncoder::new(&mut made, Compression::best());
            writer.write_all(plain).and_then(|()| writer.try_finish()).ok()?;
        }
    }
    Some(made.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_compressed_once_and_only_if_it_gets_smaller() {
        let plain = Bytes::from("a conversation is one thread with a contact; ".repeat(200));
        let compressed = Compressed::default();
        for encoding in Encoding::ALL {
            let made = compressed.get(encoding, &plain).await.unwrap();
            assert!(made.len() < plain.len() / 4, "{encoding:?}");
            assert_eq!(compressed.get(encoding, &plain).await.unwrap().as_ptr(), made.as_ptr());
        }
        assert_eq!(&compressed.get(Encoding::Gzip, &plain).await.unwrap()[..2], b"\x1f\x8b");
        assert_eq!(Compressed::default().get(Encoding::Brotli, &Bytes::from("short")).await, None);
        let noise: Vec<u8> = (0..2000).map(|_| rand::random()).collect();
        assert_eq!(Compressed::default().get(Encoding::Gzip, &noise.into()).await, None);
    }
}
