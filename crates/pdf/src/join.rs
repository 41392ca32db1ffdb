//! Joins parts that were written as PDF files into one: its pages, what they say to a screen reader, the places that
//! links lead to, and the outline.

use crate::data::{Heading, SECTION_ADDRESS};
use crate::written::Written;
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary, text_string};
use std::collections::{BTreeMap, HashMap};

type Result<T> = std::result::Result<T, lopdf::Error>;

/// A page under its number.
type Page = (ObjectId, Dictionary);

/// Parts that were joined so far. What is done is written at once: a report of a thousand findings has a million objects.
pub struct Joined<'a> {
    headings: HashMap<&'a [u8], &'a Heading>,
    file: Written,
    /// The element that holds all others.
    root: ObjectId,
    /// The node that holds all pages.
    all: ObjectId,
    /// Pages, which get their edges when their number is known.
    pages: Vec<Page>,
    /// The elements below the root.
    elements: Vec<Object>,
    /// Which elements the marks of a page belong to: a number of the page, and the elements.
    parents: BTreeMap<i64, Object>,
    next_parent: i64,
    /// Elements with an id.
    ids: BTreeMap<Vec<u8>, Object>,
    /// Places with a name, and their pages.
    places: BTreeMap<Vec<u8>, (Object, Option<ObjectId>)>,
    parts: usize,
}

/// What was read of a part and is not written yet.
struct Taken {
    part: Document,
    pages: Vec<ObjectId>,
    elements: Vec<Object>,
    catalog: Dictionary,
    parents: BTreeMap<i64, Object>,
    next_parent: i64,
    ids: BTreeMap<Vec<u8>, Object>,
    places: BTreeMap<Vec<u8>, (Object, Option<ObjectId>)>,
}

impl<'a> Joined<'a> {
    /// Nothing yet, of a report with these headings.
    pub fn new(headings: &'a [Heading]) -> Self {
        let mut file = Written::new();
        let (root, all) = (file.new_id(), file.new_id());
        Joined {
            headings: headings.iter().map(|heading| (heading.label.as_bytes(), heading)).collect(),
            file,
            root,
            all,
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
            self.pages.iter().enumerate().map(|(at, (page, _))| (*page, at)).collect();
        let places = self.places.iter();
        places
            .filter_map(|(name, (_, page))| Some((name.as_slice(), *numbers.get(page.as_ref()?)?)))
            .collect()
    }

    /// Adds a part at the end. If headings lead to its first one, they and their page are left out.
    pub fn add(&mut self, pdf: &[u8], lead: usize) -> Result<()> {
        let mut taken = self.take(pdf)?;
        if lead > 0 && !taken.pages.is_empty() {
            let page = taken.part.get_dictionary(taken.pages.remove(0))?;
            if let Ok(number) = page.get(b"StructParents").and_then(Object::as_i64) {
                taken.parents.remove(&(number));
            }
            taken.elements.drain(..lead.min(taken.elements.len()));
        }
        let (pages, elements) = self.write(taken, Vec::new())?;
        self.pages.extend(pages);
        self.elements.extend(elements);
        Ok(())
    }

    /// Reads a part, under numbers and names of its own.
    fn take(&mut self, pdf: &[u8]) -> Result<Taken> {
        let mut part = Document::load_mem(pdf)?;
        part.renumber_objects_with(self.file.last_id() + 1);
        self.file.take_ids(part.max_id);
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
        let mut places = BTreeMap::new();
        if let Some(named) = below(&catalog, b"Names").and_then(|names| below(&names, b"Dests")) {
            let page = |place: &Object| {
                let (_, place) = part.dereference(place).ok()?;
                place.as_array().ok()?.first()?.as_reference().ok()
            };
            let all = list(&named, b"Names");
            places.extend(pairs(&all).map(|(name, place)| {
                let page = page(&place);
                (name, (place, page))
            }));
        }
        let (mut elements, mut parents, mut ids) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let mut next_parent = 0;
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
            if let Some(found) = below(&tree, b"ParentTree") {
                for pair in list(&found, b"Nums").chunks_exact(2) {
                    if let [number, elements] = pair {
                        parents.insert(number.as_i64()? + self.next_parent, elements.clone());
                    }
                }
            }
            next_parent = tree.get(b"ParentTreeNextKey").and_then(Object::as_i64).unwrap_or(0);
            if let Some(found) = below(&tree, b"IDTree") {
                let named = list(&found, b"Names");
                ids.extend(pairs(&named).map(|(id, element)| (change.id(&id), element)));
            }
        }
        for element in &elements {
            if let Ok(element) = part.get_dictionary_mut(element.as_reference()?) {
                element.set("P", self.root);
            }
        }
        for page in &pages {
            // What lies over a page is added to its resources: those of its own have to be at hand.
            let own = part.get_dictionary(*page)?;
            let mut resources = match own.get_deref(b"Resources", &part) {
                Ok(resources) => resources.as_dict()?.clone(),
                Err(_) => Dictionary::new(),
            };
            if let Ok(drawings) = resources.get_deref(b"XObject", &part) {
                let drawings = drawings.clone();
                resources.set("XObject", drawings);
            }
            let page = part.get_dictionary_mut(*page)?;
            page.set("Parent", self.all);
            page.set("Resources", resources);
        }
        Ok(Taken { part, pages, elements, catalog, parents, next_parent, ids, places })
    }

    /// Writes what is needed of a part, which is what these objects, its pages and its elements lead to. Its pages come
    /// back, and its elements.
    fn write(&mut self, taken: Taken, also: Vec<Object>) -> Result<(Vec<Page>, Vec<Object>)> {
        let Taken { mut part, pages, elements, parents, next_parent, ids, places, .. } = taken;
        let needed = pages.iter().map(|page| Object::Reference(*page)).chain(elements.iter().cloned());
        let needed = needed.chain(parents.values().cloned()).chain(ids.values().cloned()).chain(also);
        let needed = needed.chain(places.values().map(|(place, _)| place.clone()));
        part.trailer = dictionary! { "Root" => needed.collect::<Vec<_>>() };
        part.prune_objects();
        let mut kept = Vec::new();
        for page in pages {
            if let Some(Object::Dictionary(dictionary)) = part.objects.remove(&page) {
                kept.push((page, dictionary));
            }
        }
        for (id, object) in &part.objects {
            self.file.put(*id, object)?;
        }
        self.parents.extend(parents);
        self.next_parent += next_parent;
        self.ids.extend(ids);
        self.places.extend(places);
        Ok((kept, elements))
    }

    /// Puts cover and contents before the rest, lays the edges over the pages, and writes the file.
    pub fn finish(mut self, front: &[u8], edges: &[u8], headings: &[Heading]) -> Result<Vec<u8>> {
        let mut taken = self.take(front)?;
        let number = taken.pages.len() + self.pages.len();
        let mut catalog = taken.catalog.clone();
        let mut structure = catalog.get_deref(b"StructTreeRoot", &taken.part)?.as_dict()?.clone();
        if let Ok(about) = catalog.get(b"Metadata").and_then(Object::as_reference) {
            count_pages(&mut taken.part, about, number);
        }
        let mut trailer = Dictionary::new();
        for name in [b"Info".as_slice(), b"ID"] {
            if let Ok(value) = taken.part.trailer.get(name) {
                trailer.set(name, value.clone());
            }
        }
        for name in [b"Pages".as_slice(), b"StructTreeRoot", b"Names", b"Outlines"] {
            catalog.remove(name);
        }
        for name in [b"K".as_slice(), b"ParentTree", b"IDTree"] {
            structure.remove(name);
        }
        let also = [&catalog, &structure, &trailer].map(|dictionary| Object::Dictionary(dictionary.clone()));
        let (mut pages, mut elements) = self.write(taken, also.to_vec())?;
        pages.append(&mut self.pages);
        elements.append(&mut self.elements);

        lay_over(&mut self.file, &mut pages, edges)?;
        let kids: Vec<Object> = pages.iter().map(|(page, _)| (*page).into()).collect();
        let tree = dictionary! { "Type" => "Pages", "Count" => pages.len() as i64, "Kids" => kids };
        for (page, dictionary) in pages {
            self.file.put(page, &dictionary.into())?;
        }
        self.file.put(self.all, &tree.into())?;

        let holder = self.file.new_id();
        let element =
            dictionary! { "Type" => "StructElem", "S" => "Document", "P" => holder, "K" => elements };
        self.file.put(self.root, &element.into())?;
        structure.set("K", vec![self.root.into()]);
        let parents = self.parents.into_iter().flat_map(|(number, elements)| [number.into(), elements]);
        structure.set("ParentTree", dictionary! { "Nums" => parents.collect::<Vec<Object>>() });
        structure.set("ParentTreeNextKey", self.next_parent);
        if !self.ids.is_empty() {
            structure.set("IDTree", names(self.ids));
        }
        self.file.put(holder, &structure.into())?;

        let places = self.places.into_iter().map(|(name, (place, _))| (name, place)).collect();
        catalog.set("Pages", self.all);
        catalog.set("StructTreeRoot", holder);
        catalog.set("Names", dictionary! { "Dests" => names(places) });
        if let Some(outline) = outline(&mut self.file, headings)? {
            catalog.set("Outlines", outline);
        }
        let catalog = self.file.add(&catalog.into())?;
        trailer.set("Root", catalog);
        self.file.finish(trailer)
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
fn lay_over(file: &mut Written, pages: &mut [Page], edges: &[u8]) -> Result<()> {
    let mut part = Document::load_mem(edges)?;
    part.renumber_objects_with(file.last_id() + 1);
    file.take_ids(part.max_id);
    let laid: Vec<ObjectId> = part.get_pages().into_values().collect();
    let mut forms = Vec::new();
    for ((at, (_, page)), over) in pages.iter_mut().enumerate().zip(laid) {
        let edge = part.get_dictionary(over)?.clone();
        let Ok(content) = edge.get(b"Contents").and_then(Object::as_reference) else { continue };
        let resources = edge.get(b"Resources")?.clone();
        let Some(Object::Stream(form)) = part.objects.get_mut(&content) else { continue };
        form.dict.set("Type", "XObject");
        form.dict.set("Subtype", "Form");
        form.dict.set("BBox", edge.get(b"MediaBox")?.clone());
        form.dict.set("Resources", resources);
        forms.push(Object::Reference(content));

        let name = format!("Edge{at}");
        let draw = format!("/Artifact <</Type /Pagination>> BDC q /{name} Do Q EMC\n");
        let draw = file.add(&Stream::new(Dictionary::new(), draw.into_bytes()).into())?;
        let mut resources = match page.get(b"Resources") {
            Ok(resources) => resources.as_dict()?.clone(),
            Err(_) => Dictionary::new(),
        };
        let mut drawings = match resources.get(b"XObject") {
            Ok(drawings) => drawings.as_dict()?.clone(),
            Err(_) => Dictionary::new(),
        };
        drawings.set(name, content);
        resources.set("XObject", drawings);
        let mut contents = vec![draw.into()];
        match page.get(b"Contents") {
            Ok(Object::Array(all)) => contents.extend(all.iter().cloned()),
            Ok(one) => contents.push(one.clone()),
            Err(_) => {}
        }
        page.set("Resources", resources);
        page.set("Contents", contents);
    }
    part.trailer = dictionary! { "Root" => forms };
    part.prune_objects();
    for (id, object) in &part.objects {
        file.put(*id, object)?;
    }
    Ok(())
}

/// Writes the outline: a tree of the headings. Nothing if there are none.
fn outline(file: &mut Written, headings: &[Heading]) -> Result<Option<ObjectId>> {
    let root = file.new_id();
    let ids: Vec<ObjectId> = headings.iter().map(|_| file.new_id()).collect();
    let Some((outline, items)) = tree(headings, root, &ids) else { return Ok(None) };
    file.put(root, &outline.into())?;
    for (id, item) in ids.into_iter().zip(items) {
        file.put(id, &item.into())?;
    }
    Ok(Some(root))
}

/// The root of the outline and its items, linked with each other; nothing without headings.
fn tree(headings: &[Heading], root: ObjectId, ids: &[ObjectId]) -> Option<(Dictionary, Vec<Dictionary>)> {
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
    (!items.is_empty()).then_some((outline, items))
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
