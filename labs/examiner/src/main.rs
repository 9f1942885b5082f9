//! The map of the course.
fn main() {}
