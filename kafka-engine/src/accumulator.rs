//! Records on their way into batches.
