//! Numbers that every reader holds exactly.

use crate::Code;

/// Most significant digits of a number: enough for any double, and no more than one can hold.
const MAX_SIGNIFICANT_DIGITS: usize = 17;
/// 2^53: from here on, neighbouring integers share a double.
const FIRST_UNSAFE: f64 = 9_007_199_254_740_992.0;
/// From here on, JCS prints an exponent and no longer a lexeme that looks exact.
const FIRST_WITH_EXPONENT: f64 = 1e21;

/// The double of a lexeme that the grammar of RFC 8259 has accepted.
pub(super) fn read(lexeme: &str) -> Result<f64, (Code, &'static str)> {
    let number: f64 = lexeme.parse().map_err(|_| (Code::Syntax, "not a number"))?;
    let unsafe_integer = (Code::UnsafeInteger, "an integer lies within ±(2^53 − 1)");
    let is_integer_lexeme = !lexeme.contains(['.', 'e', 'E']);
    if is_integer_lexeme && number.abs() >= FIRST_UNSAFE {
        return Err(unsafe_integer);
    }
    let digits = significant_digits(lexeme);
    if digits > MAX_SIGNIFICANT_DIGITS {
        return Err((Code::NumberPrecision, "a number has at most 17 significant digits"));
    }
    if number.is_infinite() {
        return Err((Code::NumberOverflow, "the number is beyond the range of a double"));
    }
    if number == 0.0 && digits > 0 {
        return Err((Code::NumberUnderflow, "the number is not zero but would be read as zero"));
    }
    if (FIRST_UNSAFE..FIRST_WITH_EXPONENT).contains(&number.abs()) {
        return Err(unsafe_integer);
    }
    Ok(number)
}

/// Digits of the coefficient without its leading and trailing zeros; 0 for zero itself.
fn significant_digits(lexeme: &str) -> usize {
    let coefficient = lexeme.split(['e', 'E']).next().unwrap_or_default();
    let (mut all, mut trailing_zeros) = (0, 0);
    for digit in coefficient.bytes().filter(u8::is_ascii_digit) {
        if digit == b'0' && all == 0 {
            continue;
        }
        all += 1;
        trailing_zeros = if digit == b'0' { trailing_zeros + 1 } else { 0 };
    }
    all - trailing_zeros
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_digits_as_the_rule_says() {
        for (lexeme, digits) in [
            ("0", 0),
            ("-0.000e5", 0),
            ("100", 1),
            ("1.00", 1),
            ("0.00120", 2),
            ("-1.5e-300", 2),
            ("333333333.33333329", 17),
            ("1.000000000000000005", 19),
        ] {
            assert_eq!(significant_digits(lexeme), digits, "{lexeme}");
        }
    }

    #[test]
    fn refuses_what_readers_hold_differently() {
        for (lexeme, code) in [
            ("9007199254740992", Code::UnsafeInteger),
            ("-9007199254740992", Code::UnsafeInteger),
            ("9007199254740991.5", Code::UnsafeInteger),
            ("1e16", Code::UnsafeInteger),
            ("9.007199254740993e15", Code::UnsafeInteger),
            ("999999999999999900000.0", Code::UnsafeInteger),
            ("0.1234567890123456789", Code::NumberPrecision),
            ("1e309", Code::NumberOverflow),
            ("-1e400", Code::NumberOverflow),
            ("1e-400", Code::NumberUnderflow),
        ] {
            assert_eq!(read(lexeme).unwrap_err().0, code, "{lexeme}");
        }
        for (lexeme, number) in [
            ("9007199254740991", 9_007_199_254_740_991.0),
            ("-9007199254740991", -9_007_199_254_740_991.0),
            ("1e21", 1e21),
            ("5e-324", 5e-324),
            ("0e400", 0.0),
            ("1000000000000000000000e-10", 1e11),
        ] {
            assert_eq!(read(lexeme), Ok(number), "{lexeme}");
        }
    }
}
