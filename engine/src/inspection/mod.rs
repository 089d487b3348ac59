//! Pictures of what the network sees.
