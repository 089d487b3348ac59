//! All scenes of a data set at a glance: small pictures and what the files hold, each made once and kept on the disk.

mod thumbnail;

pub use self::thumbnail::thumbnail;
