//! CPU kernels of our own where they beat the stock ones; the one room with unsafe code.
