//! The context of an application: `cdk.json`, `cdk.context.json`, and what the program sets itself.

use serde_json::{Map, Value as Json};
use tidegate_program::Value;
use std::rc::Rc;
use indexmap::IndexMap;

/// Context values by key.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// From files; `None` = there is no `cdk.json`, so nobody can know what is given.
    pub files: Option<Map<String, Json>>,
    /// Set by the program (`App(context=…)`, `node.set_context`).
    pub set: IndexMap<Rc<str>, Value>,
}

impl Context {
    /// Whether a feature flag is on. Without `cdk.json` the library's own defaults hold: off.
    pub fn flag(&self, name: &str) -> bool {
        if let Some(value) = self.set.get(name) {
            return matches!(value, Value::Bool(true)) || matches!(value, Value::Str(text) if &**text == "true");
        }
        match self.files.as_ref().and_then(|files| files.get(name)) {
            Some(Json::Bool(on)) => *on,
            Some(Json::String(text)) => text == "true",
            _ => false,
        }
    }
}
