//! Which characters are not shown as they are. `tests/hidden.rs` writes this file.

/// Whether a character shows nothing itself, or changes how the text around it looks.
///
/// By the properties of Unicode 16 (UAX #44): the general categories Cc (control), Cf (format), Zl
/// and Zp (separators of lines and paragraphs), Bidi_Control (the direction of text), and
/// Default_Ignorable_Code_Point (invisible where a font does not know it: joiners, variation
/// selectors, tags, fillers). A character that is not assigned, or for private use, is shown as a
/// box, so it hides nothing and is not one of these.
#[rustfmt::skip] // one range a line
pub fn is_hidden(c: char) -> bool {
    matches!(c,
          '\u{0}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}
