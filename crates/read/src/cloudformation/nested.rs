//! Loading templates, and the nested stacks that lie next to them.

use super::data::{Cases, Data, Here, Unknown, always};
use super::template::{Parent, Resource, ResourceKind, Template, is_template};
use super::unit::{MAX_TEMPLATES, Unit};
use crate::FileError;
use crate::tree::{self, Kind, NodeId, Tree};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Reason, Severity};

/// How deep nested stacks are followed.
const MAX_NESTING: usize = 16;

impl Unit<'_> {
    /// The documents of a file that are templates. `None` when there are none; what is wrong is reported.
    pub(super) fn parse(&self, path: &Arc<str>, bytes: Arc<[u8]>) -> Option<(Rc<Tree>, Vec<NodeId>)> {
        let tree = match tree::parse(path, bytes, &self.options.limits) {
            Ok(tree) => tree,
            Err(fault) => {
                self.report(Severity::Error, path, Some(fault.span), fault.message);
                return None;
            }
        };
        for doubt in tree.doubts() {
            self.report(Severity::Warning, path, Some(doubt.span), doubt.message.clone());
        }
        let roots: Vec<NodeId> =
            tree.roots().iter().copied().filter(|root| is_template(&tree, *root)).collect();
        (!roots.is_empty()).then(|| (Rc::new(tree), roots))
    }

    /// Adds a template, reads its resources and follows its nested stacks.
    pub(super) fn load(
        &self,
        template: Template,
        ancestors: &[Arc<str>],
        nested: &mut Vec<Arc<str>>,
    ) -> usize {
        let template = self.add(template);
        self.read_macros(&template);
        self.load_resources(&template);
        let resources = template.resources();
        for (index, resource) in resources.list.iter().enumerate() {
            if matches!(resource.kind, ResourceKind::Stack | ResourceKind::ServerlessApplication) {
                self.follow(&template, index, resource, ancestors, nested);
            }
        }
        template.id
    }

    /// `Transform` at the top, and a transform beside the sections.
    fn read_macros(&self, template: &Rc<Template>) {
        for name in ["Transform", "Fn::Transform"] {
            let Some(section) = template.section(name) else { continue };
            let list = match template.tree.kind(section.node) {
                Kind::Sequence => self.arguments(&section),
                _ => vec![section],
            };
            let reasons = list.iter().filter_map(|item| self.transform_reason(item));
            template.macros.borrow_mut().extend(reasons);
        }
    }

    fn follow(
        &self,
        template: &Rc<Template>,
        index: usize,
        resource: &Resource,
        ancestors: &[Arc<str>],
        nested: &mut Vec<Arc<str>>,
    ) {
        let unread = |severity: Severity, why: String| {
            let place = template.place(resource.key);
            let message = format!("the nested stack {} is not read: {why}", resource.logical);
            self.report(severity, &template.path, Some(place.span), message.clone());
            template.unread.borrow_mut().insert(index, Reason::at(message, place));
        };
        let location = match self.location(template, resource) {
            Ok(Some(location)) => location,
            Ok(None) => return,
            Err(why) => return unread(Severity::Note, why),
        };
        let Some(path) = beside(&template.path, &location) else {
            return unread(Severity::Note, format!("{location} is not a local file"));
        };
        let path: Arc<str> = path.into();
        let refuse = |why: &str| unread(Severity::Warning, format!("{path} {why}"));
        if ancestors.contains(&path) || template.path == path {
            // What it holds is read anyhow, as the stack around.
            let message =
                format!("the nested stack {} is one of the stacks around it: {path}", resource.logical);
            return self.report(Severity::Warning, &template.path, Some(resource.key), message);
        }
        if ancestors.len() >= MAX_NESTING || self.next_template() >= MAX_TEMPLATES {
            return refuse("is nested too deep, or there are too many stacks");
        }
        let bytes = match self.files.bytes(&path) {
            Ok(bytes) => bytes,
            Err(FileError::Missing) => return refuse("does not exist"),
            Err(FileError::Unreadable(why)) => return refuse(&format!("cannot be read ({why})")),
        };
        let Some((tree, roots)) = self.parse(&path, bytes) else {
            return refuse("is not a template that can be read");
        };
        let Some(root) = roots.first() else { return };
        let mut child = Template::new(self.next_template(), tree, *root, path.clone());
        child.prefix = format!("{}{}/", template.prefix, resource.logical);
        child.exists = self.exists(template, resource);
        child.parent = Some(Parent {
            template: template.id,
            properties: self.properties(resource).maps(),
            logical: resource.logical.clone(),
        });
        let inherited = template.pseudo.iter().filter(|(name, _)| !name.starts_with("AWS::Stack"));
        child.pseudo = inherited.cloned().collect();
        child.constructs = template.constructs.clone();
        child.assets = template.assets.clone();
        nested.push(path);
        template.children.borrow_mut().insert(index, child.id);
        let ancestors: Vec<Arc<str>> = ancestors.iter().chain([&template.path]).cloned().collect();
        self.load(child, &ancestors, nested);
    }

    /// Where the template of a nested stack is. CDK names its file in the metadata, everybody else in a property.
    fn location(&self, template: &Rc<Template>, resource: &Resource) -> Result<Option<String>, String> {
        if let Some(metadata) = self.field(&resource.body, "Metadata")
            && let Some(path) = self.field(&metadata.value, "aws:asset:path")
            && let Some(path) = template.tree.text(path.value.node)
        {
            return Ok(Some(path.to_owned()));
        }
        if let Some(path) = self.asset(template, resource) {
            return Ok(Some(path));
        }
        let name = match resource.kind {
            ResourceKind::Stack => "TemplateURL",
            _ => "Location",
        };
        let properties = self.properties(resource);
        match properties.cases(name).as_slice() {
            [(_, Data::Text(text))] => Ok(Some(text.to_string())),
            [(_, Data::Absent)] | [] => Ok(None),
            [(_, Data::Node(_))] if resource.kind == ResourceKind::ServerlessApplication => {
                Err("it comes from the Serverless Application Repository".to_owned())
            }
            _ => Err("where its template is cannot be known from the input".to_owned()),
        }
    }

    /// The file of an assembly whose hash is in the address of a nested stack's template.
    fn asset(&self, template: &Rc<Template>, resource: &Resource) -> Option<String> {
        if template.assets.is_empty() {
            return None;
        }
        let tree = &template.tree;
        let (_, properties) = tree.get(resource.body.node, "Properties")?;
        let (_, url) = tree.get(properties, "TemplateURL")?;
        tree.below(url).filter_map(|node| tree.text(node)).find_map(|text| {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            words.filter(|word| word.len() >= 16).find_map(|hash| template.assets.get(hash).cloned())
        })
    }

    /// `Outputs.Name` of a nested stack.
    pub(super) fn nested_output(
        &self,
        template: &Rc<Template>,
        index: usize,
        name: &str,
        here: &Here,
    ) -> Cases {
        let resources = template.resources();
        let logical = resources.list.get(index).map(|r| r.logical.clone()).unwrap_or_default();
        let child = template.children.borrow().get(&index).copied().and_then(|id| self.template(id));
        let unknown = |text: String| {
            let key = format!("{}{logical}.Outputs.{name}", template.prefix);
            always(Data::Unknown(Unknown::keyed(self.reason(here, text), key)))
        };
        let Some(child) = child else {
            return unknown(format!("the nested stack {logical} is not in the input"));
        };
        let output = child.section("Outputs").and_then(|outputs| self.field(&outputs, name));
        let value = output.and_then(|output| self.field(&output.value, "Value"));
        match value {
            Some(value) => {
                self.step(
                    format!("it is the output {name} of the nested stack {logical}"),
                    Some(value.entry),
                );
                self.cases(&value.value)
            }
            None => unknown(format!("the nested stack {logical} has no output {name}")),
        }
    }
}

/// The path of a file that a template names, relative to the run's root. `None` for an address on the network
/// and for what lies outside of the root.
pub(super) fn beside(template: &str, location: &str) -> Option<String> {
    let location = location.trim();
    let location = location.strip_prefix("file://").unwrap_or(location);
    if location.is_empty() || location.contains("://") || location.starts_with('/') || location.contains('\0')
    {
        return None;
    }
    let folder = template.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    let absolute = template.starts_with('/');
    for part in location.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." => return None,
            part => parts.push(part),
        }
    }
    Some(if absolute { format!("/{}", parts.join("/")) } else { parts.join("/") })
}

/// An error about a file as a whole.
pub(super) fn whole_file(unit: &Unit, path: &Arc<str>, why: &FileError) {
    let message = match why {
        FileError::Missing => "the file does not exist".to_owned(),
        FileError::Unreadable(why) => format!("the file cannot be read: {why}"),
    };
    unit.report(Severity::Error, path, None, message);
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn locations_are_relative_to_the_template() {
        assert_eq!(beside("a/b/main.yaml", "./net.yaml").as_deref(), Some("a/b/net.yaml"));
        assert_eq!(beside("a/b/main.yaml", "../net.yaml").as_deref(), Some("a/net.yaml"));
        assert_eq!(beside("main.yaml", "sub\\net.yaml").as_deref(), Some("sub/net.yaml"));
        assert_eq!(beside("main.yaml", "../net.yaml"), None);
        assert_eq!(beside("main.yaml", "https://bucket.s3.amazonaws.com/net.yaml"), None);
        assert_eq!(beside("main.yaml", "/etc/passwd"), None);
    }
}
