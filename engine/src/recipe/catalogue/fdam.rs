//! Feature alignment of two sensors (AMDANet).

pub mod local;
