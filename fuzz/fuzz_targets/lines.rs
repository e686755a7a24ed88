//! A stream of lines is the same lines, however it is cut into chunks.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolgate_protocol::frame::{Line, Lines};

fuzz_target!(|input: (u8, Vec<u8>, Vec<u8>)| {
    let (size_bytes_max, cuts, stream) = input;
    let whole = read(size_bytes_max.into(), [&stream[..]]);
    let mut rest = &stream[..];
    let chunks = cuts.iter().map_while(|cut| {
        let (chunk, behind) = rest.split_at_checked((*cut).into())?;
        rest = behind;
        Some(chunk)
    });
    let chunks: Vec<&[u8]> = chunks.collect();
    assert_eq!(read(size_bytes_max.into(), chunks.into_iter().chain([rest])), whole);
    for line in whole {
        let Line::Text(text) = line else { continue };
        assert!(!text.is_empty() && text.len() <= usize::from(size_bytes_max));
        assert!(!text.contains(&b'\n'));
    }
});

fn read<'a>(size_bytes_max: usize, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Line> {
    let mut reader = Lines::new(size_bytes_max);
    let mut out = Vec::new();
    for chunk in chunks {
        reader.push(chunk);
        out.extend(std::iter::from_fn(|| reader.next_line()));
    }
    out
}
