//! The worker thread that carries out commands.
