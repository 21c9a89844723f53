//! What a hostile file may make the reader allocate. Its own program, because the allocator counts
//! for the whole process; one test, because tests run beside each other.

mod hostile;

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Most bytes that are allocated at one time for each byte of input, by the start of a name. JSON:
/// an empty object is 64 bytes in memory, and a growing list is held twice.
const BOUNDS: [(&str, usize); 3] = [("json", 48), ("png", 3), ("svg", 4)];

#[test]
fn allocations_are_bounded_by_the_input() {
    let mut read = 0;
    for (name, bytes) in hostile::files() {
        let (_, bound) = BOUNDS.iter().find(|(start, _)| name.starts_with(start)).unwrap();
        let before = ALLOCATED.current_usage();
        ALLOCATED.reset_peak_usage();
        read += usize::from(badge::read(&bytes).is_ok());
        let peak = ALLOCATED.peak_usage() - before;
        assert!(peak <= bound * bytes.len(), "{name}: {peak} for {}", bytes.len());
    }
    // most cost so much because they are accepted
    assert_eq!(read, 32);
}
