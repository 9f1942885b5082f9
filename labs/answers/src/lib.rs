//! Your answers live beside this file, in `src/bin`: one program a step.
