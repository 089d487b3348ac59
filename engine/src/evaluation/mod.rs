//! The confusion matrix, the metric conventions and every subset of the sensors.
