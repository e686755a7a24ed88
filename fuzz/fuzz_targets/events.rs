//! A stream of events is the same events, however it is cut, and what is written reads back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolgate_protocol::frame::{Events, Frame, event};

fuzz_target!(|input: (u8, Vec<u8>, Vec<u8>)| {
    let (size_bytes_max, cuts, stream) = input;
    let size_bytes_max = usize::from(size_bytes_max) + 4;
    let whole = read(size_bytes_max, [&stream[..]]);
    let mut rest = &stream[..];
    let chunks = cuts.iter().map_while(|cut| {
        let (chunk, behind) = rest.split_at_checked((*cut).into())?;
        rest = behind;
        Some(chunk)
    });
    let chunks: Vec<&[u8]> = chunks.collect();
    assert_eq!(read(size_bytes_max, chunks.into_iter().chain([rest])), whole);
    for frame in whole {
        let Frame::Event(one) = frame else { continue };
        assert_eq!(read(usize::MAX >> 1, [&event(&one)[..]]), [Frame::Event(one)]);
    }
});

fn read<'a>(size_bytes_max: usize, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Frame> {
    let mut reader = Events::new(size_bytes_max);
    let mut out = Vec::new();
    for chunk in chunks {
        reader.push(chunk);
        out.extend(std::iter::from_fn(|| reader.next_frame()));
    }
    out
}
