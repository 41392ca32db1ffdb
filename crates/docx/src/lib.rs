//! A report as DOCX.
