//! What the audit promises, table by table.

mod allowed;
mod baselines;
mod certainty;
mod gates;
mod known;
mod reviews;
mod s6463;
mod suppression;
mod views;
