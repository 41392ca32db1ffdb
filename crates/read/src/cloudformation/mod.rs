//! CloudFormation templates in YAML and JSON, SAM included, with nested stacks; and what `cdk synth` writes.
//!
//! How a template is read:
//! - `detect` looks at the bytes; `tree` parses them with spans; `nested` loads stacks that lie next to it.
//! - `evaluate` and its neighbours work out expressions world by world: a parameter with written alternatives
//!   and a condition that nobody can decide are choices, and everything that depends on them is guarded.
//! - `network` joins resources to policies: `groups`, `default_groups`, `acls`, `prefix_lists`.
//!
//! Invariants:
//! - A file that is no template is none in silence; a template that cannot be read is a diagnostic.
//! - What only deployment decides is unknown with its reason, or, where the possible values are written down,
//!   a choice between them.

mod acls;
mod assembly;
mod conditions;
mod data;
mod default_groups;
mod detect;
mod evaluate;
mod fields;
mod groups;
mod intrinsics;
pub(crate) mod managed_prefix_lists;
mod nested;
mod network;
mod parameters;
mod prefix_lists;
mod rules;
mod template;
mod text;
mod unit;

use crate::{Files, Options};
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Dialect, Estate};

pub use assembly::read_assembly;
pub(crate) use rules::port_match;
pub(crate) use text::{address_block, protocol};

/// What reading one template gave.
#[derive(Debug, Clone, Default)]
pub struct TemplateReading {
    /// The policies of the template and of the nested stacks that it makes.
    pub estate: Estate,
    /// What there is to say about the input.
    pub diagnostics: Vec<Diagnostic>,
    /// Files that were read as nested stacks: they are not to be read again on their own, where their parameters
    /// would be unknown.
    pub nested: Vec<Arc<str>>,
}

/// Whether bytes could be a template, from a quick look. What it lets through may still turn out to be none.
pub fn looks_like_template(bytes: &[u8]) -> bool {
    detect::could_be_template(bytes)
}

/// Whether a file has a name under which people keep templates. A walk reads only these; a file that was named by
/// the user may be called anything.
pub fn has_template_name(path: &str) -> bool {
    detect::has_template_name(path)
}

/// Reads a template with the nested stacks it makes. `None` = the file is no template.
pub fn read_template(path: &Arc<str>, files: &dyn Files, options: &Options) -> Option<TemplateReading> {
    let unit = unit::Unit::new(files, options, Dialect::CloudFormation);
    let mut nested = Vec::new();
    match files.bytes(path) {
        Ok(bytes) => {
            if !looks_like_template(&bytes) {
                return None;
            }
            match unit.parse(path, bytes.clone()) {
                Some((tree, roots)) => {
                    for root in roots {
                        let template =
                            template::Template::new(unit.next_template(), tree.clone(), root, path.clone());
                        unit.load(template, &[], &mut nested);
                    }
                    network::collect(&unit);
                }
                None if unit.is_silent() => return None,
                None if !has_template_name(path) || !detect::means_to_be_template(&bytes) => return None,
                None => {}
            }
        }
        Err(why) => nested::whole_file(&unit, path, &why),
    }
    let (estate, diagnostics) = unit.finish();
    nested.sort();
    nested.dedup();
    Some(TemplateReading { estate, diagnostics, nested })
}

#[cfg(test)]
mod tests;
