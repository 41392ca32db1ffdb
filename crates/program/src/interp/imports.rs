//! Imports: files of the project first, then libraries by name.

use super::{Frame, Interp};
use crate::core::{Import, Imported};
use crate::host::Host;
use crate::value::{ModuleObject, Object, ObjectId, ScopeKind, Value, Variable};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Guard, Severity, Span};

impl<H: Host> Interp<H> {
    pub(crate) fn import_all(&mut self, imports: &[Import]) {
        for import in imports {
            self.import(import);
        }
    }

    fn import(&mut self, import: &Import) {
        match &import.what {
            Imported::Top => {
                let top = import.module.split('.').next().unwrap_or_default().to_owned();
                self.module_named(&import.module, import.span);
                let value = self.module_named(&top, import.span);
                let name = self.names.intern(&top);
                self.bind(self.scope(), name, value, None);
            }
            Imported::Module(bind) => {
                let value = self.module_named(&import.module, import.span);
                self.bind(self.scope(), *bind, value, None);
            }
            Imported::Member { name, bind } => {
                let module = self.module_of(import);
                let variable = self.member(&module, *name, import.span);
                self.bind(self.scope(), *bind, variable.value, variable.written);
            }
            Imported::Star => {
                let module = self.module_of(import);
                self.import_star(&module);
            }
        }
    }

    fn import_star(&mut self, module: &Value) {
        match module {
            Value::Module(id) => {
                let Object::Module(module) = self.heap.get(*id) else { return };
                let scope = module.scope;
                let Some(from) = self.heap.scope(scope).map(|scope| scope.variables.clone()) else { return };
                let listed = from.get(&self.sym.all).map(|variable| variable.value.clone());
                let listed: Option<Vec<Rc<str>>> = listed
                    .and_then(|value| self.elements(&value))
                    .map(|(items, _)| items.iter().filter_map(|(_, v)| v.as_str().cloned()).collect());
                let mut names: Vec<_> = from.into_iter().collect();
                names.sort_by_key(|(name, _)| *name);
                for (name, variable) in names {
                    let text = self.names.text(name);
                    let public = match &listed {
                        Some(listed) => listed.iter().any(|l| l == text),
                        None => !text.starts_with('_'),
                    };
                    if public {
                        self.bind(self.scope(), name, variable.value, variable.written);
                    }
                }
            }
            Value::External(path) => {
                let path = path.clone();
                for member in H::members(self, &path) {
                    let name = self.names.intern(&member);
                    let full = self.dotted(&path, name);
                    let value = self.external(&full);
                    self.bind(self.scope(), name, value, None);
                }
            }
            _ => {}
        }
    }

    fn member(&mut self, module: &Value, name: crate::names::Symbol, span: Span) -> Variable {
        match module {
            Value::Module(id) => {
                let Object::Module(object) = self.heap.get(*id) else {
                    return Variable { value: Value::None, written: None };
                };
                let scope = object.scope;
                if let Some(variable) = self.heap.scope(scope).and_then(|s| s.variables.get(&name)) {
                    return variable.clone();
                }
                Variable { value: self.module_attribute(*id, name, span), written: None }
            }
            other => Variable { value: self.attribute(other, name, span), written: None },
        }
    }

    fn module_of(&mut self, import: &Import) -> Value {
        if import.level == 0 {
            return self.module_named(&import.module, import.span);
        }
        let mut folder: Rc<str> = self.current_folder();
        for _ in 1..import.level {
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent).into();
        }
        let mut target = folder.to_string();
        for part in import.module.split('.').filter(|part| !part.is_empty()) {
            if !target.is_empty() {
                target.push('/');
            }
            target.push_str(part);
        }
        match self.load(&target) {
            Some(module) => module,
            None => self.unknown_at("the module is not among the files that were read", import.span),
        }
    }

    fn current_folder(&self) -> Rc<str> {
        let path = self.current_path();
        path.rsplit_once('/').map_or("", |(folder, _)| folder).into()
    }

    /// The module with an absolute dotted name: of the project, else of a library.
    pub(crate) fn module_named(&mut self, dotted: &str, span: Span) -> Value {
        let folder = self.current_folder();
        let asked = (self.names.intern(&folder), self.names.intern(dotted));
        if let Some(known) = self.library_modules.get(&asked) {
            return known.clone();
        }
        let relative = dotted.replace('.', "/");
        let top = relative.split('/').next().unwrap_or_default().to_owned();
        if let Some(root) = self.root_of(&top, folder) {
            // Packages on the way are initialised first, as Python does.
            let mut at = String::new();
            let mut loaded = None;
            for part in relative.split('/') {
                at = if at.is_empty() { below(&root, part) } else { format!("{at}/{part}") };
                loaded = self.load(&at);
            }
            if let Some(module) = loaded {
                return module;
            }
            return self.unknown_at("the module is not among the files that were read", span);
        }
        let module = Value::External(H::canonical(self, dotted));
        self.library_modules.insert(asked, module.clone());
        module
    }

    /// The folder in which an absolute import finds the module `top`. Looked up are the entries' folders, the
    /// project's, then that of the importing file and those above it.
    fn root_of(&mut self, top: &str, mut folder: Rc<str>) -> Option<Rc<str>> {
        let symbol = self.names.intern(top);
        let known = match self.tops.get(&symbol) {
            Some(known) => known.clone(),
            None => {
                let found = self.roots.clone().into_iter().find(|root| self.is_module(&below(root, top)));
                self.tops.insert(symbol, found.clone());
                found
            }
        };
        if known.is_some() {
            return known;
        }
        loop {
            if self.is_module(&below(&folder, top)) {
                return Some(folder);
            }
            match folder.rsplit_once('/') {
                Some((parent, _)) => folder = parent.into(),
                None if folder.is_empty() => return None,
                None => folder = "".into(),
            }
        }
    }

    fn is_module(&mut self, at: &str) -> bool {
        if let Some(known) = self.looked_for.get(at) {
            return *known;
        }
        let found = H::has_file(self, &format!("{at}.py"))
            || H::has_file(self, &format!("{at}/__init__.py"))
            || H::has_folder(self, at);
        self.looked_for.insert(at.into(), found);
        found
    }

    /// A module below a package's folder.
    pub(crate) fn submodule(&mut self, folder: &str, name: &str) -> Option<Value> {
        self.load(&below(folder, name))
    }

    /// Loads the module at a path without ending.
    fn load(&mut self, at: &str) -> Option<Value> {
        if let Some(id) = self.modules.get(at) {
            return Some(Value::Module(*id));
        }
        let package = format!("{at}/__init__.py");
        let file = format!("{at}.py");
        if H::has_file(self, &package) {
            Some(Value::Module(self.load_file(&package, at, at, "")))
        } else if H::has_file(self, &file) {
            let folder = at.rsplit_once('/').map_or("", |(folder, _)| folder);
            let name = at.replace('/', ".");
            Some(Value::Module(self.load_file(&file, at, folder, &name)))
        } else if H::has_folder(self, at) {
            let scope = self.new_scope(None, ScopeKind::Module);
            let module = ModuleObject { path: at.into(), scope, folder: at.into() };
            let id = self.heap.add(Object::Module(Rc::new(module)));
            self.modules.insert(at.into(), id);
            Some(Value::Module(id))
        } else {
            None
        }
    }

    /// Runs a file as the program's entry (`__name__ == "__main__"`).
    pub fn run_entry(&mut self, path: &str) {
        let at = path.strip_suffix(".py").unwrap_or(path);
        let folder = at.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        self.load_file(path, at, &folder, "__main__");
    }

    /// Runs a file as an imported module, unless it was run already.
    pub fn run_module(&mut self, path: &str) -> Option<ObjectId> {
        let at = path.strip_suffix(".py").unwrap_or(path);
        let at = at.strip_suffix("/__init__").unwrap_or(at);
        match self.load(at)? {
            Value::Module(id) => Some(id),
            _ => None,
        }
    }

    fn load_file(&mut self, path: &str, key: &str, folder: &str, name: &str) -> ObjectId {
        let path: Arc<str> = path.into();
        let scope = self.new_scope(None, ScopeKind::Module);
        let module = ModuleObject { path: path.clone(), scope, folder: folder.into() };
        let id = self.heap.add(Object::Module(Rc::new(module)));
        self.modules.insert(key.into(), id);
        let Some(bytes) = H::file(self, &path) else { return id };
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            Err(error) => {
                self.diagnostics.push(Diagnostic {
                    severity: Severity::Warning,
                    path,
                    span: None,
                    message: format!(
                        "not UTF-8 after {} bytes: the file was not read; save it as UTF-8",
                        error.valid_up_to()
                    ),
                });
                return id;
            }
        };
        if self.frames.len() >= self.bounds.depth * 2 {
            return id;
        }
        let code = crate::python::lower(&path, text, &mut self.names, self.bounds.nesting);
        self.diagnostics.extend(code.diagnostics.iter().cloned());
        self.entered.insert((path.clone(), u32::MAX));
        let name_value = Value::str(name);
        let file_value = Value::str(&*path);
        self.bind(scope, self.sym.name, name_value, None);
        self.bind(scope, self.sym.file, file_value, None);
        let base = self.path_len();
        self.frames.push(Frame {
            path,
            qualified: "".into(),
            scope,
            site: None,
            receiver: None,
            function: 0,
            returns: Vec::new(),
            base,
            chain: Default::default(),
        });
        // What a module raises stops the import; what comes after it is read all the same.
        let raised = std::mem::replace(&mut self.raised, Guard::Never);
        let leave = self.block(&code.body);
        if name == "__main__" && !self.ended_well && matches!(self.settled(leave.raised), Guard::Always) {
            self.broke_off = true;
        }
        self.raised = raised;
        self.frames.pop();
        // Closures keep the parts they need; the rest of the tree goes.
        id
    }
}

/// The path of what is called `name` in a folder.
fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
