//! All scenes of a data set at a glance: small pictures and what the files hold, each made once and kept on the disk.

mod block;
mod cache;
mod fingerprint;
mod kept;
mod surveying;
#[cfg(test)]
mod tests;
mod thumbnail;

pub use self::cache::Cache;
pub use self::surveying::Surveying;
pub use self::thumbnail::thumbnail;
