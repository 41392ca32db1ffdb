//! The context of an application: `cdk.json`, `cdk.context.json`, and what the program sets itself.

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};
use std::rc::Rc;
use tidegate_program::Value;

/// Context values by key.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// From files; `None` = there is no `cdk.json`, so nobody can know what is given.
    pub files: Option<Map<String, Json>>,
    /// Values that no file gives may be given on the command line.
    pub open: bool,
    /// Set by the program (`App(context=…)`, `node.set_context`).
    pub set: IndexMap<Rc<str>, Value>,
}

impl Context {
    /// Whether a feature flag is on. Without `cdk.json` the library's own defaults hold: off.
    pub fn flag(&self, name: &str) -> bool {
        if let Some(value) = self.set.get(name) {
            return matches!(value, Value::Bool(true))
                || matches!(value, Value::Str(text) if &**text == "true");
        }
        match self.files.as_ref().and_then(|files| files.get(name)) {
            Some(Json::Bool(on)) => *on,
            Some(Json::String(text)) => text == "true",
            _ => false,
        }
    }

    /// What an earlier look-up said of a group, by id or name: whether it lets everything out. The key is
    /// `security-group:account=…:region=…:securityGroupId=sg-…` (aws-cdk-lib, core/lib/context-provider.js).
    pub fn security_group(&self, wanted: &str) -> Option<bool> {
        let (_, answer) = self.files.as_ref()?.iter().find(|(key, _)| {
            key.starts_with("security-group:")
                && key.split(':').any(|part| {
                    part.split_once('=').is_some_and(|(name, value)| {
                        matches!(name, "securityGroupId" | "securityGroupName") && value == wanted
                    })
                })
        })?;
        answer.get("allowAllOutbound")?.as_bool()
    }
}
