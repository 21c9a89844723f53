//! Breaking a name into the lines of a picture, whose fonts are not known.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Breaks `text` at spaces into at most `lines` lines of `columns` columns each (a Hangul syllable
/// or a Chinese character has two); a longer word is broken where it must, and what is left over is
/// cut off with an ellipsis.
pub(crate) fn break_lines(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let mut broken = vec![String::new()];
    for word in text.split_whitespace().flat_map(|word| pieces(word, columns)) {
        let last = broken.last_mut().expect("it begins with one line");
        let gap = usize::from(!last.is_empty());
        if last.width() + gap + word.width() <= columns {
            if gap > 0 {
                last.push(' ');
            }
            last.push_str(&word);
        } else {
            broken.push(word);
        }
    }
    if broken.len() > lines {
        broken.truncate(lines);
        if let Some(last) = broken.last_mut() {
            while last.width() >= columns {
                let end = last.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
                last.truncate(end);
            }
            last.push('…');
        }
    }
    broken
}

/// A word in pieces of at most `columns` columns.
fn pieces(word: &str, columns: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for grapheme in word.graphemes(true) {
        let last = pieces.last_mut().expect("it begins with one piece");
        if !last.is_empty() && last.width() + grapheme.width() > columns {
            pieces.push(grapheme.to_owned());
        } else {
            last.push_str(grapheme);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn breaks_at_spaces_and_cuts_what_is_left() {
        assert_eq!(break_lines("반도체 공정 심화", 12, 3), ["반도체 공정", "심화"]);
        assert_eq!(break_lines("abcdefghij", 4, 2), ["abcd", "efg…"]);
        assert_eq!(break_lines("one two three four", 7, 2), ["one two", "three…"]);
        assert_eq!(break_lines("", 7, 2), [""]);
    }

    proptest! {
        #[test]
        fn never_wider_nor_longer(text in "\\PC{0,80}", columns in 2_usize..30, lines in 1_usize..5) {
            let broken = break_lines(&text, columns, lines);
            prop_assert!(broken.len() <= lines);
            for line in broken {
                // one grapheme may be wider than the line
                prop_assert!(line.width() <= columns + 1 || line.graphemes(true).count() <= 2, "{line}");
            }
        }
    }
}
