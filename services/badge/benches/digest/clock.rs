//! Medians of calls that are measured by turns, in time on the processor: a busy machine slows all
//! alike, and waiting for it does not count.

use std::time::Duration;

use cpu_time::ThreadTime;

/// Long enough that the clock's own cost does not count.
const SAMPLE: Duration = Duration::from_millis(10);
const SAMPLES: usize = 15;

/// Nanoseconds for one call of each.
pub(crate) fn medians<const CALLS: usize>(calls: [&mut dyn FnMut(); CALLS]) -> [f64; CALLS] {
    let mut repeats = calls.map(|call| {
        let mut repeats = 1_u32;
        // warms up, too
        while time(call, repeats) < SAMPLE {
            repeats *= 2;
        }
        (call, repeats)
    });
    let mut samples = [const { Vec::new() }; CALLS];
    for _ in 0..SAMPLES {
        for ((call, repeats), samples) in repeats.iter_mut().zip(&mut samples) {
            samples.push(time(*call, *repeats).as_secs_f64() * 1e9 / f64::from(*repeats));
        }
    }
    samples.map(|mut samples| {
        samples.sort_by(f64::total_cmp);
        samples[SAMPLES / 2]
    })
}

fn time(call: &mut dyn FnMut(), repeats: u32) -> Duration {
    let start = ThreadTime::now();
    for _ in 0..repeats {
        call();
    }
    start.elapsed()
}
