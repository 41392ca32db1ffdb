//! From the YAML parser's positions, which count characters, to bytes.

/// Turns character positions of one text into byte positions. Quick when asked in roughly rising order.
pub(super) struct Offsets<'a> {
    text: &'a str,
    ascii: bool,
    characters: usize,
    bytes: usize,
}

impl<'a> Offsets<'a> {
    /// Positions in `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, ascii: text.is_ascii(), characters: 0, bytes: 0 }
    }

    /// The byte at which the `character`-th character starts; the text's length when it has fewer.
    pub(super) fn byte(&mut self, character: usize) -> usize {
        if self.ascii {
            return character.min(self.text.len());
        }
        let bytes = self.text.as_bytes();
        let starts = |byte: u8| byte & 0xc0 != 0x80;
        while self.characters < character && self.bytes < bytes.len() {
            self.bytes += 1;
            while self.bytes < bytes.len() && !starts(bytes[self.bytes]) {
                self.bytes += 1;
            }
            self.characters += 1;
        }
        while self.characters > character && self.bytes > 0 {
            self.bytes -= 1;
            while self.bytes > 0 && !starts(bytes[self.bytes]) {
                self.bytes -= 1;
            }
            self.characters -= 1;
        }
        self.bytes
    }
}
