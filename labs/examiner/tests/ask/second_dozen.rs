//! What the experiments 13 to 25 must observe.

use super::Claims;

pub const CLAIMS: &[Claims] = &[];
