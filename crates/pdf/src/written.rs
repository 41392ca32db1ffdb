//! A PDF file that is written object by object, so that what is written need not be kept.
//! (ISO 32000-1, 7.5.7 "Object streams" and 7.5.8 "Cross-reference streams".)

use lopdf::{Dictionary, Object, ObjectId, Result, Stream, Writer, dictionary};
use std::collections::BTreeMap;
use std::io::Write as _;

/// So many objects are packed together.
const PACKED: usize = 200;

/// Where an object stands.
#[derive(Clone, Copy)]
enum Entry {
    /// At an offset of the file.
    Plain(usize),
    /// In a pack: its number, and the place in it.
    Packed(u32, usize),
}

/// A file that grows.
pub struct Written {
    bytes: Vec<u8>,
    entries: BTreeMap<u32, Entry>,
    /// Objects that wait to be packed.
    waiting: Vec<(u32, Vec<u8>)>,
    last: u32,
}

impl Written {
    /// The beginning of a file.
    pub fn new() -> Self {
        // Four bytes that are no ASCII tell other programs that the file is binary.
        let bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        Self { bytes, entries: BTreeMap::new(), waiting: Vec::new(), last: 0 }
    }

    /// A number that no object has.
    pub fn new_id(&mut self) -> ObjectId {
        self.last += 1;
        (self.last, 0)
    }

    /// The highest number so far.
    pub fn last_id(&self) -> u32 {
        self.last
    }

    /// Numbers up to this one are taken.
    pub fn take_ids(&mut self, last: u32) {
        self.last = self.last.max(last);
    }

    /// Writes an object.
    pub fn put(&mut self, (id, _): ObjectId, object: &Object) -> Result<()> {
        self.take_ids(id);
        if let Object::Stream(stream) = object {
            let mut stream = stream.clone();
            stream.compress()?;
            return self.plain(id, &Object::Stream(stream));
        }
        let mut body = Vec::new();
        Writer::write_object(&mut body, object)?;
        self.waiting.push((id, body));
        if self.waiting.len() == PACKED { self.pack() } else { Ok(()) }
    }

    /// Writes an object that has no number yet.
    pub fn add(&mut self, object: &Object) -> Result<ObjectId> {
        let id = self.new_id();
        self.put(id, object)?;
        Ok(id)
    }

    fn plain(&mut self, id: u32, object: &Object) -> Result<()> {
        self.entries.insert(id, Entry::Plain(self.bytes.len()));
        writeln!(self.bytes, "{id} 0 obj")?;
        Writer::write_object(&mut self.bytes, object)?;
        self.bytes.extend_from_slice(b"\nendobj\n");
        Ok(())
    }

    fn pack(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let (pack, _) = self.new_id();
        let (mut index, mut bodies) = (String::new(), Vec::new());
        let waiting = std::mem::take(&mut self.waiting);
        for (at, (id, body)) in waiting.iter().enumerate() {
            index += &format!("{id} {} ", bodies.len());
            bodies.extend_from_slice(body);
            bodies.push(b'\n');
            self.entries.insert(*id, Entry::Packed(pack, at));
        }
        let about =
            dictionary! { "Type" => "ObjStm", "N" => waiting.len() as i64, "First" => index.len() as i64 };
        let mut stream = Stream::new(about, [index.into_bytes(), bodies].concat());
        stream.compress()?;
        self.plain(pack, &Object::Stream(stream))
    }

    /// Ends the file; `trailer` names the catalog.
    pub fn finish(mut self, trailer: Dictionary) -> Result<Vec<u8>> {
        self.pack()?;
        let (own, _) = self.new_id();
        let start = self.bytes.len();
        self.entries.insert(own, Entry::Plain(start));
        let mut rows: Vec<u8> = vec![0, 0, 0, 0, 0, 0xff, 0xff];
        for id in 1..=self.last {
            let (kind, second, third) = match self.entries.get(&id) {
                Some(Entry::Plain(offset)) => (1, *offset as u32, 0),
                Some(Entry::Packed(pack, at)) => (2, *pack, *at as u16),
                // A number that was given away and not used.
                None => (0, 0, u16::MAX),
            };
            rows.push(kind);
            rows.extend(second.to_be_bytes());
            rows.extend(third.to_be_bytes());
        }
        let mut about = trailer;
        about.set("Type", "XRef");
        about.set("Size", i64::from(self.last) + 1);
        about.set("W", vec![1.into(), 4.into(), 2.into()]);
        let mut stream = Stream::new(about, rows);
        stream.compress()?;
        self.plain(own, &Object::Stream(stream))?;
        writeln!(self.bytes, "startxref\n{start}\n%%EOF")?;
        Ok(self.bytes)
    }
}
