//! The `kafka` command line.

fn main() {}
