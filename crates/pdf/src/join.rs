//! Joins parts that were written as PDF files into one: its pages, what they say to a screen reader, the places that
//! links lead to, and the outline.

use crate::data::{Heading, SECTION_ADDRESS};
use lopdf::{Dictionary, Document, Object, ObjectId, SaveOptions, Stream, dictionary, text_string};
use std::collections::{BTreeMap, HashMap};

type Result<T> = std::result::Result<T, lopdf::Error>;

/// Parts that were joined so far.
pub struct Joined<'a> {
    headings: HashMap<&'a [u8], &'a Heading>,
    document: Document,
    /// The element that holds all others.
    root: ObjectId,
    pages: Vec<ObjectId>,
    /// The elements below the root.
    elements: Vec<Object>,
    /// Which elements the marks of a page belong to: a number of the page, and the elements.
    parents: BTreeMap<i64, Object>,
    next_parent: i64,
    /// Elements with an id.
    ids: BTreeMap<Vec<u8>, Object>,
    /// Places with a name.
    places: BTreeMap<Vec<u8>, Object>,
    parts: usize,
}

impl<'a> Joined<'a> {
    /// Nothing yet, of a report with these headings.
    pub fn new(headings: &'a [Heading]) -> Self {
        let mut document = Document::with_version("1.7");
        let root = document.new_object_id();
        Joined {
            headings: headings.iter().map(|heading| (heading.label.as_bytes(), heading)).collect(),
            document,
            root,
            pages: Vec::new(),
            elements: Vec::new(),
            parents: BTreeMap::new(),
            next_parent: 0,
            ids: BTreeMap::new(),
            places: BTreeMap::new(),
            parts: 0,
        }
    }

    /// How many pages there are.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// The page of each place with a name, from 0.
    pub fn page_of(&self) -> HashMap<&[u8], usize> {
        let numbers: HashMap<ObjectId, usize> =
            self.pages.iter().enumerate().map(|(at, &page)| (page, at)).collect();
        let page = |place: &Object| {
            let (_, place) = self.document.dereference(place).ok()?;
            numbers.get(&place.as_array().ok()?.first()?.as_reference().ok()?).copied()
        };
        self.places.iter().filter_map(|(name, place)| Some((name.as_slice(), page(place)?))).collect()
    }

    /// Adds a part at the end. If headings lead to its first one, they and their page are left out.
    pub fn add(&mut self, pdf: &[u8], lead: usize) -> Result<()> {
        let (pages, elements, _) = self.take(pdf)?;
        let dropped = usize::from(lead > 0);
        if let Some(page) = pages.first().filter(|_| dropped > 0) {
            let page = self.document.get_dictionary(*page)?;
            if let Ok(number) = page.get(b"StructParents").and_then(Object::as_i64) {
                self.parents.remove(&number);
            }
        }
        self.pages.extend(pages.into_iter().skip(dropped));
        self.elements.extend(elements.into_iter().skip(lead));
        Ok(())
    }

    /// Takes all objects of a part over. Its pages, its elements, and its trailer with the catalog in place of the
    /// reference to it.
    fn take(&mut self, pdf: &[u8]) -> Result<(Vec<ObjectId>, Vec<Object>, Dictionary)> {
        let mut part = Document::load_mem(pdf)?;
        part.renumber_objects_with(self.document.max_id + 1);
        let pages: Vec<ObjectId> = part.get_pages().into_values().collect();
        let catalog = part.catalog()?.clone();
        self.parts += 1;
        let change =
            Change { parents: self.next_parent, ids: format!("{}.", self.parts), headings: &self.headings };
        part.objects.values_mut().for_each(|object| change.object(object));

        let below = |dictionary: &Dictionary, name: &[u8]| -> Option<Dictionary> {
            dictionary.get_deref(name, &part).ok()?.as_dict().ok().cloned()
        };
        let list = |dictionary: &Dictionary, name: &[u8]| -> Vec<Object> {
            match dictionary.get_deref(name, &part) {
                Ok(Object::Array(all)) => all.clone(),
                _ => Vec::new(),
            }
        };
        if let Some(places) = below(&catalog, b"Names").and_then(|names| below(&names, b"Dests")) {
            self.places.extend(pairs(&list(&places, b"Names")));
        }
        let mut elements = Vec::new();
        if let Some(tree) = below(&catalog, b"StructTreeRoot") {
            let top = match tree.get(b"K")? {
                Object::Array(all) => all.clone(),
                one => vec![one.clone()],
            };
            for element in top {
                let (_, element) = part.dereference(&element)?;
                let element = element.as_dict()?;
                // Each part has one element that holds all others; here there is one for all.
                elements.extend(match element.get_deref(b"K", &part)? {
                    Object::Array(all) => all.clone(),
                    one => vec![one.clone()],
                });
            }
            if let Some(parents) = below(&tree, b"ParentTree") {
                let numbers = list(&parents, b"Nums");
                for pair in numbers.chunks_exact(2) {
                    if let [number, elements] = pair {
                        self.parents.insert(number.as_i64()? + self.next_parent, elements.clone());
                    }
                }
            }
            self.next_parent += tree.get(b"ParentTreeNextKey").and_then(Object::as_i64).unwrap_or(0);
            if let Some(ids) = below(&tree, b"IDTree") {
                let named = list(&ids, b"Names");
                self.ids.extend(pairs(&named).map(|(id, element)| (change.id(&id), element)));
            }
        }
        let mut trailer = part.trailer.clone();
        trailer.set("Root", catalog);
        for element in &elements {
            if let Ok(element) = part.get_dictionary_mut(element.as_reference()?) {
                element.set("P", self.root);
            }
        }
        self.document.max_id = part.max_id;
        self.document.objects.append(&mut part.objects);
        Ok((pages, elements, trailer))
    }

    /// Puts cover and contents before the rest, lays the edges over the pages, and writes the file.
    pub fn finish(mut self, front: &[u8], edges: &[u8], headings: &[Heading]) -> Result<Vec<u8>> {
        let (mut pages, mut elements, trailer) = self.take(front)?;
        pages.append(&mut self.pages);
        elements.append(&mut self.elements);
        let document = &mut self.document;

        lay_over(document, &pages, edges)?;
        let all = document.new_object_id();
        for &page in &pages {
            document.get_dictionary_mut(page)?.set("Parent", all);
        }
        let kids: Vec<Object> = pages.iter().map(|&page| page.into()).collect();
        let tree = dictionary! { "Type" => "Pages", "Count" => pages.len() as i64, "Kids" => kids };
        document.objects.insert(all, tree.into());

        let mut catalog = trailer.get(b"Root")?.as_dict()?.clone();
        let mut structure = catalog.get_deref(b"StructTreeRoot", document)?.as_dict()?.clone();
        let holder = document.new_object_id();
        let element =
            dictionary! { "Type" => "StructElem", "S" => "Document", "P" => holder, "K" => elements };
        document.objects.insert(self.root, element.into());
        structure.set("K", vec![self.root.into()]);
        let parents = self.parents.into_iter().flat_map(|(number, elements)| [number.into(), elements]);
        structure.set("ParentTree", dictionary! { "Nums" => parents.collect::<Vec<Object>>() });
        structure.set("ParentTreeNextKey", self.next_parent);
        if !self.ids.is_empty() {
            structure.set("IDTree", names(self.ids));
        }
        document.objects.insert(holder, structure.into());

        catalog.set("Pages", all);
        catalog.set("StructTreeRoot", holder);
        catalog.set("Names", dictionary! { "Dests" => names(self.places) });
        match outline(document, headings) {
            Some(outline) => catalog.set("Outlines", outline),
            None => drop(catalog.remove(b"Outlines")),
        }
        if let Ok(about) = catalog.get(b"Metadata").and_then(Object::as_reference) {
            count_pages(document, about, pages.len());
        }
        let catalog = document.add_object(catalog);
        for name in [b"Info".as_slice(), b"ID"] {
            if let Ok(value) = trailer.get(name) {
                document.trailer.set(name, value.clone());
            }
        }
        document.trailer.set("Root", catalog);
        document.prune_objects();
        document.renumber_objects();
        let mut file = Vec::new();
        let options =
            SaveOptions { use_object_streams: true, use_xref_streams: true, ..SaveOptions::default() };
        document.save_with_options(&mut file, options)?;
        Ok(file)
    }
}

/// What is other in a part once it is one of many.
struct Change<'a> {
    /// How many numbers of pages the parts before have taken.
    parents: i64,
    /// What keeps the ids of this part apart from those of others.
    ids: String,
    headings: &'a HashMap<&'a [u8], &'a Heading>,
}

impl Change<'_> {
    fn object(&self, object: &mut Object) {
        match object {
            Object::Dictionary(dictionary) => self.dictionary(dictionary),
            Object::Stream(stream) => self.dictionary(&mut stream.dict),
            Object::Array(all) => all.iter_mut().for_each(|object| self.object(object)),
            _ => {}
        }
    }

    fn dictionary(&self, dictionary: &mut Dictionary) {
        self.link(dictionary);
        let element = dictionary.has_type(b"StructElem");
        for (name, value) in dictionary.iter_mut() {
            match (name.as_slice(), value) {
                (b"StructParent" | b"StructParents", Object::Integer(number)) => *number += self.parents,
                (b"ID", Object::String(id, _)) if element => *id = self.id(id),
                (b"Headers", Object::Array(ids)) => {
                    for id in ids {
                        if let Object::String(id, _) = id {
                            *id = self.id(id);
                        }
                    }
                }
                (_, value) => self.object(value),
            }
        }
    }

    fn id(&self, id: &[u8]) -> Vec<u8> {
        [self.ids.as_bytes(), id].concat()
    }

    /// A link to a section of another part leads there.
    fn link(&self, dictionary: &mut Dictionary) {
        let address = dictionary.get(b"A").and_then(Object::as_dict).and_then(|action| action.get(b"URI"));
        let label = address
            .and_then(Object::as_str)
            .ok()
            .and_then(|uri| uri.strip_prefix(SECTION_ADDRESS.as_bytes()));
        let Some(label) = label.map(<[u8]>::to_vec) else { return };
        let title = self.headings.get(label.as_slice()).map_or("", |heading| heading.title.as_str());
        dictionary.set("Contents", text_string(title));
        dictionary.remove(b"A");
        dictionary.set("Dest", Object::string_literal(label));
    }
}

fn pairs(all: &[Object]) -> impl Iterator<Item = (Vec<u8>, Object)> + '_ {
    all.chunks_exact(2).filter_map(|pair| Some((pair.first()?.as_str().ok()?.to_vec(), pair.get(1)?.clone())))
}

/// A tree of names with one node.
fn names(all: BTreeMap<Vec<u8>, Object>) -> Dictionary {
    let flat = all.into_iter().flat_map(|(name, value)| [Object::string_literal(name), value]);
    dictionary! { "Names" => flat.collect::<Vec<_>>() }
}

/// Lays each page of a file over one of ours, as decoration that a screen reader passes over.
fn lay_over(document: &mut Document, pages: &[ObjectId], edges: &[u8]) -> Result<()> {
    let mut part = Document::load_mem(edges)?;
    part.renumber_objects_with(document.max_id + 1);
    let laid: Vec<ObjectId> = part.get_pages().into_values().collect();
    document.max_id = part.max_id;
    document.objects.append(&mut part.objects);
    for (at, (&page, over)) in pages.iter().zip(laid).enumerate() {
        let edge = document.get_dictionary(over)?.clone();
        let Ok(content) = edge.get(b"Contents").and_then(Object::as_reference) else { continue };
        let resources = edge.get(b"Resources")?.clone();
        let Some(Object::Stream(form)) = document.objects.get_mut(&content) else { continue };
        form.dict.set("Type", "XObject");
        form.dict.set("Subtype", "Form");
        form.dict.set("BBox", edge.get(b"MediaBox")?.clone());
        form.dict.set("Resources", resources);

        let name = format!("Edge{at}");
        let draw = format!("/Artifact <</Type /Pagination>> BDC q /{name} Do Q EMC\n");
        let draw = document.add_object(Stream::new(Dictionary::new(), draw.into_bytes()));
        let own = document.get_dictionary(page)?.clone();
        let mut resources = own.get_deref(b"Resources", document)?.as_dict()?.clone();
        let mut drawings = match resources.get_deref(b"XObject", document) {
            Ok(drawings) => drawings.as_dict()?.clone(),
            Err(_) => Dictionary::new(),
        };
        drawings.set(name, content);
        resources.set("XObject", drawings);
        let mut contents = vec![draw.into()];
        match own.get(b"Contents") {
            Ok(Object::Array(all)) => contents.extend(all.iter().cloned()),
            Ok(one) => contents.push(one.clone()),
            Err(_) => {}
        }
        let page = document.get_dictionary_mut(page)?;
        page.set("Resources", resources);
        page.set("Contents", contents);
    }
    Ok(())
}

/// The outline: a tree of the headings. Nothing if there are none.
fn outline(document: &mut Document, headings: &[Heading]) -> Option<ObjectId> {
    let root = document.new_object_id();
    let ids: Vec<ObjectId> = headings.iter().map(|_| document.new_object_id()).collect();
    let mut items: Vec<Dictionary> = headings
        .iter()
        .map(|heading| {
            let title = if heading.title.trim().is_empty() { "–" } else { &heading.title };
            dictionary! { "Title" => text_string(title), "Dest" => Object::string_literal(heading.label.as_str()) }
        })
        .collect();
    // For the root and each heading, those right below it.
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); headings.len() + 1];
    let mut open: Vec<usize> = Vec::new();
    for (at, heading) in headings.iter().enumerate() {
        open.retain(|&above| headings.get(above).is_some_and(|above| above.level < heading.level));
        below.get_mut(open.last().map_or(0, |above| above + 1))?.push(at);
        open.push(at);
    }
    let mut outline = dictionary! { "Type" => "Outlines" };
    for (holder, kids) in below.iter().enumerate() {
        let (Some(first), Some(last)) = (kids.first(), kids.last()) else { continue };
        let (first, last) = (*ids.get(*first)?, *ids.get(*last)?);
        let (own, id, count) = match holder.checked_sub(1) {
            None => (&mut outline, root, kids.len() as i64),
            // Folded: a long report has a long outline.
            Some(at) => (items.get_mut(at)?, *ids.get(at)?, -(kids.len() as i64)),
        };
        own.set("First", first);
        own.set("Last", last);
        own.set("Count", count);
        for (place, &kid) in kids.iter().enumerate() {
            let item = items.get_mut(kid)?;
            item.set("Parent", id);
            if let Some(before) = place.checked_sub(1).and_then(|place| ids.get(*kids.get(place)?)) {
                item.set("Prev", *before);
            }
            if let Some(after) = kids.get(place + 1).and_then(|&kid| ids.get(kid)) {
                item.set("Next", *after);
            }
        }
    }
    if items.is_empty() {
        return None;
    }
    document.objects.insert(root, outline.into());
    for (id, item) in ids.into_iter().zip(items) {
        document.objects.insert(id, item.into());
    }
    Some(root)
}

/// Puts the number of pages into the description of the file.
fn count_pages(document: &mut Document, about: ObjectId, pages: usize) {
    let Some(Object::Stream(stream)) = document.objects.get_mut(&about) else { return };
    let Ok(text) = stream.get_plain_content() else { return };
    let Ok(text) = String::from_utf8(text) else { return };
    let (open, close) = ("<xmpTPg:NPages>", "</xmpTPg:NPages>");
    let Some((before, rest)) = text.split_once(open) else { return };
    let Some((_, after)) = rest.split_once(close) else { return };
    stream.set_plain_content(format!("{before}{open}{pages}{close}{after}").into_bytes());
}
