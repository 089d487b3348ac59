//! From label files to class ids: which channel or colour says the class, what stored ids mean, what is refused and
//! why.

mod reading;
mod refused;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use self::reading::DecodedLabel;
pub(crate) use self::table::LabelTable;
