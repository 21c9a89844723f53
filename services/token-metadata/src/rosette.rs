//! Guilloché: the closed curves on bank notes and certificates, here drawn from a token's id, so
//! that each badge has a pattern of its own.

use std::f64::consts::TAU;
use std::fmt::Write as _;

const POINTS: u32 = 360;
/// How often the curve is drawn, each time turned a little further.
const TURNS: u32 = 8;

/// A closed curve, and the angles at which it is drawn over itself.
pub(crate) struct Rosette {
    /// The `d` of an SVG path.
    pub(crate) path: String,
    /// In degrees.
    pub(crate) turns: Vec<String>,
}

/// The curve of a seed around `center`, between the radii `inner` and `outer`.
pub(crate) fn rosette(seed: [u8; 32], center: (f64, f64), inner: f64, outer: f64) -> Rosette {
    let [petals, ripples, share, turn, ..] = seed;
    let petals = f64::from(5 + petals % 8);
    let ripples = petals * f64::from(2 + ripples % 3);
    let share = 0.6 + f64::from(share) / 255.0 * 0.3;
    let turn = f64::from(turn) / 255.0 * TAU;
    let (middle, reach) = (f64::midpoint(inner, outer), (outer - inner) / 2.0);
    let radius = |angle: f64| {
        let slow = (petals * angle).cos() * share;
        let fast = (ripples * angle + turn).cos() * (1.0 - share);
        middle + reach * (slow + fast)
    };
    let step = 360.0 / petals / f64::from(TURNS);
    Rosette {
        path: closed_path(center, radius),
        turns: (0..TURNS).map(|at| format!("{:.2}", step * f64::from(at))).collect(),
    }
}

fn closed_path((cx, cy): (f64, f64), radius: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for point in 0..POINTS {
        let angle = TAU * f64::from(point) / f64::from(POINTS);
        let (x, y) = (cx + radius(angle) * angle.cos(), cy + radius(angle) * angle.sin());
        let command = if point == 0 { 'M' } else { 'L' };
        write!(path, "{command}{x:.1} {y:.1}").expect("a string takes all text");
    }
    path.push('Z');
    path
}
