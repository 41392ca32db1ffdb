//! The bounds that keep hostile input from costing more than it should (design invariant 8).

/// Limits of one run. Past one of them a diagnostic says so, and the rest of the run goes on.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one source or template file.
    pub file_bytes: u64,
    /// Nesting of values and expressions.
    pub depth: usize,
    /// Nodes that YAML aliases may expand to in one file.
    pub alias_nodes: usize,
    /// Steps of the interpreter in one application.
    pub steps: u64,
    /// Calls on the interpreter's stack.
    pub call_depth: usize,
    /// Worlds in which one policy is judged.
    pub worlds: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 << 20,
            depth: 200,
            alias_nodes: 100_000,
            steps: 5_000_000,
            call_depth: 64,
            worlds: 1024,
        }
    }
}
