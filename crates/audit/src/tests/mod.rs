//! What the audit promises, table by table.

mod allowed;
mod baselines;
mod certainty;
mod s6463;
mod suppression;
