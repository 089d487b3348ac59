//! What the parts do together: manifests, lists, splits, loading, checking, real images.

mod checking;
mod domains;
mod geometry;
mod lists;
mod loading;
mod manifests;
mod naming;
mod realdata;
mod size;
mod sources;
