//! XML as it is written: elements within each other, text escaped once.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use tidegate_report::escape;

/// An attribute.
pub type Attribute<'a> = (&'a str, &'a str);

/// XML that grows. Writing to memory does not fail.
pub struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// A file.
    pub fn file() -> Self {
        let mut xml = Xml::part();
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), Some("yes"))));
        xml
    }

    /// Part of a file.
    pub fn part() -> Self {
        Xml(Writer::new(Vec::new()))
    }

    fn event(&mut self, event: Event<'_>) {
        let _ = self.0.write_event(event);
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.event(Event::Empty(BytesStart::new(name).with_attributes(attributes.iter().copied())));
    }

    /// An element without content and with the attribute `w:val`.
    pub fn val(&mut self, name: &str, value: &str) {
        self.empty(name, &[("w:val", value)]);
    }

    /// An element, and what is in it.
    pub fn element(&mut self, name: &str, attributes: &[Attribute<'_>], inside: impl FnOnce(&mut Xml)) {
        self.event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())));
        inside(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element with nothing but text.
    pub fn leaf(&mut self, name: &str, attributes: &[Attribute<'_>], text: &str) {
        self.element(name, attributes, |xml| xml.text(text));
    }

    /// Text.
    pub fn text(&mut self, text: &str) {
        self.event(Event::Text(BytesText::new(text)));
    }

    /// XML that was written with another of these.
    pub fn append(&mut self, other: Xml) {
        self.0.get_mut().extend(other.0.into_inner());
    }

    /// The text of the XML.
    pub fn finish(self) -> Vec<u8> {
        self.0.into_inner()
    }
}

/// One line of text for XML: what XML forbids and what deceives is made visible.
pub fn clean(text: &str) -> String {
    escape::xml(&escape::line(text))
}
